import { afterAll, beforeAll, expect } from "vitest";
import type { ErasableSource, Kept, OfRecord, Whose } from "../../src/sources/erasures.ts";
import { ownRecord } from "../../src/sources/writes.ts";
import { heldOf, none, reason } from "./erasing-conformance.ts";
import { soon } from "./harness.ts";
import { type Erasures, sqlErasingHarness, type SqlErasingSystem } from "./sql-erasing-harness.ts";
import { trying } from "./writing-conformance.ts";

/** Tables that a file of tests has people erased from, and what it asks of them; made and dropped with the file. */
export function stage() {
  let erasing: SqlErasingSystem;
  beforeAll(async () => {
    erasing = await sqlErasingHarness.make("integer");
  });
  afterAll(() => erasing[Symbol.asyncDispose]());

  const store = () => erasing.system.store;
  const sql = <R extends object>(text: string, values: unknown[] = []) => store().pool.query<R>(text, values);
  const count = async (text: string, values: unknown[] = []) =>
    (await sql<{ n: number }>(`select count(*)::int as n from ${text}`, values)).rows[0]?.n;
  const held = ({ recordKey }: OfRecord) => heldOf(store(), recordKey);
  const erase = (
    whose: Whose,
    recordType: string,
    { kept = none, from = erasing.source, options = trying() } = {},
  ) => from.erase({ whose, recordType, kept }, options).then(({ state }) => state, reason);
  const remains = (whose: Whose, kept: Kept = none, from = erasing.source) =>
    from
      .remains(whose, kept, soon())
      .then((left) => left.map(({ recordType, place, count: n }) => [recordType, place, n]), reason);
  const eraseAll = async (whose: OfRecord) => {
    for (const type of ["letters", "tags", "traces", ownRecord])
      expect(await erase(whose, type)).toMatch(/done|absent/);
  };

  let people = 0;
  const named = async (address: string, letters = 0): Promise<OfRecord> => {
    const recordKey = await store().person({ email: address });
    await store().letters(
      recordKey,
      Array.from({ length: letters }, (_, n) => new Date(1.7e12 + n).toISOString()),
    );
    const value = address.normalize("NFKC").toLowerCase();
    return { recordKey, identifiers: [{ kind: "EMAIL", value }] };
  };
  const somebody = (letters = 3) => named(`table${++people}@example.com`, letters);

  /** A rule of the system's own, for as long as a test takes. */
  const withTrigger = async (on: string, body: string, check: () => Promise<void>) => {
    await sql(`create or replace function rule() returns trigger language plpgsql as $$begin ${body} end$$;
      create trigger rule ${on} execute function rule()`);
    const table = /on (\w+)/.exec(on)?.[1];
    try {
      await check();
    } finally {
      await sql(`drop trigger rule on ${table}`);
    }
  };
  const withRule = async (rule: string, undo: string, check: () => Promise<void>) => {
    await sql(rule);
    try {
      await check();
    } finally {
      await sql(undo);
    }
  };

  return {
    system: () => erasing.system,
    source: (): ErasableSource => erasing.source,
    with: (change: (erasures: Erasures) => Erasures) => erasing.with(change),
    trace: (key: string | null, address: string) => erasing.trace(key, address),
    store,
    sql,
    count,
    held,
    erase,
    eraseAll,
    remains,
    named,
    somebody,
    withTrigger,
    withRule,
  };
}
