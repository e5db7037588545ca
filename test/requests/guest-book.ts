import type { SqlMapping } from "../../src/connectors/sql/mapping.ts";
import { connected } from "../../src/demo/postgres/administration.ts";
import type { AttendeeCollections, AttendeeField } from "../../src/sources/events/records.ts";

export const processor = { name: "Gjestebok AS", country: "NO", agreement: "DPA 2026-01" };

const canary = { kind: "EMAIL", value: "canary@example.com" } as const;

/** A small system of events, with nothing in it that takes long. */
export const guestBook = (url: string): SqlMapping<AttendeeField, AttendeeCollections> => ({
  connector: "sql",
  dialect: "postgresql",
  url,
  person: {
    table: "guest",
    key: "id",
    identifiers: [{ kind: "EMAIL", column: "email" }],
    fields: { name: "name", email: "email", phone: null },
  },
  collections: {
    registrations: {
      table: "visit",
      key: "id",
      parent: "guest_id",
      order: { column: "at", direction: "desc" },
      fields: {
        registeredAt: { column: "at", as: "moment" },
        event: null,
        startsAt: null,
        status: null,
        attended: null,
        name: null,
        email: null,
        phone: null,
        dietaryNeeds: null,
        accessNeeds: null,
        note: "note",
      },
    },
    competitionEntries: {
      table: "entry",
      key: "id",
      parent: "guest_id",
      fields: { competition: "competition", enteredAt: null, answer: null, won: null },
    },
  },
  canary,
  erasures: { collections: { registrations: {}, competitionEntries: {} }, record: {} },
});

/** The system writes down whom each statement deletes that deletes anybody. */
export const openGuestBook = (url: string) =>
  connected(url, (client) =>
    client.query(`
      create table guest (id integer primary key, name text not null, email text not null);
      create table visit (id integer generated always as identity primary key,
        guest_id integer not null references guest, at timestamptz not null default now(), note text);
      create table entry (id integer generated always as identity primary key,
        guest_id integer not null references guest, competition text not null);
      create index on guest (lower(email));
      create index on visit (guest_id, at desc, id desc);
      create index on entry (guest_id, id);
      create table effect (guest_id integer not null);
      create function note_effects() returns trigger language plpgsql as $$ begin
        insert into effect select id from gone; return null; end $$;
      create trigger note after delete on guest referencing old table as gone
        for each statement execute function note_effects();
      insert into guest values (-1, 'Kanari', '${canary.value}');
      insert into visit (guest_id, note) values (-1, 'x');
      insert into entry (guest_id, competition) values (-1, 'x')`),
  );

export const guestAddress = (n: number) => `gjest.${n}@example.com`;

export const addGuests = (url: string, from: number, to: number) =>
  connected(url, (client) =>
    client.query(
      `insert into guest select n, 'Gjest ' || n, 'gjest.' || n || '@example.com' from generate_series(${from}, ${to} - 1) n; analyze`,
    ),
  );
