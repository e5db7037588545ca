import { createHash, randomUUID } from "node:crypto";
import type { Db } from "../store/tables.ts";
import type { ExportKey } from "./export-key.ts";
import { dropArchive } from "./export-rows.ts";

/** Bytes of the archive in one row: what a download that is resumed decrypts in vain at most. */
const chunkSize = 256 * 1024;

export interface StoredArchive {
  readonly archiveId: string;
  /** Bytes. */
  readonly size: number;
  /** Of the bytes, in lower-case hexadecimal. */
  readonly sha256: string;
}

/** Keeps an archive as it is made, encrypted, at most a chunk of it in memory; nobody is told of it yet. All, or nothing. */
export async function storeArchive(
  db: Db,
  exportId: string,
  key: ExportKey,
  bytes: AsyncIterable<Uint8Array>,
): Promise<StoredArchive> {
  const archiveId = randomUUID();
  try {
    return { archiveId, ...(await storeBytes(db, { exportId, archiveId, key }, bytes)) };
  } catch (error) {
    await dropArchive(db, archiveId);
    throw error;
  }
}

interface Storing {
  readonly exportId: string;
  readonly archiveId: string;
  readonly key: ExportKey;
}

async function storeBytes(
  db: Db,
  { exportId, archiveId, key }: Storing,
  bytes: AsyncIterable<Uint8Array>,
): Promise<Omit<StoredArchive, "archiveId">> {
  const hash = createHash("sha256");
  let size = 0;
  let n = 0;
  const put = async (plain: Buffer) => {
    const encrypted = key.encrypt(plain, [archiveId, n]);
    await db
      .insertInto("export_chunk")
      .values({ archive_id: archiveId, n: n++, export_id: exportId, encrypted })
      .execute();
  };
  let waiting: Uint8Array[] = [];
  let length = 0;
  for await (const piece of bytes) {
    hash.update(piece);
    size += piece.length;
    waiting.push(piece);
    length += piece.length;
    while (length >= chunkSize) {
      const all = Buffer.concat(waiting);
      await put(all.subarray(0, chunkSize));
      waiting = [all.subarray(chunkSize)];
      length -= chunkSize;
    }
  }
  if (length > 0) await put(Buffer.concat(waiting));
  return { size, sha256: hash.digest("hex") };
}

/** Bytes of an archive, from `start` to `end`, that included. */
export async function* archiveBytes(
  db: Db,
  archiveId: string,
  key: ExportKey,
  { start, end }: { readonly start: number; readonly end: number },
): AsyncGenerator<Buffer> {
  for (let n = Math.floor(start / chunkSize); n * chunkSize <= end; n++) {
    const chunk = await db
      .selectFrom("export_chunk")
      .select("encrypted")
      .where("archive_id", "=", archiveId)
      .where("n", "=", n)
      .executeTakeFirst();
    if (!chunk) throw new ArchiveGone();
    const plain = key.decrypt(chunk.encrypted, [archiveId, n]);
    yield plain.subarray(Math.max(0, start - n * chunkSize), end + 1 - n * chunkSize);
  }
}

/** It was downloaded whole by another request, or went, while this one read. */
export class ArchiveGone extends Error {
  override readonly name = "ArchiveGone";
}
