import type { RestMapping } from "../../../connectors/rest/mapping.ts";
import type { SubscriberCollections, SubscriberField } from "../../../sources/mailing/records.ts";
import { canary } from "../canary.ts";

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
    success: { failedIf: [{ path: "message" }] },
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
    record: { path: "/api/subscribers/{key}", result: "data" },
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
  };
}
