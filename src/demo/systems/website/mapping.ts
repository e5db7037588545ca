import type { SqlMapping } from "../../../connectors/sql/mapping.ts";
import type { VisitorCollections, VisitorField } from "../../../sources/website/records.ts";
import { canary, reference } from "../canary.ts";

export function websiteMapping(url: string): SqlMapping<VisitorField, VisitorCollections> {
  return {
    connector: "sql",
    dialect: "postgresql",
    url,
    person: {
      table: "web_contact",
      key: "contact_key",
      identifiers: [{ kind: "EMAIL", column: "email", spellings: ["NFD"] }],
      fields: {
        email: "email",
        firstSeenAt: { column: "first_seen_at", as: "moment" },
        lastSeenAt: { column: "last_seen_at", as: "moment" },
      },
      other: [
        { name: "Språk", column: "locale", category: "TECHNICAL" },
        { name: "Kom fra", column: "came_from", category: "TECHNICAL" },
      ],
      updatedAt: { column: "updated_at", as: "moment" },
      writes: {
        fields: { email: { kind: "EMAIL" } },
        touched: [{ column: "updated_at", as: "moment" }],
        snapshots: [{ collection: "submissions", repeats: ["email"] }],
      },
    },
    collections: {
      submissions: {
        table: "web_submission",
        key: "submission_key",
        parent: "contact_key",
        order: { column: "submitted_at", direction: "desc" },
        joins: [{ table: "web_form", alias: "form", on: ["form_key", "form_key"] }],
        fields: {
          form: "form.title",
          submittedAt: { column: "submitted_at", as: "moment" },
          replyTo: "reply_to",
        },
        notPersonal: { form_key: reference },
      },
      "submissions.fields": {
        table: "web_submission_field",
        key: "field_key",
        parent: "submission_key",
        order: { column: "position", direction: "asc" },
        fields: { name: "label", value: "value" },
        notPersonal: { position: "where in the form the field is" },
      },
      visits: {
        table: "web_visit",
        key: "visit_key",
        parent: "visitor_id",
        through: { collection: "browsers", column: "visitor_id" },
        order: { column: "started_at", direction: "desc" },
        fields: {
          at: { column: "started_at", as: "moment" },
          ipAddress: "ip",
          device: "device",
          browser: "browser",
          settings: "settings",
          country: "country",
          city: "city",
        },
      },
      browsers: {
        table: "web_contact_browser",
        key: "link_key",
        parent: "contact_key",
        fields: {
          visitorId: "visitor_id",
          recognisedAt: { column: "recognised_at", as: "moment" },
          recognisedBy: "recognised_by",
          shared: { shared: "visitor_id" },
        },
      },
    },
    canary,
    erasures: {
      collections: {
        submissions: { identifiers: [{ kind: "EMAIL", column: "reply_to" }] },
        // An address made shorter, with a device and a place, is still a person's for whoever knows them: nothing is left.
        visits: {},
        browsers: {
          shared: {
            key: "UUID",
            overwrite: { recognised_at: null, recognised_by: null },
            keeps: { visitor_id: "that others have used it, too" },
          },
        },
      },
      traces: [
        {
          // Whoever wrote before the website knew them is nobody's contact.
          table: "web_submission",
          key: "submission_key",
          where: { contact_key: null },
          along: [{ table: "web_submission_field", key: "field_key", parent: "submission_key" }],
          // Not every form knows which of its fields is the address.
          named: [
            { column: "reply_to", by: "EMAIL", within: true },
            { column: "value", of: "web_submission_field", by: "EMAIL", within: true },
          ],
        },
        {
          table: "web_mail_log",
          key: "mail_key",
          named: [
            { column: "contact_key", by: "RECORD" },
            { column: "sent_to", by: "EMAIL", within: true },
            { column: "body", by: "EMAIL", within: true },
          ],
        },
        {
          // Links that confirm an address have it in them.
          table: "web_request_log",
          key: "request_key",
          named: [
            { column: "contact_key", by: "RECORD" },
            { column: "request", by: "EMAIL", within: true },
          ],
        },
        {
          table: "web_contact_log",
          key: "log_key",
          named: [
            { column: "contact_key", by: "RECORD" },
            { column: "note", by: "EMAIL", within: true },
          ],
        },
      ],
      record: {},
    },
  };
}
