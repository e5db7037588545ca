import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unzip, type Unzipped } from "../archive/unzip.ts";
import { type Exported, exportOf, get, untilExported } from "./archives.ts";
import { comparable, heldRows, rowsHeld } from "./held-rows.ts";
import { ask } from "./rights.ts";
import { kari, openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

async function fetched(email: string, more: object = {}): Promise<Unzipped> {
  const { download } = await exportOf(world, email, more);
  return unzipped(download, email);
}

async function unzipped({ url }: NonNullable<Exported["download"]>, as: string): Promise<Unzipped> {
  const answer = await get(world, url, as);
  expect(answer.status).toBe(200);
  return unzip(Buffer.from(await answer.arrayBuffer()));
}

const paths = ({ entries }: Unzipped, folder: string) =>
  entries.map(({ fileName }) => fileName).filter((path) => path.startsWith(folder));
const rowsIn = (archive: Unzipped, path: string): readonly Record<string, unknown>[] =>
  JSON.parse(archive.file(path));

describe.each([kari, "ola.nordmann@example.com", "stor.leser@example.com"])(
  "what %s takes along",
  (email) => {
    let archive: Unzipped;
    beforeAll(async () => {
      archive = await fetched(email);
    }, 60_000);

    it.each(Object.keys(heldRows) as (keyof typeof heldRows)[])(
      "has every row of %s as the system holds it",
      async (place) => {
        const found = comparable(rowsIn(archive, `data/${place}.json`));
        expect(found).toEqual(await rowsHeld(world, place, email));
      },
    );

    it("is what its own schemas say", () => {
      const data = paths(archive, "data/");
      expect(data.length).toBeGreaterThan(20);
      for (const path of data) {
        const schema = path.replace("data/", "schemas/").replace(".json", ".schema.json");
        const ajv = new Ajv2020({ allErrors: true, strict: true });
        formats.default(ajv);
        const validate = ajv.compile(JSON.parse(archive.file(schema)) as object);
        expect([path, validate(rowsIn(archive, path)), validate.errors]).toEqual([path, true, null]);
      }
    });
  },
);

it("what the gateway itself holds is in it as `me` shows it", async () => {
  await ask(
    world,
    "objectToProcessing",
    { purpose: "CUSTOMER_SUPPORT", reason: "Ring meg ikke" },
    { as: kari },
  );
  const archive = await fetched(kari);
  const { data } = await world.gateway.query<{ me: Record<string, unknown> }>(
    `{ me { consents { purpose status decidedAt policyVersion history { status at by channel policyVersion wording } wording howToWithdraw receipt }
      objections { purpose reason at status requestId endedAt } } }`,
    {},
    { as: kari, headers: { "accept-language": "en" } },
  );
  expect(data?.me["objections"]).toHaveLength(1);
  // Signed anew each time that it is shown.
  const unsigned = (rows: unknown) =>
    JSON.stringify(comparable(rows), (key, value: unknown) => (key === "receipt" ? "" : value));
  for (const name of ["consents", "objections"])
    expect(unsigned(rowsIn(archive, `data/gateway/${name}.json`))).toBe(unsigned(data?.me[name]));
  expect(paths(archive, "data/gateway/").sort()).toEqual(
    [
      "accessLog",
      "consents",
      "holdings",
      "objections",
      "policyVersions",
      "recipients",
      "requests",
      "restrictions",
      "withheld",
    ].map((name) => `data/gateway/${name}.json`),
  );
  const notice = archive.file("notice.json");
  for (const told of ["CONSENT", "Kundesky AS", "Datatilsynet", "P2Y after lastActivityAt"])
    expect(notice).toContain(told);
});

it("portability leaves out what is held for a law or for our own interests, and says so", async () => {
  const archive = await fetched(kari, { kind: "PORTABILITY" });
  const data = paths(archive, "data/");
  expect(data).toContain("data/crm/orders.json");
  expect(data).toContain("data/mailing/deliveries.json");
  for (const left of ["gateway/accessLog", "gateway/requests", "gateway/consents"])
    expect(data).not.toContain(`data/${left}.json`);
  const { leftOut } = JSON.parse(archive.file("manifest.json")) as {
    leftOut: readonly { recordType: string }[];
  };
  expect(leftOut.map(({ recordType }) => recordType)).toContain("accessLog");
  for (const left of ["Hvem som har sett", "Who has looked", "Ordrer: Rader som bare er beholdt"])
    expect(archive.file("innsyn.html")).toContain(left);
});

it("a system that does not answer is named in the archive, which is made again once it does", async () => {
  const reader = "ingrid.aas@example.com";
  await world.gateway.open("events", false);
  let first: Exported & { readonly download: NonNullable<Exported["download"]> };
  try {
    first = await exportOf(world, reader);
    expect([first.status, first.download.isWhole]).toEqual(["NEEDS_ATTENTION", false]);
    const archive = await unzipped(first.download, reader);
    expect(paths(archive, "data/events/")).toEqual([]);
    const { missing } = JSON.parse(archive.file("manifest.json")) as {
      missing: readonly { source: string }[];
    };
    expect(missing.map(({ source }) => source)).toEqual(["events"]);
    for (const file of ["README.txt", "innsyn.html"]) expect(archive.file(file)).toMatch(/events/);
  } finally {
    await world.gateway.open("events", true);
  }
  const whole = await untilExported(
    world,
    first.id,
    { as: reader },
    ({ download, status }) => Boolean(download?.isWhole) && status === "COMPLETED",
  );
  const archive = await unzipped(whole.download, reader);
  expect(comparable(rowsIn(archive, "data/events/registrations.json"))).toEqual(
    await rowsHeld(world, "events/registrations", reader),
  );
  const mails = (await world.gateway.outside.mails()).filter(({ to }) => JSON.stringify(to).includes(reader));
  expect(
    mails.map(({ subject }) => subject).filter((subject) => /fetched|ready|download/i.test(subject)),
  ).toHaveLength(2);
});

it("whoever is erased takes it along", async () => {
  const leaver = "siv.stille@example.com";
  const { id, download } = await exportOf(world, leaver);
  const { data } = await world.gateway.query<{ me: { erasurePlan: { hash: string } } }>(
    "{ me { erasurePlan { hash } } }",
    {},
    { as: leaver },
  );
  const { request } = await ask(
    world,
    "requestErasure",
    { planHash: data?.me.erasurePlan.hash },
    { as: leaver, strongly: true },
  );
  await world.until(request.id, "COMPLETED", "COMPLETED_WITH_RETENTION");
  const [left] = await world.gateway.rows<{ n: number }>(
    `select ((select count(*) from export_chunk where export_id = $1) + (select count(*) from export_part where export_id = $1)
      + (select count(*) from export where id = $1 and (sealed_key is not null or sealed_token is not null)))::int as n`,
    [id],
  );
  expect(left?.n).toBe(0);
  expect([403, 410]).toContain((await get(world, download.url, leaver)).status);
});
