import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createSqlSource } from "../../src/connectors/sql/source.ts";
import type { ErasableSource } from "../../src/sources/erasures.ts";
import type { ExpiringSource } from "../../src/sources/expiring.ts";
import type { RecordLabel } from "../../src/sources/module.ts";
import { ownRecord } from "../../src/sources/writes.ts";
import { processor, soon } from "./harness.ts";
import { sqlErasingHarness, type SqlErasingSystem } from "./sql-erasing-harness.ts";
import { canaryAddress } from "./system.ts";
import { deviceTables, throughDevices } from "./through-devices.ts";
import { trying } from "./writing-conformance.ts";

const label = { category: "TECHNICAL", purposes: ["STATISTICS"] } as const;
const labels = {
  letters: { ...label, retention: { period: "P90D", after: "sent" } },
  tags: { ...label, retention: { period: "P1Y", after: "label" } },
  [ownRecord]: { ...label, retention: { period: "P2Y", after: "updatedAt" } },
} satisfies Record<string, RecordLabel>;
const of = (recordType: keyof typeof labels) => ({ recordType, asOf: "2026-06-01", labels });
const [old, recent] = ["2020-01-01", "2026-05-30"];

let erasing: SqlErasingSystem;
let source: ErasableSource;
let expiring: ExpiringSource;

const sql = <R extends object>(text: string, values: unknown[] = []) =>
  erasing.system.store.pool.query<R>(text, values).then(({ rows }) => rows);
const keyOf = async (address: string) =>
  (await sql<{ id: string }>("select id::text from person where email = $1", [address]))[0]?.id ??
  expect.fail(address);
async function person(address: string): Promise<string> {
  await erasing.system.store.person({ email: address });
  return keyOf(address);
}
const use = (device: string, user: string | null, told: string) =>
  sql("insert into device_use (device, person_id, told) values ($1, $2, $3)", [device, user, told]);
const read = (device: string, ...sent: readonly string[]) =>
  sql("insert into reading (device, sent, kind, opened) select $1, unnest($2::timestamptz[]), 1, true", [
    device,
    sent,
  ]);
const readings = async () =>
  (await sql<{ device: string }>("select device from reading where device <> 'canary' order by device")).map(
    ({ device }) => device,
  );
const uses = () =>
  sql<{ device: string; isSomebodys: boolean }>(
    `select device, person_id is not null as "isSomebodys" from device_use where device <> 'canary'
     order by device, person_id nulls last`,
  );
/** All that can go now, but for what somebody asks to be spared. */
async function endAll(recordType: keyof typeof labels, spared: readonly string[] = []): Promise<void> {
  for (let after: string | null = null; ;) {
    const { rows, next } = await expiring.page(of(recordType), after, soon());
    const going = rows.filter(({ recordKeys }) => !recordKeys.some((key) => spared.includes(key)));
    await expiring.end(of(recordType), going, trying());
    if (next === null) return;
    after = next;
  }
}
const overOf = async (recordType: keyof typeof labels) => (await expiring.count(of(recordType), soon())).over;

beforeAll(async () => {
  erasing = await sqlErasingHarness.make("integer");
  await sql(deviceTables("integer", erasing.system.role));
  const mapping = throughDevices(erasing.system.readerUrl);
  const { tags, letters } = mapping.collections;
  source = await createSqlSource("test", processor, {
    ...mapping,
    collections: {
      ...mapping.collections,
      letters: { ...letters, fields: { ...letters.fields, sent: { column: "sent", as: "moment" } } },
      tags: { ...tags, fields: { ...tags.fields, label: { column: "told", as: "moment" } }, notPersonal: {} },
    },
  });
  expiring = source.expiring ?? expect.fail("it cannot be asked");
});
beforeEach(async () => {
  await sql("truncate device_use, reading");
  await sql("delete from person where email <> $1", [canaryAddress]);
  await use("canary", await keyOf(canaryAddress), old);
  await read("canary", old);
});
afterAll(async () => {
  await source.close();
  await erasing[Symbol.asyncDispose]();
});

it("ends what is over on a thing, whoever used it, and nothing of whom it is restricted", async () => {
  const [one, two, held] = [
    await person("one@example.com"),
    await person("two@example.com"),
    await person("held@example.com"),
  ];
  await sql("update person set restricted = true where id = $1", [held]);
  await use("own", one, recent);
  for (const user of [one, two]) await use("both", user, recent);
  for (const user of [two, held]) await use("held", user, recent);
  for (const device of ["own", "both", "held", "nobody's"]) await read(device, old, recent);

  expect(await expiring.judges(of("letters"))).toBe(true);
  expect(await expiring.count(of("letters"), soon())).toEqual({ over: 3, held: 0, undated: 0, left: 1 });
  // Each once, however many of them are asked about.
  expect(await expiring.countOf(of("letters"), [one, two], soon())).toBe(2);
  expect(await expiring.countOf(of("letters"), [two, held], soon())).toBe(1);
  await endAll("letters", [two]);
  expect(await readings()).toEqual(["both", "both", "held", "held", "nobody's", "own"]);
  await endAll("letters");
  expect(await readings()).toEqual(["both", "held", "held", "nobody's", "own"]);
  expect(await overOf("letters")).toBe(0);
});

it("forgets who used a thing once nothing is left there that would be taken for another's", async () => {
  const [one, two] = [await person("one@example.com"), await person("two@example.com")];
  await use("own", one, old);
  await read("own", old, recent);
  await use("both", one, old);
  await use("both", two, recent);
  await read("both", recent);
  await use("unread", one, old);

  // What is recent keeps "own"; that others have used "both" stays known without saying who.
  expect(await expiring.count(of("tags"), soon())).toEqual({ over: 2, held: 1, undated: 0, left: 0 });
  await endAll("tags");
  expect(await uses()).toEqual([
    { device: "both", isSomebodys: true },
    { device: "both", isSomebodys: false },
    { device: "own", isSomebodys: true },
  ]);
  expect(await expiring.count(of("tags"), soon())).toEqual({ over: 0, held: 1, undated: 0, left: 0 });
  const [page] = await source.page("letters", [{ recordKey: two, first: 10 }], soon());
  expect(page?.rows).toEqual([]);

  // Counted once what hangs on it is over as well; gone when that has gone.
  await sql("update reading set sent = $1 where device = 'own'", [old]);
  expect(await overOf("tags")).toBe(1);
  await endAll("tags");
  expect(await overOf("tags")).toBe(1);
  await endAll("letters");
  await endAll("tags");
  expect(await uses()).toEqual([
    { device: "both", isSomebodys: true },
    { device: "both", isSomebodys: false },
  ]);
});

it("undoes what would take along something of whoever used it", async () => {
  const one = await person("one@example.com");
  await use("own", one, recent);
  await read("own", old);
  // A rule of the system's own.
  await sql(`create function unused() returns trigger language plpgsql security definer as $$ begin
      delete from device_use where device = old.device; return old; end $$;
    create trigger unused after delete on reading for each row execute function unused()`);
  await expect(endAll("letters")).rejects.toMatchObject({ name: "SourceFailure" });
  expect(await readings()).toEqual(["own"]);
  expect(await uses()).toEqual([{ device: "own", isSomebodys: true }]);
  await sql("drop trigger unused on reading");
});
