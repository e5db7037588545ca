import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { erasureJournal, type JournalledErasure } from "../../src/store/erasure-journal.ts";
import { dbOf } from "../../src/store/tables.ts";
import { linksIn } from "../../src/subjects/journalled.ts";
import { keyOfPerson } from "../../src/subjects/person-key.ts";
import { openRegister } from "../setup/register.ts";
import { ended, erase } from "./erasing.ts";
import { idOf } from "./rights.ts";
import { kari, openWorld, type World } from "./world.ts";

const ola = "ola.nordmann@example.com";
const turid = "turid.moe@example.com";

let folder: string;
let world: World;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "innsyn-journal-"));
  world = await openWorld({ erasureJournal: folder });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

it("has an erasure by the time that it has ended: all that a restore takes, and nobody's name", async () => {
  const subjectId = await idOf(world, kari);
  const { request } = await erase(world, kari);
  await world.until(request.id, ...ended);
  await using register = await openRegister(world.gateway);
  const found: JournalledErasure[] = [];
  for await (const each of erasureJournal(folder, register.keyring.key("erasures")).entries())
    found.push(each);
  expect(found).toHaveLength(1);
  const [erasure] = found;
  const [row] = await world.gateway.rows<{ receipt: string }>("select receipt from request where id = $1", [
    request.id,
  ]);
  expect(erasure).toMatchObject({ requestId: request.id, subjectId, sources: null, receipt: row?.receipt });
  const hash = register.keyring.hash("identifier")("EMAIL", kari);
  expect(erasure?.suppressed).toContain(hash);
  expect(erasure?.kept.map(({ source }) => source)).toContain("crm");
  const key = await keyOfPerson(dbOf(register.store), register, subjectId);
  const links = erasure ? linksIn(key, erasure) : [];
  expect(links.map(({ source }) => source)).toContain("crm");

  const text = await readFile(join(folder, `${request.id}.json`), "utf8");
  expect(text).not.toMatch(/kari|nordmann/i);
  for (const { identifier } of links) expect(text).not.toContain(identifier.value);
});

it("without it an erasure does not end, and ends when it can be written again", async () => {
  const before = await readdir(folder);
  expect(before.length).toBeGreaterThan(0);
  await rm(folder, { recursive: true });
  const { request } = await erase(world, ola);
  const state = async () => {
    const [row] = await world.gateway.rows<{ finished: boolean; forgotten: boolean }>(
      `select finished_at is not null as finished, forgotten_at is not null as forgotten
       from erasure join request r on r.id = request_id join subject s on s.id = r.subject_id where r.id = $1`,
      [request.id],
    );
    return row;
  };
  const isTried = async () => {
    const [step] = await world.gateway.rows<{ last_error: string | null }>(
      "select last_error from request_step where request_id = $1 and source = 'gateway' and action = 'ERASE'",
      [request.id],
    );
    return step?.last_error;
  };
  await expect.poll(isTried, { timeout: 15_000 }).toBe("FAILED");
  expect(await state()).toEqual({ finished: false, forgotten: false });
  await mkdir(folder);
  await world.until(request.id, ...ended);
  expect(await state()).toEqual({ finished: true, forgotten: true });
  expect(await readdir(folder)).toEqual([`${request.id}.json`]);
});

it("whom a restore brought back is erased once more in every system, though nobody asks for it again", async () => {
  const subjectId = await idOf(world, turid);
  const isIn = async () =>
    (await world.own("learning", "select 1 from mdl_user where lower(email) = $1", [turid])).length > 0;
  expect(await isIn()).toBe(true);
  await world.gateway.rows(
    "insert into erasure_replay (request_id, subject_id, erased_at) values ($1, $2, now())",
    [randomUUID(), subjectId],
  );
  const opened = async () =>
    (
      await world.gateway.rows<{ opened_as: string | null }>(
        "select opened_as from erasure_replay where subject_id = $1",
        [subjectId],
      )
    )[0]?.opened_as;
  await expect.poll(opened, { timeout: 15_000 }).not.toBeNull();
  await world.until((await opened()) ?? "", ...ended);
  const requests = await world.gateway.rows<{ kind: string }>(
    "select kind from request where subject_id = $1",
    [subjectId],
  );
  expect(requests).toEqual([{ kind: "ERASURE" }]);
  expect(await isIn()).toBe(false);
});
