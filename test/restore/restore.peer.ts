import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { verifyTrail } from "../../src/audit/verify.ts";
import { connected, createDatabase } from "../../src/demo/postgres/administration.ts";
import { Unreadable } from "../../src/store/cipher.ts";
import { migrateDatabase } from "../../src/store/store.ts";
import { inTransaction } from "../../src/store/tables.ts";
import { lockPerson } from "../../src/subjects/decision-rows.ts";
import { forgetPerson } from "../../src/subjects/forget.ts";
import { addressOf, erase, keptLink, masterKey, type Opened, openRegister } from "../operator/erased.ts";
import { runCommand } from "../operator/run.ts";
import { fill, sealedIn, sealedPlaces } from "../subjects/remembered.ts";
import { dbOf } from "../../src/store/tables.ts";
import { keyOfPerson } from "../../src/subjects/person-key.ts";
import { type Peer, startPeer } from "./peer.ts";

let peer: Peer;
/** What the page tells operators to do. */
let commands: { readonly backUp: string; readonly restore: string };
beforeAll(async () => {
  peer = await startPeer();
  const page = await readFile(new URL("../../docs/operator.md", import.meta.url), "utf8");
  const [, section = ""] = page.split(/^## Back up and restore$/m);
  const [backUp = "", restore = ""] = [...section.matchAll(/^ *```sh\n([^]*?)^ *```$/gm)].map(
    ([, text]) => text,
  );
  commands = { backUp, restore: restore.replace(/^ *npm run erasures:replay$/m, "") };
  expect(commands.restore).not.toBe(restore);
});
afterAll(() => peer[Symbol.asyncDispose]());

let folder: string;
let liveUrl: string;
let live: Opened;
let kari: string;
let ola: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "innsyn-backups-"));
  await Promise.all(["backups", "keys", "journal"].map((name) => mkdir(join(folder, name))));
  liveUrl = await newDatabase();
  await migrateDatabase(liveUrl);
  live = await openRegister(liveUrl);
  kari = await live.signIn("kari");
  ola = await live.signIn("ola");
  for (const id of [kari, ola]) await fill(live.parts, id);
});
afterEach(async () => {
  await live[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function newDatabase(): Promise<string> {
  const name = `innsyn_${randomBytes(6).toString("hex")}`;
  await connected(peer.url("postgres"), (client) => createDatabase(client, name));
  return peer.url(name);
}

const shell = (script: string, env: Readonly<Record<string, string>>) =>
  promisify(execFile)("bash", ["-euc", script], {
    env: {
      PATH: `${peer.programs}:${process.env["PATH"]}`,
      BACKUPS: join(folder, "backups"),
      KEYS: join(folder, "keys"),
      ...env,
    },
  });
const backUp = () => shell(commands.backUp, { DATABASE_URL: liveUrl });
/** From the oldest backup and the newest keys. */
async function restore(): Promise<string> {
  const [oldest = ""] = (await readdir(join(folder, "backups"))).sort();
  const url = await newDatabase();
  await shell(commands.restore, { DATABASE_URL: url, BACKUP: join(folder, "backups", oldest) });
  return url;
}
const replay = async (url: string) => {
  const ended = await runCommand("erasures-replay", {
    INNSYN_CONFIG: "innsyn.config.ts",
    DATABASE_URL: url,
    INNSYN_MASTER_KEY: masterKey.toString("base64"),
    ERASURE_JOURNAL: join(folder, "journal"),
  });
  expect(ended.err).toBe("");
  return ended;
};
/** Accounted for beyond an erasure. */
const disclosed: readonly string[] = ["disclosure.sealed_authority", "disclosure.sealed_legal_ground"];
const withheld: readonly string[] = ["withheld.sealed_because", "withheld.sealed_passages"];
const sealedOf = async ({ parts }: Opened, id: string) => {
  const db = dbOf(parts.store);
  const places = await sealedPlaces(db);
  return Promise.all(
    places.map(async (place) => [`${place.table}.${place.column}`, await sealedIn(db, place, id)] as const),
  );
};

test("an old backup and the newest keys: of the person who was erased nothing can be read, of the other all", async () => {
  await backUp();
  await erase(live, join(folder, "journal"), kari, "kari");
  // Only the newest copy of the keys is there: the one that could open the old backup has been written over.
  await backUp();
  expect(await readdir(join(folder, "keys"))).toEqual(["keys.dump"]);
  const url = await restore();
  await using restored = await openRegister(url);
  const key = await keyOfPerson(dbOf(restored.parts.store), restored.parts, kari);
  const sealed = await sealedOf(restored, kari);
  expect(sealed.filter(([, values]) => values.length > 0).length).toBeGreaterThan(10);
  for (const [place, values] of sealed)
    for (const each of values) expect(() => key.unseal(each, place)).toThrow(Unreadable);
  expect((await restored.people.byId(ola))?.identity.identifiers).toEqual([addressOf("ola")]);

  expect((await replay(url)).code).toBe(0);
  const left = (await sealedOf(restored, kari)).filter(([, values]) => values.length > 0);
  // To whom data was disclosed was sealed anew after the backup: here its words are gone for good.
  expect(left.map(([place]) => place)).toEqual([
    "audit_entry.sealed_actor_name",
    ...disclosed,
    "identifier.sealed_value",
    ...withheld,
  ]);
  // The journal has it under the newest key: in what the law keeps it is withheld from the person as before.
  for (const [place, values] of left.filter(([name]) => withheld.includes(name)))
    for (const each of values) expect(key.unseal(each, place)).not.toBe("");
  for (const [place, values] of left.filter(([name]) => disclosed.includes(name)))
    for (const each of values) expect(() => key.unseal(each, place)).toThrow(Unreadable);
  expect((await restored.people.byId(kari))?.links.get("crm")).toEqual([keptLink.identifier]);
  const trail = await verifyTrail(restored.parts.store, restored.parts.keyring.key("audit"));
  expect(trail).toMatchObject({ intact: true });
});

test("a backup that keys lie in: the person is back, and is forgotten again", async () => {
  const file = join(folder, "all.dump");
  await shell('pg_dump --format=custom --file="$FILE" "$DATABASE_URL"', {
    DATABASE_URL: liveUrl,
    FILE: file,
  });
  await erase(live, join(folder, "journal"), kari, "kari");
  const url = await newDatabase();
  await shell('pg_restore --no-owner --dbname="$DATABASE_URL" "$FILE"', { DATABASE_URL: url, FILE: file });
  await using restored = await openRegister(url);
  expect((await restored.people.byId(kari))?.identity.identifiers).toEqual([addressOf("kari")]);

  expect((await replay(url)).out).toMatch(/erased once more as soon as the gateway runs: 1\.$/m);
  // As the gateway does when it has gone through the sources.
  await inTransaction(restored.parts.store, async (db) =>
    forgetPerson(db, restored.parts, await lockPerson(db, kari), { keep: [] }),
  );
  expect((await restored.people.byId(kari))?.identity.identifiers).toEqual([]);
  const left = (await sealedOf(restored, kari)).filter(([, values]) => values.length > 0);
  expect(left.map(([place]) => place)).toEqual(["audit_entry.sealed_actor_name", ...disclosed]);
  expect((await restored.people.byId(ola))?.identity.identifiers).toEqual([addressOf("ola")]);
});

test("the backup has no person's key in it, and the keys have nothing else", async () => {
  await backUp();
  const [backup = ""] = await readdir(join(folder, "backups"));
  const text = async (file: string) => (await shell('pg_restore --file=- "$FILE"', { FILE: file })).stdout;
  const [rest, keys] = await Promise.all([
    text(join(folder, "backups", backup)),
    text(join(folder, "keys", "keys.dump")),
  ]);
  const wrapped = await live.rows<{ hex: string }>(
    "select encode(wrapped_key, 'hex') as hex from keys.person_key",
  );
  expect(wrapped).toHaveLength(2);
  for (const { hex } of wrapped) {
    expect(rest).not.toContain(hex);
    expect(keys).toContain(hex);
  }
  const tables = (dump: string) => [...dump.matchAll(/^CREATE TABLE (\S+)/gm)].map(([, name]) => name);
  expect(tables(keys)).toEqual(["keys.person_key"]);
  expect(tables(rest)).toContain("public.identifier");
  expect(tables(rest)).not.toContain("keys.person_key");
});
