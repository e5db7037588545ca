import { arrayAt, at } from "../../../connectors/rest/json.ts";
import type { Erased, ErasingJob, RestErasures } from "../../../connectors/rest/erasure-mapping.ts";

const addresses = ({ identifiers }: Pick<Erased, "identifiers">) =>
  identifiers.filter(({ kind }) => kind === "EMAIL").map(({ value }) => value);

/** Wipes what outlives a subscriber: so it can be asked for before and after the deletion. */
const wiping: ErasingJob<"bounces"> = {
  alsoTakes: ["bounces"],
  withoutRecord: {
    method: "POST",
    path: "/api/privacy/addresses/wipe",
    body: (person) => ({ emails: addresses(person) }),
  },
  job: {
    start: {
      method: "POST",
      path: "/api/privacy/erasures",
      body: (person) => ({ subscriber_id: Number(person.recordKey), emails: addresses(person) }),
    },
    key: "data.id",
    status: {
      path: "/api/privacy/erasures/{job}",
      state: "data.state",
      running: ["running"],
      done: ["done"],
      failed: ["failed"],
    },
    find: {
      path: "/api/privacy/erasures",
      parameters: { subscriber_id: "{key}" },
      results: "data",
      key: "id",
      reference: "reference",
    },
    askAgainAfter: 2,
  },
};

const remains = {
  path: "/api/privacy/remains",
  asks: { key: "subscriber_id", EMAIL: "email" },
  by: wiping,
} as const;

/** Deleting the subscriber leaves opens and clicks, and a note of the deletion: those are wiped by the tool's own job. */
export const erasures: RestErasures<"subscriptions" | "deliveries" | "bounces"> = {
  types: [
    {
      recordType: "deliveries",
      manner: "ERASE",
      by: { call: { method: "DELETE", path: "/api/subscribers/{key}/deliveries" } },
    },
    {
      recordType: "bounces",
      manner: "ERASE",
      by: { call: { method: "DELETE", path: "/api/subscribers/{key}/bounces" } },
    },
    {
      recordType: "subscriptions",
      manner: "ERASE",
      by: {
        call: {
          method: "PUT",
          path: "/api/subscribers/lists",
          body: ({ recordKey, record }) => ({
            ids: [Number(recordKey)],
            action: "remove",
            target_list_ids: arrayAt(record, "lists").map((list) => at(list, "id")),
          }),
        },
      },
    },
    {
      recordType: "traces",
      manner: "ERASE",
      places: [
        {
          ...remains,
          counts: {
            campaign_views: "data.campaign_views",
            link_clicks: "data.link_clicks",
            former_addresses: "data.former_addresses",
          },
        },
      ],
    },
    {
      recordType: "record",
      manner: "ERASE",
      by: {
        call: { method: "DELETE", path: "/api/subscribers/{key}" },
        alsoTakes: ["deliveries", "bounces", "subscriptions"],
      },
      places: [{ ...remains, counts: { deletion_notes: "data.deletion_notes" }, canary: "HAS_NOTHING" }],
    },
  ],
  listing: {
    path: "/api/subscribers",
    parameters: { order_by: "id", order: "asc" },
    results: "data.results",
    size: "per_page",
    limit: 500,
    total: "data.total",
    after: { parameter: "query", write: (id) => `subscribers.id > ${id}` },
  },
};
