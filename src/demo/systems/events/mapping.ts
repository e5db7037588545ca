import type { SqlMapping } from "../../../connectors/sql/mapping.ts";
import type { AttendeeCollections, AttendeeField } from "../../../sources/events/records.ts";
import { canary, reference } from "../canary.ts";

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
      writes: {
        fields: {
          name: { kind: "TEXT" },
          email: { kind: "EMAIL" },
          phone: { kind: "PHONE", form: "ZEROS" },
        },
        touched: [{ column: "UpdatedAt", as: "moment" }],
        snapshots: [{ collection: "registrations", repeats: ["name", "email", "phone"] }],
      },
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
    erasures: {
      collections: {
        // One may register another: the row is theirs, and about the other.
        registrations: { identifiers: [{ kind: "EMAIL", column: "Email" }] },
        competitionEntries: {},
      },
      traces: [
        {
          // Whoever registers as a guest is nobody's attendee, and whose attendee is deleted becomes a guest.
          table: "Registration",
          key: "Id",
          where: { AttendeeId: null },
          named: [{ column: "Email", by: "EMAIL", within: true }],
        },
        {
          table: "AuditLog",
          key: "Id",
          named: [
            { column: "AttendeeId", by: "RECORD" },
            { column: "Changes", by: "EMAIL", within: true },
          ],
        },
      ],
      record: {},
    },
  };
}
