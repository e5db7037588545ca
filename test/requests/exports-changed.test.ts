import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { unzip, type Unzipped } from "../archive/unzip.ts";
import { exported, get, untilExported } from "./archives.ts";
import { ended, erase } from "./erasing.ts";
import { ask, confirmed } from "./rights.ts";
import { dpo, kari, openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

async function unzipped(url: string, as: string): Promise<Unzipped> {
  const answer = await get(world, url, as);
  expect(answer.status).toBe(200);
  return unzip(Buffer.from(await answer.arrayBuffer()));
}

const missingIn = (archive: Unzipped) =>
  (JSON.parse(archive.file("manifest.json")) as { missing: readonly { source: string }[] }).missing.map(
    ({ source }) => source,
  );
const inFolder = ({ entries }: Unzipped, folder: string) =>
  entries.map(({ fileName }) => fileName).filter((path) => path.startsWith(folder));

it("what staff say that they have seen to is in no archive, and is named there", async () => {
  const reader = "ingrid.aas@example.com";
  await world.gateway.open("events", false);
  try {
    const { request } = await ask(world, "requestExport", {}, { as: reader });
    const { steps } = await untilExported(world, request.id, { as: reader });
    const stepId = steps.find(({ source, state }) => source === "events" && state !== "DONE")?.id;
    const confirming = { id: request.id, stepId, because: "Sendt på papir" };
    expect(await confirmed(world, confirming, { as: dpo })).toMatchObject({ request: { id: request.id } });
    await world.until(request.id, "COMPLETED");
    const { download } = await untilExported(world, request.id, { as: reader });
    expect(download.isWhole).toBe(false);
    const archive = await unzipped(download.url, reader);
    expect(missingIn(archive)).toEqual(["events"]);
    expect(inFolder(archive, "data/events/")).toEqual([]);
  } finally {
    await world.gateway.open("events", true);
  }
});

it("a copy that is without something can be had again while it is, and not without end", async () => {
  const perDay = 5;
  const reader = "turid.moe@example.com";
  await world.gateway.open("events", false);
  try {
    const sums: string[] = [];
    for (let n = 0; n < perDay; n++) {
      const { request } = await ask(world, "requestExport", {}, { as: reader });
      const { id, download } = await untilExported(world, request.id, { as: reader });
      // There is one to be fetched.
      expect((await ask(world, "requestExport", {}, { as: reader })).request.id).toBe(id);
      expect((await exported(world, id, { as: reader })).download?.sha256).toBe(download.sha256);
      await unzipped(download.url, reader);
      await expect.poll(async () => (await exported(world, id, { as: reader })).download).toBeNull();
      sums.push(download.sha256);
    }
    expect(new Set(sums).size).toBe(perDay);
    expect(await ask(world, "requestExport", {}, { as: reader })).toMatchObject({ rule: "TOO_MANY_EXPORTS" });
  } finally {
    await world.gateway.open("events", true);
  }
}, 60_000);

it("what is erased from one system alone is in no archive that is still to be fetched", async () => {
  await world.gateway.open("learning", false);
  const { request } = await ask(world, "requestExport", {}, { as: kari });
  const isRead = async () => {
    const { steps } = await exported(world, request.id, { as: kari });
    expect(steps.find(({ source, action }) => source === "mailing" && action === "READ")?.state).toBe("DONE");
  };
  await vi.waitFor(isRead, 5_000);
  const [before] = await world.gateway.rows<{ n: number }>(
    "select count(*)::int as n from export_part where source = 'mailing'",
  );
  expect(before?.n).toBeGreaterThan(0);
  const erasure = await erase(world, kari, { sources: ["mailing"] });
  await world.until(erasure.request.id, ...ended);
  await world.gateway.open("learning", true);
  const { download } = await untilExported(
    world,
    request.id,
    { as: kari },
    ({ status }) => status === "COMPLETED",
  );
  expect(download.isWhole).toBe(true);
  const archive = await unzipped(download.url, kari);
  expect(missingIn(archive)).toEqual([]);
  for (const path of inFolder(archive, "data/mailing/"))
    expect([path, archive.file(path).trim()]).toEqual([path, "[]"]);
  expect(JSON.parse(archive.file("data/crm/orders.json"))).not.toEqual([]);
}, 60_000);
