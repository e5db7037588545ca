import { afterAll, beforeAll, expect, it } from "vitest";
import { insertErasure } from "../../src/requests/erasure-rows.ts";
import { batchOf, forgetInBatches, keepBatch } from "../../src/requests/retention-review-batches.ts";
import { inTransaction } from "../../src/store/tables.ts";
import { suppress } from "../../src/subjects/suppression.ts";
import { openRegister } from "../setup/register.ts";
import { insertRequest } from "../setup/requests.ts";
import { batchIn, batchUnderWay, endReview, waitingBatch } from "./batches.ts";
import { ended, erase } from "./erasing.ts";
import { idOf } from "./rights.ts";
import { carriedOut, opened } from "./reviews.ts";
import { stale } from "./stale.ts";
import { kari, openWorld, type World } from "./world.ts";

const ola = "ola.nordmann@example.com";
/** In the e-mail tool alone. */
const eva = "eva.enebo@example.com";
const turid = "turid.moe@example.com";
const email = (value: string) => ({ kind: "EMAIL", value }) as const;
const row = (key: string, ...values: readonly string[]) => ({
  key,
  recordKeys: [key],
  identifiers: values.map(email),
});

let world: World;
let register: Awaited<ReturnType<typeof openRegister>>;
beforeAll(async () => {
  world = await openWorld();
  register = await openRegister(world.gateway);
  await world.own("crm", stale);
});
afterAll(async () => {
  await register[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

async function keyOf(address: string): Promise<string> {
  const [found] = await world.own<{ key: string }>(
    "crm",
    "select kontakt_id::text as key from kontakt where lower(epost) = $1",
    [address],
  );
  return found?.key ?? expect.fail();
}

it("whoever is erased is named no more by what a review could not end; what hangs on the record still goes", async () => {
  // Both records go, and neither's traces.
  await world.own(
    "crm",
    `delete from ordre where ordre_id = 900002;
     update kontakt set epost = '${eva}' where kontakt_id = 900001;
     update epost_logg set mottaker = '${eva}' where logg_id = 900001;
     create function no_more() returns trigger language plpgsql as $$ begin raise exception 'full'; end $$;
     create trigger no_more before update or delete on kontakt_historikk for each row execute function no_more()`,
  );
  expect((await carriedOut(world, (await opened(world)).id)).status).toBe("NEEDS_ATTENTION");
  await world.own("crm", "drop trigger no_more on kontakt_historikk");
  const history = () => world.own("crm", "select 1 from kontakt_historikk where kontakt_id = 900001");
  expect(await history()).not.toEqual([]);
  const waiting = async () => {
    const [item] = await world.gateway.rows<{ id: string; sealed_batch: Buffer }>(
      "select id, sealed_batch from retention_review_item where sealed_batch is not null",
    );
    return item ? batchOf(register, item) : [];
  };
  const before = await waiting();
  const other = "gammel.garanti@example.org";
  expect(JSON.stringify(before)).toContain(eva);
  expect(JSON.stringify(before)).toContain(other);

  const { request } = await erase(world, eva);
  await world.until(request.id, ...ended);
  expect(JSON.stringify(await waiting())).not.toContain(eva);
  expect((await waiting()).map(({ key }) => key)).toEqual(before.map(({ key }) => key));
  const others = before.find(({ identifiers }) => identifiers.some(({ value }) => value === other));
  expect(await waiting()).toContainEqual(others);

  const next = await carriedOut(world, (await opened(world)).id);
  expect(next.items.find((item) => item.source === "crm" && item.recordType === "record")?.state).toBe(
    "DONE",
  );
  expect(await history()).toEqual([]);
  const traces = "select 1 from epost_logg where mottaker = $1";
  expect(await world.own("crm", traces, [other])).toEqual([]);
  expect(await waiting()).toEqual([]);
}, 60_000);

it("a record that the erasure has read is in no batch, also of that system alone, and a batch of nothing is none", async () => {
  const key = await keyOf("turid.moe@example.org");
  const stranger = row("900009", "fremmed@example.org");
  const [alone, both, elsewhere] = [
    await waitingBatch(register, "crm", [row(key, "annen@example.org")]),
    await waitingBatch(register, "crm", [row(key), stranger]),
    await waitingBatch(register, "events", [row(key, "annen@example.org")]),
  ];
  const { request } = await erase(world, turid, { sources: ["crm"] });
  await world.until(request.id, ...ended);
  expect(
    await world.gateway.rows("select sealed_batch from retention_review_item where id = $1", [alone]),
  ).toEqual([{ sealed_batch: null }]);
  expect(await batchIn(register, both)).toEqual([stranger]);
  expect(await batchIn(register, elsewhere)).toEqual([row(key, "annen@example.org")]);
});

it("a review that has them in memory does not write them down again, whoever comes first", async () => {
  const rows = [row(await keyOf(kari)), row("900010", kari, "fremmed@example.org")];
  const itemId = await batchUnderWay(register, "crm", rows);
  expect(await batchIn(register, itemId)).toEqual(rows);
  const { request } = await erase(world, kari);
  await world.until(request.id, ...ended);
  const left = [row("900010", "fremmed@example.org")];
  expect(await batchIn(register, itemId)).toEqual(left);
  await keepBatch(register, itemId, rows);
  expect(await batchIn(register, itemId)).toEqual(left);
  await endReview(register, itemId);
});

it("a review waits for an erasure that is ending, and leaves out whom that has erased", async () => {
  const itemId = await batchUnderWay(register, "crm", []);
  const subjectId = await idOf(world, ola);
  const erased = {
    identifiers: new Set([register.keyring.hash("identifier")("EMAIL", ola)]),
    records: new Set<string>(),
  };
  const requestId = await insertRequest(register, subjectId, { kind: "ERASURE", status: "COMPLETED" });
  let isKept = false;
  let keeping: Promise<void> | undefined;
  await inTransaction(register.store, async (db) => {
    await insertErasure(db, requestId, { sources: null, asOf: "2026-01-01" });
    await db
      .updateTable("erasure")
      .set({ finished_at: new Date() })
      .where("request_id", "=", requestId)
      .execute();
    await suppress(db, { subjectId, requestId, hashes: [...erased.identifiers], sources: null });
    await forgetInBatches(db, register, null, erased);
    keeping = keepBatch(register, itemId, [row("900012", ola)]).then(() => void (isKept = true));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(isKept).toBe(false);
  });
  await keeping;
  expect(await batchIn(register, itemId)).toEqual([row("900012")]);
});
