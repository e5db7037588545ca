import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { retentionByHand } from "../../bench/hand-written/retention.ts";
import { canary } from "../../src/demo/systems/canary.ts";
import { endState } from "./end-state.ts";
import { type Killable, openKillable } from "./killable.ts";
import { stale } from "./stale.ts";
import { dpo } from "./world.ts";

let folder: string;
let undisturbed: Killable;
let disturbed: Killable;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "innsyn-review-killed-"));
  undisturbed = await openKillable();
  disturbed = await openKillable(join(folder, "steps"));
});
afterAll(async () => {
  await Promise.all([undisturbed[Symbol.asyncDispose](), disturbed[Symbol.asyncDispose]()]);
  await rm(folder, { recursive: true });
});

interface Row {
  readonly id: string;
  readonly status: string;
}

/** Resolves with the latest review once it has such a status. */
async function until({ world, passTime }: Killable, ...statuses: readonly string[]): Promise<Row> {
  for (const end = Date.now() + 240_000; Date.now() < end;) {
    const [row] = await world.gateway.rows<Row>(
      "select id, status from retention_review order by opened_at desc limit 1",
    );
    if (row && statuses.includes(row.status)) return row;
    await passTime();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the review is not ${statuses.join(" or ")} after four minutes`);
}

/** The answer may be lost, while what was asked for is done. */
async function open(killable: Killable): Promise<Row> {
  await killable.ask("mutation { openRetentionReview(input: {}) { __typename } }", {}, dpo);
  return until(killable, "AWAITING_DECISION");
}

async function approve(killable: Killable, id: string): Promise<void> {
  await killable.ask(
    "mutation($id: ID!) { approveRetentionReview(input: { id: $id }) { __typename } }",
    { id },
    dpo,
    { strongly: true },
  );
}

const itemsOf = ({ world }: Killable) =>
  world.gateway.rows<{ readonly place: string; readonly state: string; readonly count: number }>(
    `select source || ' ' || record_type || ' ' || rule as place, action, count::int, held, undated, set_aside, state, gone, remaining, reason
     from retention_review_item i join retention_review r on r.id = i.review_id order by r.opened_at, place`,
  );

it("killed after each count and each batch, a review comes to the same end as undisturbed", async () => {
  await Promise.all(
    [undisturbed, disturbed].map(async (killable) => {
      await killable.world.own("crm", stale);
      const { id } = await open(killable);
      await approve(killable, id);
      await until(killable, "NEEDS_ATTENTION", "COMPLETED");
    }),
  );
  const killed = await disturbed.killed();
  expect(await undisturbed.killed()).toEqual([]);
  expect(killed).toEqual(expect.arrayContaining(["count crm", "count learning", "count events"]));
  // Systems are gone through at once: where one's batch has it killed, another's may just have taken effect, too.
  expect(killed.filter((step) => step.startsWith("end ")).length).toBeGreaterThan(4);
  const [expected, ended] = [await itemsOf(undisturbed), await itemsOf(disturbed)];
  expect(ended).toEqual(expected);
  expect(expected.filter(({ state, count }) => state === "DONE" && count > 0).length).toBeGreaterThan(7);
  const { systems } = await endState(undisturbed);
  expect((await endState(disturbed)).systems).toEqual(systems);
  const { record } = retentionByHand(new Date().toISOString().slice(0, 10), canary.value).crm;
  expect(await disturbed.world.own("crm", record)).toEqual([{ n: 0 }]);
}, 500_000);

it("killed when a record has gone and its traces are still there, it goes on with those", async () => {
  const { own, gateway } = undisturbed.world;
  await own("crm", "delete from ordre where ordre_id = 900002");
  await own(
    "crm",
    `create table held (yes boolean); insert into held values (true);
     create function hold() returns trigger language plpgsql as $$ begin
       if old.mottaker like 'gammel.garanti%' and exists (select from held) then perform pg_sleep(1.5); end if;
       return old; end $$;
     create trigger hold before delete on epost_logg for each row execute function hold()`,
  );
  const trace = "select 1 from epost_logg where mottaker like 'gammel.garanti%'";
  expect(await own("crm", trace)).toHaveLength(1);
  const { id } = await open(undisturbed);
  await approve(undisturbed, id);
  const record = () => own("crm", "select 1 from kontakt where kontakt_id = 900002");
  await expect.poll(record, { timeout: 30_000, interval: 10 }).toHaveLength(0);
  await undisturbed.kill();
  // What names it is kept, and says so to nobody who reads the table.
  const [batch] = await gateway.rows<{ sealed_batch: Buffer }>(
    "select sealed_batch from retention_review_item where sealed_batch is not null",
  );
  expect(batch?.sealed_batch.toString("latin1")).not.toContain("garanti");
  expect(await own("crm", trace)).toHaveLength(1);
  await own("crm", "delete from held");
  await until(undisturbed, "NEEDS_ATTENTION", "COMPLETED");
  expect(await own("crm", trace)).toHaveLength(0);
  expect(await own("crm", "select 1 from kontakt_historikk where kontakt_id = 900002")).toHaveLength(0);
  expect(
    await gateway.rows("select 1 from retention_review_item where sealed_batch is not null"),
  ).toHaveLength(0);
}, 300_000);
