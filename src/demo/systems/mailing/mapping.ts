import { arrayAt, at, textAt } from "../../../connectors/rest/json.ts";
import type { RestMapping } from "../../../connectors/rest/mapping.ts";
import type { SubscriberCollections, SubscriberField } from "../../../sources/mailing/records.ts";
import { canary } from "../canary.ts";
import { erasures } from "./erasures.ts";

/** Where the e-mail tool listens, and an API user of it. */
export interface MailingAccess {
  readonly url: string;
  readonly user: string;
  readonly token: string;
}

export function mailingMapping(access: MailingAccess): RestMapping<SubscriberField, SubscriberCollections> {
  return {
    connector: "rest",
    baseUrl: access.url,
    authentication: {
      scheme: "basic",
      user: access.user,
      password: access.token,
    },
    success: { failedIf: [{ path: "message" }, { path: "data", equals: false }] },
    find: {
      path: "/api/subscribers",
      filter: {
        parameter: "query",
        dialect: "sql",
        write: (kind, quoted) =>
          kind === "EMAIL" ? `lower(subscribers.email) IN (${quoted.join(", ")})` : null,
      },
      results: "data.results",
      paging: {
        page: "page",
        size: "per_page",
        limit: 100,
        total: "data.total",
      },
    },
    // Of an id that is not there, the tool says 400.
    record: { path: "/api/subscribers/{key}", result: "data", absentStatuses: [400] },
    person: {
      key: "id",
      identifiers: [{ kind: "EMAIL", path: "email" }],
      fields: {
        address: "email",
        name: "name",
        phone: { path: "attribs.phone", optional: true },
        status: {
          path: "status",
          values: {
            enabled: "ENABLED",
            disabled: "UNSUBSCRIBED",
            blocklisted: "BLOCKLISTED",
          },
        },
      },
      other: [
        {
          name: "By",
          path: { path: "attribs.city", optional: true },
          category: "CONTACT",
        },
        { name: "Opprettet", path: { path: "created_at", as: "moment" }, category: "EMAIL_ENGAGEMENT" },
      ],
      notPersonal: { uuid: "another key of the same record" },
      updatedAt: "updated_at",
    },
    collections: {
      subscriptions: {
        embedded: "lists",
        fields: {
          list: "name",
          status: "subscription_status",
          subscribedAt: { path: "subscription_created_at", as: "moment" },
          unsubscribedAt: {
            path: "subscription_updated_at",
            as: "moment",
            when: { path: "subscription_status", equals: "unsubscribed" },
          },
        },
      },
      deliveries: {
        path: "/api/subscribers/{key}/deliveries",
        results: "data.results",
        key: "id",
        size: "per_page",
        after: { parameter: "after", path: "position" },
        total: "data.total",
        fields: {
          campaign: "campaign",
          sentAt: { path: "sent_at", as: "moment" },
          openedAt: { path: "opened_at", as: "moment" },
          repliedAt: { path: "replied_at", as: "moment" },
        },
      },
      "deliveries.clicks": {
        embedded: "clicks",
        fields: { url: "url", at: { path: "created_at", as: "moment" } },
      },
      bounces: {
        path: "/api/subscribers/{key}/bounces",
        whole: "data",
        fields: {
          at: { path: "created_at", as: "moment" },
          type: "type",
          source: "source",
          campaign: "campaign.name",
        },
      },
    },
    canary,
    writes: {
      fields: {
        address: { kind: "EMAIL", call: patch((email) => ({ email })) },
        name: { kind: "TEXT", maxLength: 200, call: patch((name) => ({ name })) },
        phone: {
          kind: "PHONE",
          form: "NATIONAL_GROUPED",
          groups: [3, 2, 3],
          call: patch((phone) => ({ attribs: { phone } })),
        },
      },
      suppression: {
        isOn: (record) => at(record, "status") !== "enabled" || listIds(record, subscribed).length === 0,
        on: membership((record) => ({ action: "unsubscribe", target_list_ids: listIds(record, subscribed) })),
        off: membership((record) => ({
          action: "add",
          status: "confirmed",
          target_list_ids: listIds(record, leftLast(record)),
        })),
        // Who was disabled or blocked in the tool itself, or was never on a list, is not written to at our word.
        staysOn: (record) => at(record, "status") !== "enabled" || listIds(record, unsubscribed).length === 0,
      },
      withdrawals: {
        since: (moment) =>
          `(subscribers.status <> 'enabled' and subscribers.updated_at >= ${moment}) or exists (select from subscriber_lists l where l.subscriber_id = subscribers.id and l.status = 'unsubscribed' and l.updated_at >= ${moment})`,
        at: (record) =>
          latest([
            ...lists(record)
              .filter(unsubscribed)
              .map((list) => textAt(list, "subscription_updated_at")),
            ...(at(record, "status") === "enabled" ? [] : [textAt(record, "updated_at")]),
          ]),
      },
      idempotencyHeader: "idempotency-key",
    },
    counts: {
      LIST: {
        groups: {
          path: "/api/lists",
          parameters: { per_page: "all" },
          results: "data.results",
          total: "data.total",
          key: "id",
          name: "name",
        },
        persons: (list, keys) => {
          const isOn = `exists (select from subscriber_lists l where l.subscriber_id = subscribers.id and l.list_id = ${list} and l.status <> 'unsubscribed')`;
          return keys === null ? isOn : `subscribers.id in (${keys.join(", ")}) and ${isOn}`;
        },
      },
    },
    erasures,
  };
}

const patch = (body: (value: string) => unknown) =>
  ({ method: "PATCH", path: "/api/subscribers/{key}", body }) as const;

const membership = (body: (record: unknown) => object) =>
  ({
    method: "PUT",
    path: "/api/subscribers/lists",
    body: (record: unknown) => ({ ids: [at(record, "id")], ...body(record) }),
  }) as const;

const lists = (record: unknown) => arrayAt(record, "lists");
const unsubscribed = (list: unknown) => at(list, "subscription_status") === "unsubscribed";
const subscribed = (list: unknown) => !unsubscribed(list);
const listIds = (record: unknown, which: (list: unknown) => boolean) =>
  lists(record)
    .filter(which)
    .map((list) => at(list, "id"));

/** Those left at one stroke, and last: a list that the person had left before, by itself, stays left. */
function leftLast(record: unknown): (list: unknown) => boolean {
  const left = (list: unknown) => textAt(list, "subscription_updated_at");
  const last = latest(lists(record).filter(unsubscribed).map(left));
  return (list) => unsubscribed(list) && left(list) === last;
}

/** Of moments in one zone or several. */
const latest = (moments: readonly string[]): string | null =>
  moments.toSorted((a, b) => Date.parse(a) - Date.parse(b)).at(-1) ?? null;
