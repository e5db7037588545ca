import type { RestMapping } from "../../connectors/rest/mapping.ts";
import type { SqlMapping } from "../../connectors/sql/mapping.ts";
import type { CustomerCollections, CustomerField } from "../../sources/crm/records.ts";
import type { AttendeeCollections, AttendeeField } from "../../sources/events/records.ts";
import type { LearnerCollections, LearnerField } from "../../sources/learning/records.ts";
import type { SubscriberCollections, SubscriberField } from "../../sources/mailing/records.ts";
import { canaryEmail } from "../people/fixed.ts";

const canary = { kind: "EMAIL", value: canaryEmail } as const;
const reference = "key of another row; says nothing by itself";

export function crmMapping(url: string): SqlMapping<CustomerField, CustomerCollections> {
  return {
    connector: "sql",
    dialect: "postgresql",
    url,
    person: {
      table: "kontakt",
      key: "kontakt_id",
      identifiers: [
        { kind: "EMAIL", column: "epost" },
        { kind: "CUSTOMER_NUMBER", column: "kundenr" },
      ],
      fields: {
        customerNumber: "kundenr",
        name: "navn",
        email: "epost",
        phone: "mobil",
        jobTitle: "stilling",
        organisation: "firma",
        postalAddress: "adresse",
        customerSince: { column: "kunde_siden", as: "date" },
        lastActivityAt: { column: "sist_aktiv", as: "moment" },
      },
      other: [
        { name: "Fødselsdato", column: { column: "fodselsdato", as: "date" }, category: "IDENTITY" },
        { name: "Merknad", column: "merknad", category: "CONVERSATION" },
        { name: "Sperret", column: "sperret", category: "RIGHTS_REQUEST" },
      ],
      notPersonal: {
        soketekst: "computed by the CRM from the number, name, address and phone that are shown",
      },
      updatedAt: { column: "endret", as: "moment" },
    },
    collections: {
      conversations: {
        table: "samtale",
        key: "samtale_id",
        parent: "kontakt_id",
        order: { column: "tidspunkt", direction: "desc" },
        fields: {
          at: { column: "tidspunkt", as: "moment" },
          channel: "kanal",
          subject: "emne",
          body: "tekst",
          handledBy: "saksbehandler",
        },
        notPersonal: { ordre_id: reference },
      },
      orders: {
        table: "ordre",
        key: "ordre_id",
        parent: "kontakt_id",
        order: { column: "ordredato", direction: "desc" },
        fields: {
          number: "ordrenr",
          orderedAt: { column: "ordredato", as: "moment" },
          total: { column: "belop", as: "decimal" },
          currency: "valuta",
          status: "status",
          warrantyUntil: { column: "garanti_til", as: "date" },
          restricted: { column: "sperret", as: "boolean" },
          retainedUntil: { column: "oppbevares_til", as: "date" },
        },
      },
      "orders.lines": {
        table: "ordrelinje",
        key: "linje_id",
        parent: "ordre_id",
        fields: {
          product: "vare",
          quantity: { column: "antall", as: "number" },
          unitPrice: { column: "stykkpris", as: "decimal" },
          amount: { column: "belop", as: "decimal" },
        },
      },
      "orders.returns": {
        table: "retur",
        key: "retur_id",
        parent: "ordre_id",
        fields: {
          returnedAt: { column: "mottatt", as: "moment" },
          reason: "arsak",
          status: "status",
        },
      },
      enrichments: {
        table: "berikelse",
        key: "berikelse_id",
        parent: "kontakt_id",
        fields: {
          attribute: "egenskap",
          value: "verdi",
          provider: "leverandor",
          obtainedAt: { column: "hentet", as: "moment" },
        },
      },
    },
    canary,
  };
}

export function learningMapping(url: string): SqlMapping<LearnerField, LearnerCollections> {
  return {
    connector: "sql",
    dialect: "postgresql",
    url,
    person: {
      table: "mdl_user",
      key: "id",
      identifiers: [
        { kind: "EMAIL", column: "email", spellings: ["NFD"] },
        { kind: "USERNAME", column: "username" },
        { kind: "CUSTOMER_NUMBER", column: "idnumber" },
      ],
      fields: {
        username: "username",
        email: "email",
        name: { columns: ["firstname", "lastname"], separator: " " },
        phone: "phone1",
        jobTitle: "title",
        organisation: "institution",
        createdAt: { column: "timecreated", as: "epochSeconds" },
        lastLoginAt: { column: "lastlogin", as: "epochSeconds" },
      },
      other: [
        { name: "Kundenummer", column: "idnumber", category: "IDENTITY" },
        { name: "Språk", column: "lang", category: "TECHNICAL" },
        { name: "Slettet konto", column: "deleted", category: "TECHNICAL" },
        { name: "Sperret konto", column: "suspended", category: "TECHNICAL" },
      ],
      notPersonal: { password: "a credential: none ever enters the gateway" },
      updatedAt: { column: "timemodified", as: "epochSeconds" },
    },
    collections: {
      courses: {
        table: "mdl_course_completions",
        key: "id",
        parent: "userid",
        order: { column: "timecompleted", direction: "desc", nullable: true },
        joins: [{ table: "mdl_course", alias: "course", on: ["course", "id"] }],
        fields: {
          course: "course.fullname",
          level: "level",
          status: "state",
          score: { column: "grade", as: "number" },
          completedAt: { column: "timecompleted", as: "epochSeconds" },
        },
        notPersonal: { course: reference },
      },
      surveyAnswers: {
        table: "mdl_feedback_value",
        key: "id",
        parent: "userid",
        order: { column: "timemodified", direction: "desc" },
        fields: {
          survey: "feedback",
          question: "item",
          answer: "value",
          answeredAt: { column: "timemodified", as: "epochSeconds" },
        },
      },
      sessions: {
        table: "mdl_session_trace",
        key: "id",
        parent: "userid",
        order: { column: "startedAt", direction: "desc" },
        fields: {
          startedAt: { column: "startedAt", as: "moment" },
          browser: "userAgent",
          ipAddress: "ip",
          responseTimeMs: { column: "responseMs", as: "number" },
        },
      },
    },
    canary,
  };
}

export function eventsMapping(url: string): SqlMapping<AttendeeField, AttendeeCollections> {
  return {
    connector: "sql",
    dialect: "postgresql",
    url,
    person: {
      table: "Attendee",
      key: "Id",
      identifiers: [{ kind: "EMAIL", column: "Email", spellings: ["NFD"] }],
      fields: { name: "FullName", email: "Email", phone: "Phone" },
      other: [
        {
          name: "Notat",
          column: "MarketingNote",
          category: "EVENT_PARTICIPATION",
        },
        {
          name: "Opprettet",
          column: "CreatedAt",
          category: "EVENT_PARTICIPATION",
        },
      ],
      updatedAt: { column: "UpdatedAt", as: "moment" },
    },
    collections: {
      registrations: {
        table: "Registration",
        key: "Id",
        parent: "AttendeeId",
        order: { column: "RegisteredAt", direction: "desc" },
        joins: [{ table: "Event", alias: "event", on: ["EventId", "Id"] }],
        fields: {
          event: "event.Title",
          startsAt: { column: "event.StartsAt", as: "moment" },
          registeredAt: { column: "RegisteredAt", as: "moment" },
          status: "Status",
          attended: { column: "Attended", as: "boolean" },
          name: "Name",
          email: "Email",
          phone: "Phone",
          dietaryNeeds: "DietaryNeeds",
          accessNeeds: "AccessNeeds",
          note: "Note",
        },
        notPersonal: { EventId: reference },
      },
      competitionEntries: {
        table: "CompetitionEntry",
        key: "Id",
        parent: "AttendeeId",
        fields: {
          competition: "Competition",
          enteredAt: { column: "EnteredAt", as: "moment" },
          answer: "Answer",
          won: { column: "Won", as: "boolean" },
        },
      },
    },
    canary,
  };
}

/** Where the e-mail tool listens, and an API user of it. */
export interface MailingAccess {
  readonly url: string;
  readonly user: string;
  readonly token: string;
}

const clickFields = {
  url: "url",
  at: { path: "created_at", as: "moment" },
} as const;

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
        lists: { clicks: { path: "clicks", fields: clickFields } },
      },
      "deliveries.clicks": { embedded: "clicks", fields: clickFields },
    },
    canary,
  };
}
