import { randomUUID, timingSafeEqual } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { keyedHash } from "./keyed-hash.ts";

const kept = z.object({
  source: z.string(),
  recordType: z.string(),
  count: z.number(),
  /** ISO 8601. */
  until: z.string(),
  ground: z.string(),
});

const link = z.object({
  source: z.string(),
  kind: z.string(),
  /** The identifier, under the key that the person has had since: base64. */
  sealed: z.base64(),
  /** Keyed hash of the record that it leads to. */
  recordHash: z.string().nullable(),
});

const mark = z.object({
  id: z.uuid(),
  source: z.string(),
  recordType: z.string(),
  field: z.string(),
  /** Keyed hash of the text that it is in. */
  textHash: z.string(),
  /** ISO 8601. */
  at: z.iso.datetime(),
  /** What is withheld and why, under the key that the person has had since: base64. */
  sealed: z.base64(),
});

const erasureSchema = z.object({
  requestId: z.uuid(),
  subjectId: z.uuid(),
  /** Ids that led to the person by then, since the two were one. */
  formerIds: z.array(z.uuid()),
  /** ISO 8601. */
  receivedAt: z.iso.datetime(),
  dueAt: z.iso.datetime(),
  at: z.iso.datetime(),
  channel: z.string(),
  language: z.string(),
  /** Null: all, and what the gateway itself holds. */
  sources: z.array(z.string()).nullable(),
  /** Keyed hashes of what would name the person again. */
  suppressed: z.array(z.string().regex(/^[\da-f]{64}$/)),
  kept: z.array(kept),
  links: z.array(link),
  /** Records of others that go by something of the person's; absent in files of before these were written down. */
  notTheirs: z.array(z.object({ source: z.string(), recordHash: z.string() })).optional(),
  /** A compact JWS. */
  receipt: z.string().nullable(),
  /** What is withheld from the person in what is kept; files of before the gateway kept that have none. */
  marks: z.array(mark).optional(),
});

/** An erasure that has been carried out: all that it takes to do so once more, and no value of a person that can be read. */
export type JournalledErasure = z.output<typeof erasureSchema>;

const fileSchema = z.object({ version: z.literal(1), erasure: erasureSchema, mac: z.string() });

/** What has been erased, outside of the database and its backups. */
export interface ErasureJournal {
  /** Durable when it resolves. Written again, what it says last counts. */
  write(erasure: JournalledErasure): Promise<void>;
  /** Oldest first. Nothing is given out before every file has been read: rejects with `BrokenJournal` at the first. */
  entries(): AsyncIterable<JournalledErasure>;
}

/** A journal that cannot be written, or is not what the gateway wrote; the message names the file. */
export class BrokenJournal extends Error {
  override readonly name = "BrokenJournal";
}

/**
 * A folder with a file for each erasure; several processes may write into it at once, over a shared volume too.
 * @param key 32 bytes: what the files are vouched for with.
 */
export function erasureJournal(folder: string, key: Uint8Array): ErasureJournal {
  const macOf = keyedHash(key);
  return {
    async write(erasure) {
      const entry = erasureSchema.parse(erasure);
      const text = JSON.stringify({ version: 1, erasure: entry, mac: macOf(JSON.stringify(entry)) });
      await replaceFile(folder, `${entry.requestId}.json`, `${text}\n`);
    },
    async *entries() {
      const found: { readonly name: string; readonly at: string }[] = [];
      for (const name of await filesIn(folder)) found.push({ name, at: (await readEntry(name)).at });
      found.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
      for (const { name } of found) yield await readEntry(name);
    },
  };

  async function readEntry(name: string): Promise<JournalledErasure> {
    const path = join(folder, name);
    const parsed = fileSchema.safeParse(jsonOf(await readFile(path, "utf8")));
    if (!parsed.success) throw new BrokenJournal(`${path} is cut short, or no file of the journal`);
    const { erasure, mac } = parsed.data;
    if (!isSame(mac, macOf(JSON.stringify(erasure))) || name !== `${erasure.requestId}.json`)
      throw new BrokenJournal(
        `${path} is not what this gateway wrote: it was changed, or is another gateway's`,
      );
    return erasure;
  }
}

/** That it can be written is better known at the start than when somebody has been erased. @throws BrokenJournal */
export async function openErasureJournal(
  folder: string,
  key: Uint8Array,
  { create = false }: { readonly create?: boolean } = {},
): Promise<ErasureJournal> {
  try {
    if (create) await mkdir(folder, { recursive: true, mode: 0o700 });
    await replaceFile(folder, ".writable", "");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : "it failed";
    throw new BrokenJournal(`ERASURE_JOURNAL must be a folder that can be written: ${folder} (${reason})`, {
      cause: error,
    });
  }
  return erasureJournal(folder, key);
}

/** All of it, or as it was, whenever the machine stops. */
async function replaceFile(folder: string, name: string, text: string): Promise<void> {
  const unfinished = join(folder, `.${name}.${randomUUID()}`);
  try {
    const file = await open(unfinished, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, join(folder, name));
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  // Without it the name may be lost, though the contents are not.
  const directory = await open(folder, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** What was being written when its process was killed has another name. */
async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith(".json") && !name.startsWith("."));
  } catch (error) {
    throw new BrokenJournal(`ERASURE_JOURNAL must be the folder of the journal: ${folder} cannot be read`, {
      cause: error,
    });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isSame(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
