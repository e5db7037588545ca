import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  BrokenJournal,
  erasureJournal,
  type JournalledErasure,
  openErasureJournal,
} from "../../src/store/erasure-journal.ts";
import { keyedHash } from "../../src/store/keyed-hash.ts";
import { watched } from "../demo/scripts.ts";

const key = randomBytes(32);

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "innsyn-journal-"))));
afterEach(() => rm(folder, { recursive: true }));

const erasure = (at = "2026-03-05T12:00:00.000Z", requestId: string = randomUUID()): JournalledErasure => ({
  requestId,
  subjectId: randomUUID(),
  formerIds: [randomUUID()],
  receivedAt: "2026-03-01T12:00:00.000Z",
  dueAt: "2026-03-31T12:00:00.000Z",
  at,
  channel: "PORTAL",
  language: "nn",
  sources: null,
  suppressed: ["ab".repeat(32)],
  kept: [{ source: "crm", recordType: "Order", count: 2, until: "2031-12-31", ground: "BOOKKEEPING" }],
  links: [{ source: "crm", kind: "CUSTOMER_NUMBER", sealed: "AAAA", recordHash: "cd".repeat(32) }],
  receipt: "a.b.c",
});
const all = async (journal = erasureJournal(folder, key)) => {
  const found: JournalledErasure[] = [];
  for await (const each of journal.entries()) found.push(each);
  return found;
};
const pathOf = ({ requestId }: JournalledErasure) => join(folder, `${requestId}.json`);

test("what is written is read again, oldest first; written again, the last word counts", async () => {
  const journal = await openErasureJournal(folder, key);
  const [third, first, second] = ["05", "03", "04"].map((day) => erasure(`2026-03-${day}T12:00:00.000Z`)) as [
    JournalledErasure,
    JournalledErasure,
    JournalledErasure,
  ];
  for (const each of [third, first, second, second]) await journal.write(each);
  expect(await all()).toEqual([first, second, third]);
  const again = { ...second, sources: ["crm"] };
  await journal.write(again);
  expect(await all()).toEqual([first, again, third]);
  expect((await stat(pathOf(first))).mode & 0o777).toBe(0o600);
});

test("a file of before it had what is withheld is read, and one that has it says so", async () => {
  const mark = { id: randomUUID(), source: "crm", recordType: "conversations", field: "body" };
  const marked = {
    ...erasure("2026-03-06T12:00:00.000Z"),
    marks: [{ ...mark, textHash: "ef".repeat(32), at: "2026-03-01T12:00:00.000Z", sealed: "AAAA" }],
  };
  const before = erasure();
  const macOf = keyedHash(key);
  const file = { version: 1, erasure: before, mac: macOf(JSON.stringify(before)) };
  await writeFile(pathOf(before), `${JSON.stringify(file)}\n`);
  await erasureJournal(folder, key).write(marked);
  expect(await all()).toEqual([before, marked]);
});

test("several that write at once lose nothing, nor leave anything half-written behind", async () => {
  const script = fileURLToPath(new URL("./children/journal.ts", import.meta.url));
  const same = randomUUID();
  const writers = await Promise.all(
    Array.from({ length: 3 }, () =>
      watched(
        spawn(process.execPath, [script, folder, key.toString("hex"), same, "40"], {
          stdio: ["ignore", "pipe", "inherit"],
        }),
      ),
    ),
  );
  expect(await Promise.all(writers.map(({ exited }) => exited))).toEqual([0, 0, 0]);
  expect(await all()).toHaveLength(3 * 40 + 1);
  expect((await readdir(folder)).filter((name) => !name.endsWith(".json"))).toEqual([]);
});

test("one that is killed in the middle leaves what it had written, and nothing that is taken for more", async () => {
  const script = fileURLToPath(new URL("./children/journal.ts", import.meta.url));
  const words = [folder, key.toString("hex"), randomUUID(), "100000"];
  const writer = await watched(
    spawn(process.execPath, [script, ...words], { stdio: ["ignore", "pipe", "inherit"] }),
  );
  let told = 0;
  while (told < 50) told = Number(await writer.line());
  writer.kill("SIGKILL");
  await writer.exited;
  expect((await all()).length).toBeGreaterThanOrEqual(told);
});

describe("a file stops the reading, and is named, before anything has been given out, when it", () => {
  const broken: readonly (readonly [string, (text: string) => string])[] = [
    ["was cut short", (text) => text.slice(0, text.length / 2)],
    ["is empty", () => ""],
    ["says something else", (text) => text.replace("2031-12-31", "2026-12-31")],
    ["has lost a suppression", (text) => text.replace(/"suppressed":\[[^\]]*\]/, '"suppressed":[]')],
    ["has another MAC", (text) => text.replace(/"mac":"../, '"mac":"zz')],
    ["is of another version", (text) => text.replace('"version":1', '"version":2')],
  ];
  test.each(broken)("%s", async (_, change) => {
    const journal = erasureJournal(folder, key);
    const [good, bad] = [erasure("2026-03-01T12:00:00.000Z"), erasure("2026-03-02T12:00:00.000Z")];
    for (const each of [good, bad]) await journal.write(each);
    const text = await readFile(pathOf(bad), "utf8");
    expect(change(text)).not.toBe(text);
    await writeFile(pathOf(bad), change(text));
    const given: JournalledErasure[] = [];
    const reading = (async () => {
      for await (const each of journal.entries()) given.push(each);
    })();
    await expect(reading).rejects.toThrow(BrokenJournal);
    await expect(reading).rejects.toThrow(pathOf(bad));
    expect(given).toEqual([]);
  });

  test("has another's name", async () => {
    const one = erasure();
    await erasureJournal(folder, key).write(one);
    await writeFile(join(folder, `${randomUUID()}.json`), await readFile(pathOf(one)));
    await expect(all()).rejects.toThrow(BrokenJournal);
  });

  test("is another gateway's", async () => {
    await erasureJournal(folder, randomBytes(32)).write(erasure());
    await expect(all()).rejects.toThrow(/another gateway's/);
  });
});

test("a folder that is not there, or cannot be written, is told at the start", async () => {
  const missing = join(folder, "none");
  await expect(openErasureJournal(missing, key)).rejects.toThrow(
    /^ERASURE_JOURNAL must be a folder .*ENOENT/,
  );
  await writeFile(join(folder, "file"), "");
  await expect(openErasureJournal(join(folder, "file"), key)).rejects.toThrow(/^ERASURE_JOURNAL .*ENOTDIR/);
  await expect(all(erasureJournal(missing, key))).rejects.toThrow(/^ERASURE_JOURNAL .*cannot be read/);
  await openErasureJournal(missing, key, { create: true });
  expect(await all(erasureJournal(missing, key))).toEqual([]);
});
