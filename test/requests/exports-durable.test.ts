import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { unzip } from "../archive/unzip.ts";
import { get } from "./archives.ts";
import { comparable, rowsHeld } from "./held-rows.ts";
import { openKillable } from "./killable.ts";
import { ask } from "./rights.ts";
import { openWorld, type World } from "./world.ts";

const reader = "stor.leser@example.com";
const deliveries = 20_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "innsyn-exports-"));
});
afterAll(() => rm(folder, { recursive: true }));

interface Part {
  readonly n: number;
  readonly md5: string;
}

/** What has been read of the deliveries. */
const partsOf = ({ gateway }: World) =>
  gateway.rows<Part>(
    "select n, md5(encrypted_rows) from export_part where record_type = 'deliveries' order by n",
  );

async function until<T>(value: () => Promise<T>, isSo: (value: T) => boolean): Promise<T> {
  for (const end = Date.now() + 60_000; ;) {
    const now = await value();
    if (isSo(now)) return now;
    if (Date.now() > end) throw new Error(`not within a minute: ${JSON.stringify(now)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

it("a system that fails half-way is gone on with where it stopped, and nothing that persons are lies there to be read", async () => {
  await using world = await openWorld();
  const { gateway } = world;
  // So that the archive is not whole, and what has been read stays.
  await gateway.open("events", false);
  await gateway.manners("slow", { ms: 40 });
  const { request } = await ask(world, "requestExport", {}, { as: reader });
  await until(
    () => partsOf(world),
    ({ length }) => length >= 3,
  );
  await gateway.manners("error-500");
  const [step] = await until(
    () =>
      gateway.rows<{ last_error: string | null }>(
        "select last_error from request_step where request_id = $1 and source = 'mailing'",
        [request.id],
      ),
    ([row]) => row?.last_error === "FAILED",
  );
  expect(step).toBeDefined();
  const before = await partsOf(world);
  expect(before.length).toBeLessThan(deliveries / 500);
  await gateway.manners(null);
  await until(
    () => partsOf(world),
    ({ length }) => length === deliveries / 500,
  );
  expect((await partsOf(world)).slice(0, before.length)).toEqual(before);

  const [made] = await until(
    () => gateway.rows<{ n: number }>("select count(*)::int as n from export_chunk"),
    ([row]) => (row?.n ?? 0) > 0,
  );
  expect(made).toBeDefined();
  const plain = ["PK", reader, "Stor", "campaign"].map((text) => Buffer.from(text));
  const lies = await gateway.rows<{ bytes: Buffer }>(
    "select encrypted_rows as bytes from export_part union all select encrypted from export_chunk",
  );
  for (const text of plain.slice(1)) expect(lies.some(({ bytes }) => bytes.includes(text))).toBe(false);
  expect(lies.some(({ bytes }) => bytes.subarray(0, 2).equals(plain[0] ?? Buffer.alloc(2)))).toBe(false);
}, 120_000);

it("killed half-way through a list, and between the effect of a step and its commit, it comes to the same archive", async () => {
  await using replica = await openKillable(join(folder, "killed"));
  const { world } = replica;
  const own = replica.killAtOwnSteps([
    { source: "mailing", action: "READ" },
    { source: "gateway", action: "READ" },
    { source: "gateway", action: "EXPORT" },
  ]);
  const isAskedFor = async () => (await world.gateway.rows("select 1 from export")).length > 0;
  while (!(await isAskedFor()))
    await replica.ask("mutation { requestExport(input: {}) { __typename } }", {}, reader);
  await own;
  await replica.settled();
  expect(await replica.killed()).toEqual(expect.arrayContaining(["page deliveries"]));
  const [row] = await world.gateway.rows<{ id: string }>("select id from export");
  const shown = await replica.ask(
    "query($id: ID!) { request(id: $id) { status download { url isWhole } } }",
    { id: row?.id },
    reader,
  );
  const [, url = ""] = /"url":"([^"]+)"/.exec(JSON.stringify(shown)) ?? [];
  expect(shown).toMatchObject({ data: { request: { status: "COMPLETED", download: { isWhole: true } } } });
  const answer = await get(world, url, reader);
  const archive = await unzip(Buffer.from(await answer.arrayBuffer()));
  for (const place of ["mailing/deliveries", "crm/orders", "learning/courses"] as const)
    expect(comparable(JSON.parse(archive.file(`data/${place}.json`)))).toEqual(
      await rowsHeld(world, place, reader),
    );
  expect(JSON.parse(archive.file("data/mailing/deliveries.json"))).toHaveLength(deliveries);
  const words = (await world.gateway.outside.mails()).filter(({ subject }) =>
    /download|ready|fetch/i.test(subject),
  );
  expect(new Set(words.map(({ id }) => id)).size).toBe(1);
}, 180_000);
