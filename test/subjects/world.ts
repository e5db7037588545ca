import { randomBytes, randomUUID } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import type { SqlMapping } from "../../src/connectors/sql/mapping.ts";
import { createSqlSource } from "../../src/connectors/sql/source.ts";
import { connected, setOpen } from "../../src/demo/postgres/administration.ts";
import type { Identifier, Source } from "../../src/sources/contract.ts";
import type { Person, Viewer } from "../../src/sources/data-subject.ts";
import { createSourceReader } from "../../src/sources/loader.ts";
import type { Match } from "../../src/sources/match.ts";
import { openKeyring } from "../../src/store/keyring.ts";
import { fixedMasterKeys } from "../../src/store/master-keys.ts";
import { createPersonKeys } from "../../src/store/person-keys.ts";
import { openStore } from "../../src/store/store.ts";
import { dbOf, inTransaction } from "../../src/store/tables.ts";
import { reasonColumn } from "../../src/subjects/absorb.ts";
import { claimsFor } from "../../src/subjects/claims.ts";
import { createMatchNotes } from "../../src/subjects/match-notes.ts";
import { Matching } from "../../src/subjects/matching.ts";
import type { Reference } from "../../src/subjects/matching-parts.ts";
import {
  createPeople,
  identifierHash,
  type People,
  type RegisterParts,
  remember,
} from "../../src/subjects/people.ts";
import { keyOfPerson } from "../../src/subjects/person-key.ts";
import type { Principal } from "../../src/subjects/principal.ts";
import { testDatabase } from "../setup/database.ts";

export const systems = ["crm", "learning"] as const;
export type SystemName = (typeof systems)[number];

export const email = (value: string): Identifier => ({ kind: "EMAIL", value });
export const number = (value: string): Identifier => ({ kind: "CUSTOMER_NUMBER", value });
/** As in the demo. */
export const reference: Reference = { from: "learning", kind: "CUSTOMER_NUMBER", to: "crm" };

const own: Viewer = { as: "own", roles: new Set(["SUBJECT"]), purpose: "DATA_SUBJECT_RIGHTS" };
const staff: Viewer = { as: "staff", roles: new Set(["DPO"]), purpose: "DATA_SUBJECT_RIGHTS" };

export const principal = (sub: string, ...identifiers: readonly Identifier[]): Principal => ({
  sub,
  namespace: "https://id.example",
  name: null,
  roles: new Set(["SUBJECT"]),
  identifiers,
  authenticatedAt: null,
  authenticationContext: null,
});

export interface Register extends AsyncDisposable {
  readonly parts: RegisterParts;
  readonly people: People;
  readonly url: string;
}

/** The gateway's register over a database of its own. */
export async function openRegister(): Promise<Register> {
  const database = await testDatabase("gateway");
  const masterKeys = fixedMasterKeys(randomBytes(32));
  const store = await openStore({ url: database.url });
  const keyring = await openKeyring(store, masterKeys);
  const parts = { store, keyring, personKeys: createPersonKeys(masterKeys) };
  return {
    parts,
    people: createPeople(parts),
    url: database.url,
    async [Symbol.asyncDispose]() {
      await store.close(true);
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Two systems with nothing but identifiers, and the register beside them. */
export interface World extends AsyncDisposable, Register {
  readonly sources: ReadonlyMap<string, Source>;
  /** Adds a record. @returns its key */
  record(system: SystemName, ...identifiers: readonly Identifier[]): Promise<string>;
  remove(system: SystemName, key: string): Promise<void>;
  /** Gives a record another customer number. */
  renumber(system: SystemName, key: string, to: Identifier): Promise<void>;
  open(system: SystemName, open: boolean): Promise<void>;
  signIn(sub: string, ...identifiers: readonly Identifier[]): Promise<Person>;
  /** The match as the person is shown it, in a request of its own. */
  own(person: Person, system: SystemName, references?: readonly Reference[]): Promise<Match>;
  /** The match as staff are shown it, of the person as the register has them now. */
  staff(id: string, system: SystemName, references?: readonly Reference[]): Promise<Match>;
  link(id: string, system: SystemName, identifier: Identifier, ...keys: readonly string[]): Promise<void>;
  unlink(id: string, system: SystemName, ...keys: readonly string[]): Promise<void>;
  reviews(id: string): Promise<readonly string[]>;
}

export async function makeWorld(): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const register = stack.use(await openRegister());
  const { parts, people } = register;
  const sources = new Map<string, Source>();
  const pools = new Map<string, pg.Pool>();
  const names = new Map<string, string>();
  for (const system of systems) {
    const database = stack.use(await testDatabase());
    const pool = new pg.Pool({ connectionString: database.url, max: 2 });
    pool.on("error", () => undefined);
    stack.defer(() => pool.end());
    await pool.query(
      "create table person (id bigint primary key generated always as identity, mail text, no text)",
    );
    await pool.query("insert into person (mail, no) values ('canary@example.com', 'canary')");
    const source = await createSqlSource(system, processor, mapping(database.url));
    stack.defer(() => source.close());
    sources.set(system, source);
    pools.set(system, pool);
    names.set(system, database.name);
  }
  const hashRecord = parts.keyring.hash("record");
  const match = (person: Person, viewer: Viewer, system: string, references: readonly Reference[]) =>
    new Matching({
      reader: createSourceReader(sources),
      claims: claimsFor(dbOf(parts.store))(),
      references,
      hashIdentifier: identifierHash(parts.keyring.hash("identifier")),
      hashRecord,
      notes: createMatchNotes(parts, people),
    }).find(system, { ...person, viewer });
  const decide = (id: string, source: string, decision: string, keys: readonly string[]) =>
    inTransaction(parts.store, async (db) => {
      const key = await keyOfPerson(db, parts, id);
      await db
        .insertInto("match_decision")
        .values({
          id: randomUUID(),
          subject_id: id,
          source,
          decision,
          record_hashes: keys.map((each) => hashRecord(source, each)),
          sealed_reason: key.seal("because", reasonColumn),
          decided_by: "somebody",
          at: new Date(),
        })
        .execute();
    });
  const moved = stack.move();
  return {
    ...register,
    sources,
    async record(system, ...identifiers) {
      const of = (kind: string) => identifiers.find((each) => each.kind === kind)?.value ?? null;
      const { rows } = await poolOf(pools, system).query<{ id: string }>(
        "insert into person (mail, no) values ($1, $2) returning id",
        [of("EMAIL"), of("CUSTOMER_NUMBER")],
      );
      return String(rows[0]?.id);
    },
    async remove(system, key) {
      await poolOf(pools, system).query("delete from person where id = $1", [key]);
    },
    async renumber(system, key, { value }) {
      await poolOf(pools, system).query("update person set no = $2 where id = $1", [key, value]);
    },
    open: (system, open) =>
      connected(inject("postgresUrl"), (client) => setOpen(client, names.get(system) ?? "", open)),
    async signIn(sub, ...identifiers) {
      const person = await people.ofCaller(principal(sub, ...identifiers));
      if (person === null) throw new Error("a person was taken for staff");
      return person;
    },
    own: (person, system, references = []) => match(person, own, system, references),
    async staff(id, system, references = []) {
      const person = await people.byId(id);
      if (person === null) throw new Error("nobody has this id");
      return match(person, staff, system, references);
    },
    async link(id, system, identifier, ...keys) {
      await inTransaction(parts.store, (db) => remember(db, parts, id, "LINKED", [identifier], system));
      await decide(id, system, "LINKED", keys);
    },
    async unlink(id, system, ...keys) {
      await dbOf(parts.store)
        .deleteFrom("identifier")
        .where("subject_id", "=", id)
        .where("source", "=", system)
        .execute();
      await decide(id, system, "UNLINKED", keys);
    },
    async reviews(id) {
      const rows = await dbOf(parts.store)
        .selectFrom("match_review")
        .select("source")
        .where("subject_id", "=", id)
        .orderBy("source")
        .execute();
      return rows.map(({ source }) => source);
    },
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

const processor = { name: "Test", country: "NO", agreement: "none" };

function poolOf(pools: ReadonlyMap<string, pg.Pool>, system: string): pg.Pool {
  const pool = pools.get(system);
  if (pool === undefined) throw new Error(`there is no ${system}`);
  return pool;
}

const mapping = (url: string): SqlMapping<"email" | "number", Record<never, never>> => ({
  connector: "sql",
  dialect: "postgresql",
  url,
  person: {
    table: "person",
    key: "id",
    identifiers: [
      { kind: "EMAIL", column: "mail" },
      { kind: "CUSTOMER_NUMBER", column: "no" },
    ],
    fields: { email: "mail", number: "no" },
  },
  collections: {},
  canary: { kind: "EMAIL", value: "canary@example.com" },
});
