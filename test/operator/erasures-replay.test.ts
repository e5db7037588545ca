import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { verifyTrail } from "../../src/audit/verify.ts";
import { connected, createDatabase, dropDatabase } from "../../src/demo/postgres/administration.ts";
import { marksOf } from "../../src/requests/withheld.ts";
import { KeyDestroyed } from "../../src/store/person-keys.ts";
import { dbOf } from "../../src/store/tables.ts";
import { batchIn, waitingBatch } from "../requests/batches.ts";
import { type TestDatabase, testDatabase } from "../setup/database.ts";
import { urlOf } from "../setup/templates.ts";
import { addressOf, erase, keptLink, masterKey, type Opened, openRegister, takeKeys } from "./erased.ts";
import { runCommand } from "./run.ts";

let database: TestDatabase;
let live: Opened;
let folder: string;
let copies: string[];
let kari: string;
let ola: string;
beforeEach(async () => {
  copies = [];
  folder = await mkdtemp(join(tmpdir(), "innsyn-journal-"));
  database = await testDatabase("gateway");
  live = await openRegister(database.url);
  kari = await live.signIn("kari");
  ola = await live.signIn("ola");
});
afterEach(async () => {
  await live[Symbol.asyncDispose]();
  for (const name of copies) await connected(inject("postgresUrl"), (client) => dropDatabase(client, name));
  await database[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** The database as it is now, keys and all, for a time when the live one has gone on. */
async function backup(): Promise<string> {
  await live[Symbol.asyncDispose]();
  const name = `test_backup_${randomBytes(6).toString("hex")}`;
  await connected(inject("postgresUrl"), (client) =>
    createDatabase(client, name, { template: database.name }),
  );
  copies.push(name);
  live = await openRegister(database.url);
  return urlOf(inject("postgresUrl"), name);
}

const replay = (url: string, words: readonly string[] = [], env: NodeJS.ProcessEnv = {}) =>
  runCommand(
    "erasures-replay",
    {
      INNSYN_CONFIG: "innsyn.config.ts",
      DATABASE_URL: url,
      INNSYN_MASTER_KEY: masterKey.toString("base64"),
      ERASURE_JOURNAL: folder,
      ...env,
    },
    ...words,
  );
const counts = (out: string) => [...out.matchAll(/: (\d+)\.$/gm)].map(([, count]) => Number(count));
const suppressed = (at: Opened) =>
  at.rows<{ subject_id: string }>("select subject_id from suppressed_identifier where lifted_at is null");

describe("a backup with its keys brings whoever was erased back", () => {
  test("and they are to be erased once more; whoever was not stays as they are", async () => {
    const url = await backup();
    const requestId = await erase(live, folder, kari, "kari");
    await using restored = await openRegister(url);
    expect((await restored.people.byId(kari))?.identity.identifiers).toEqual([addressOf("kari")]);
    const ended = await replay(url);
    expect(ended).toMatchObject({ code: 0, err: "" });
    expect(counts(ended.out)).toEqual([1, 0, 1, 0]);
    expect(
      await restored.rows("select request_id, subject_id, sources, opened_as from erasure_replay"),
    ).toEqual([{ request_id: requestId, subject_id: kari, sources: null, opened_as: null }]);
    expect(await suppressed(restored)).toEqual([{ subject_id: kari }]);
    // By its identifiers everything is found again.
    expect((await restored.people.byId(kari))?.identity.identifiers).toEqual([addressOf("kari")]);
    expect((await restored.people.byId(ola))?.identity.identifiers).toEqual([addressOf("ola")]);
    expect(counts((await replay(url)).out)).toEqual([1, 1, 0, 0]);
    const key = restored.parts.keyring.key("audit");
    expect(await verifyTrail(restored.parts.store, key)).toMatchObject({ intact: true, entries: 1 });
  });

  test("with whom staff had found apart from them by then", async () => {
    const found = await live.people.enrolFound(addressOf("kari.old"));
    const url = await backup();
    await live.people.absorb(kari, [found.id]);
    await erase(live, folder, kari, "kari");
    await using restored = await openRegister(url);
    expect((await restored.people.byId(found.id))?.id).toBe(found.id);
    expect(counts((await replay(url)).out)).toEqual([1, 0, 1, 0]);
    expect((await restored.people.byId(found.id))?.id).toBe(kari);
  });
});

describe("a backup with the newest keys has nothing of whoever was erased that can be read", () => {
  test("what is left of it goes, what is to be known of it comes back, and done again it changes nothing", async () => {
    const url = await backup();
    const requestId = await erase(live, folder, kari, "kari");
    await using restored = await openRegister(url);
    await takeKeys(live, restored);
    await expect(restored.people.byId(kari)).rejects.toThrow("does not open");
    const ended = await replay(url);
    expect(ended).toMatchObject({ code: 0, err: "" });
    expect(counts(ended.out)).toEqual([1, 0, 0, 1]);
    const person = await restored.people.byId(kari);
    expect(person?.identity.identifiers).toEqual([]);
    expect(person?.links).toEqual(new Map([["crm", [keptLink.identifier]]]));
    expect((await restored.people.byId(ola))?.identity.identifiers).toEqual([addressOf("ola")]);
    expect(await suppressed(restored)).toEqual([{ subject_id: kari }]);
    const records = () =>
      restored.rows(
        `select r.id, r.status, r.receipt, r.completed_at is not null as over, e.finished_at is not null as finished,
          k.source, k.record_type, k.count, k.until::text as until, k.ground
         from request r join erasure e on e.request_id = r.id join retained k on k.request_id = r.id`,
      );
    const before = await records();
    expect(before).toEqual([
      {
        id: requestId,
        status: "COMPLETED_WITH_RETENTION",
        receipt: "a.b.c",
        over: true,
        finished: true,
        source: "crm",
        record_type: "orders",
        count: 2,
        until: "2031-12-31",
        ground: "BOOKKEEPING",
      },
    ]);
    expect(counts((await replay(url)).out)).toEqual([1, 1, 0, 0]);
    expect(await records()).toEqual(before);
    // Where the database has not been restored, there is nothing to be done either.
    expect(counts((await replay(database.url)).out)).toEqual([1, 1, 0, 0]);
  });

  test("what is withheld from them in what is kept is withheld again", async () => {
    const url = await backup();
    await erase(live, folder, kari, "kari");
    const marks = await marksOf(dbOf(live.parts.store), live.parts, kari);
    expect(marks).toMatchObject([{ source: "crm", because: "Om en annen" }]);
    await using restored = await openRegister(url);
    await takeKeys(live, restored);
    expect(counts((await replay(url)).out)).toEqual([1, 0, 0, 1]);
    expect(await marksOf(dbOf(restored.parts.store), restored.parts, kari)).toEqual(marks);
    expect((await restored.people.byId(kari))?.withheldIn).toEqual(new Set(["crm"]));
  });

  test("nothing that a retention review had under way names them", async () => {
    const rows = [
      { key: "1", recordKeys: ["1"], identifiers: [addressOf("kari"), addressOf("siv")] },
      { key: "2", recordKeys: ["2"], identifiers: [addressOf("ola")] },
    ];
    const itemId = await waitingBatch(live.parts, "crm", rows);
    const url = await backup();
    await erase(live, folder, kari, "kari");
    await using restored = await openRegister(url);
    await takeKeys(live, restored);
    expect(await batchIn(restored.parts, itemId)).toEqual(rows);
    expect(counts((await replay(url)).out)).toEqual([1, 0, 0, 1]);
    expect(await batchIn(restored.parts, itemId)).toEqual([
      { key: "1", recordKeys: ["1"], identifiers: [addressOf("siv")] },
      rows[1],
    ]);
  });

  test("and of whoever came after it was made, no more than by what they would be known again", async () => {
    const url = await backup();
    const siv = await live.signIn("siv");
    await erase(live, folder, siv, "siv");
    await using restored = await openRegister(url);
    await takeKeys(live, restored);
    expect(await restored.people.byId(siv)).toBeNull();
    expect(counts((await replay(url)).out)).toEqual([1, 0, 0, 1]);
    expect(await suppressed(restored)).toEqual([{ subject_id: siv }]);
    expect((await restored.people.byId(siv))?.links).toEqual(new Map([["crm", [keptLink.identifier]]]));
  });

  test("though an erasure was under way when it was made: what was left to do is not done any more", async () => {
    const url = await backup();
    const requestId = await erase(live, folder, kari, "kari");
    await using restored = await openRegister(url);
    await takeKeys(live, restored);
    await restored.rows(
      `insert into request (id, subject_id, kind, status, channel, language, received_at, due_at)
       values (?, ?, 'ERASURE', 'RUNNING', 'PORTAL', 'nb', now(), now())`,
      [requestId, kari],
    );
    await restored.rows("insert into erasure (request_id, as_of) values (?, now())", [requestId]);
    await restored.rows(
      `insert into request_step (id, request_id, position, source, action, state, sealed_work)
       values (gen_random_uuid(), ?, 1, 'crm', 'ERASE', 'PENDING', '\\x00')`,
      [requestId],
    );
    expect(counts((await replay(url)).out)).toEqual([1, 0, 0, 1]);
    expect(await restored.rows("select state, sealed_work from request_step")).toEqual([
      { state: "SKIPPED", sealed_work: null },
    ]);
    expect(await restored.rows("select status from request")).toEqual([
      { status: "COMPLETED_WITH_RETENTION" },
    ]);
  });

  test("a person who has become another's since cannot be read, which is settled only where that is said", async () => {
    const found = await live.people.enrolFound(addressOf("kari.old"));
    const url = await backup();
    await live.people.absorb(kari, [found.id]);
    await using restored = await openRegister(url);
    await takeKeys(live, restored);
    await expect(restored.people.byId(found.id)).rejects.toThrow(KeyDestroyed);
    const told = await replay(url);
    expect(told.code).toBe(1);
    expect(told.out).toMatch(/^Persons whose key is nowhere: 1\. .*newest.*--forget-unreadable/m);
    await expect(restored.people.byId(found.id)).rejects.toThrow(KeyDestroyed);
    const settled = await replay(url, ["--forget-unreadable"]);
    expect(settled).toMatchObject({ code: 0, err: "" });
    expect((await restored.people.byId(found.id))?.identity.identifiers).toEqual([]);
    expect((await restored.people.byId(kari))?.identity.identifiers).toEqual([addressOf("kari")]);
    expect((await replay(url)).code).toBe(0);
  });
});

test("two replays side by side do each erasure once", async () => {
  const url = await backup();
  for (const name of ["kari", "ola"]) await erase(live, folder, name === "kari" ? kari : ola, name);
  const both = await Promise.all([replay(url), replay(url)]);
  expect(both.map(({ code, err }) => [code, err])).toEqual([
    [0, ""],
    [0, ""],
  ]);
  const [first = [], second = []] = both.map(({ out }) => counts(out));
  expect((first[2] ?? 0) + (second[2] ?? 0)).toBe(2);
  await using restored = await openRegister(url);
  expect(await restored.rows("select request_id from erasure_replay")).toHaveLength(2);
});

describe("nothing is changed, and it says what to do, where", () => {
  const untouched = async (url: string) => {
    await using restored = await openRegister(url);
    expect(await restored.rows("select request_id from erasure_replay")).toEqual([]);
    expect(await suppressed(restored)).toEqual([]);
  };

  test("a file of the journal is not as it was written", async () => {
    const url = await backup();
    const ids = [await erase(live, folder, kari, "kari"), await erase(live, folder, ola, "ola")];
    const path = join(folder, `${ids[1]}.json`);
    await writeFile(path, (await readFile(path, "utf8")).slice(0, -40));
    const ended = await replay(url);
    expect(ended).toMatchObject({ code: 1, out: "" });
    expect(ended.err).toContain(path);
    await untouched(url);
  });

  test("there is no journal, or no such folder, or an option that there is not", async () => {
    const url = await backup();
    const without = await replay(url, [], { ERASURE_JOURNAL: "" });
    expect(without).toMatchObject({ code: 1, err: expect.stringMatching(/^Set ERASURE_JOURNAL/) });
    const elsewhere = await replay(url, [], { ERASURE_JOURNAL: join(folder, "none") });
    expect(elsewhere).toMatchObject({ code: 1, err: expect.stringMatching(/^ERASURE_JOURNAL must be/) });
    const unknown = await replay(url, ["--forget"]);
    expect(unknown).toMatchObject({ code: 1, err: expect.stringMatching(/^Usage: npm run erasures:replay/) });
  });

  test("the keys were not restored", async () => {
    const url = await backup();
    await connected(url, (client) => client.query("drop schema keys cascade"));
    const ended = await replay(url);
    expect(ended).toMatchObject({ code: 1, out: "" });
    expect(ended.err).toBe(
      "The database has no persons' keys: restore the newest copy of its schema `keys` as well.\n",
    );
  });
});
