import type { Insertable } from "kysely";
import type { Db, Tables } from "../store/tables.ts";
import type { Row } from "../sources/contract.ts";
import type { RecordType } from "../archive/record-type.ts";
import { type ExportKey, packed, unpacked } from "./export-key.ts";

export type ExportRow = Required<{ [K in keyof Tables["export"]]: SelectedExport[K] }>;
type SelectedExport = Omit<Tables["export"], "is_whole" | "served" | "edition" | "gather_anew"> & {
  readonly edition: number;
  readonly is_whole: boolean;
  readonly served: string;
  readonly gather_anew: boolean;
};

/** `JSON` or `CSV`: which comes first in the archive. */
export async function insertExport(
  db: Db,
  values: Pick<Insertable<Tables["export"]>, "id" | "format" | "sealed_key">,
): Promise<void> {
  await db.insertInto("export").values(values).execute();
}

/** Null: the request is none for what a person takes along. */
export async function exportOf(db: Db, requestId: string): Promise<ExportRow | null> {
  const row = await db.selectFrom("export").selectAll().where("id", "=", requestId).executeTakeFirst();
  return (row as ExportRow | undefined) ?? null;
}

/** Whoever else would change it waits until the transaction ends. */
export async function lockExport(db: Db, requestId: string): Promise<ExportRow | null> {
  const row = await db
    .selectFrom("export")
    .selectAll()
    .where("id", "=", requestId)
    .forUpdate()
    .executeTakeFirst();
  return (row as ExportRow | undefined) ?? null;
}

/** How far a record type has been read. */
export interface Reading {
  /** Where it goes on; null: at the start. */
  readonly after: string | null;
  readonly parts: number;
  readonly rows: number;
  readonly isDone: boolean;
}

const none: Reading = { after: null, parts: 0, rows: 0, isDone: false };

type Place = Pick<RecordType, "source" | "name">;

export async function readingOf(
  db: Db,
  exportId: string,
  { source, name }: Place,
  key: ExportKey,
): Promise<Reading> {
  const row = await db
    .selectFrom("export_reading")
    .selectAll()
    .where("export_id", "=", exportId)
    .where("source", "=", source)
    .where("record_type", "=", name)
    .executeTakeFirst();
  if (!row) return none;
  const position = row.encrypted_position;
  return {
    after: position && key.decrypt(position, [exportId, source, name, "position"]).toString(),
    parts: row.parts,
    rows: Number(row.rows),
    isDone: row.is_done,
  };
}

/**
 * Puts a page away, and where the next begins, together; `end` null: it was the last. Where another attempt has gone on
 * meanwhile, nothing is put away, and it is as that one has left it. Within the open transaction, which holds the export.
 */
export async function putPart(
  db: Db,
  exportId: string,
  { source, name }: Place,
  key: ExportKey,
  {
    before,
    rows,
    end,
  }: { readonly before: Reading; readonly rows: readonly Row[]; readonly end: string | null },
): Promise<Reading> {
  const now = await readingOf(db, exportId, { source, name }, key);
  if (now.parts !== before.parts || now.after !== before.after || now.isDone) return now;
  const parts = rows.length === 0 ? before.parts : before.parts + 1;
  if (rows.length > 0) {
    const plain = await packed(rows);
    await db
      .insertInto("export_part")
      .values({
        export_id: exportId,
        source,
        record_type: name,
        n: before.parts,
        encrypted_rows: key.encrypt(plain, [exportId, source, name, before.parts]),
      })
      .execute();
  }
  const read = {
    encrypted_position:
      end === null ? null : key.encrypt(Buffer.from(end), [exportId, source, name, "position"]),
    parts,
    rows: String(before.rows + rows.length),
    is_done: end === null,
  };
  await db
    .insertInto("export_reading")
    .values({ export_id: exportId, source, record_type: name, ...read })
    .onConflict((conflict) => conflict.columns(["export_id", "source", "record_type"]).doUpdateSet(read))
    .execute();
  return { after: end, parts, rows: before.rows + rows.length, isDone: end === null };
}

/** The rows of a record type that has been read, page by page; all of them, or it throws. */
export async function* partsOf(
  db: Db,
  exportId: string,
  { source, name }: Place,
  key: ExportKey,
): AsyncGenerator<readonly Row[]> {
  const { parts, isDone } = await readingOf(db, exportId, { source, name }, key);
  if (!isDone) throw new Error("what was read to its end is gone");
  for (let n = 0; n < parts; n++) {
    const part = await db
      .selectFrom("export_part")
      .select("encrypted_rows")
      .where("export_id", "=", exportId)
      .where("source", "=", source)
      .where("record_type", "=", name)
      .where("n", "=", n)
      .executeTakeFirst();
    if (!part) throw new Error("a page that was put away is gone");
    yield (await unpacked(key.decrypt(part.encrypted_rows, [exportId, source, name, n]))) as readonly Row[];
  }
}

/** What has been read goes: it is in the archive, or nobody will make one. */
export async function dropParts(db: Db, exportIds: readonly string[]): Promise<void> {
  for (const table of ["export_part", "export_reading"] as const)
    await db
      .deleteFrom(table)
      .where("export_id", "in", [...exportIds])
      .execute();
}

/** The bytes of archives go. */
export async function dropChunks(db: Db, exportIds: readonly string[], but?: string | null): Promise<void> {
  await db
    .deleteFrom("export_chunk")
    .where("export_id", "in", [...exportIds])
    .$if(but != null, (query) => query.where("archive_id", "!=", but ?? ""))
    .execute();
}

/** One archive, which nobody was told of. */
export async function dropArchive(db: Db, archiveId: string): Promise<void> {
  await db.deleteFrom("export_chunk").where("archive_id", "=", archiveId).execute();
}

/** The archive goes, and what has been read stays: it is made again once the rest has been. Within the open transaction. */
export async function endArchive(db: Db, { id, archive_id }: ExportRow): Promise<void> {
  // Of it alone: another may be in the making.
  if (archive_id !== null) await dropArchive(db, archive_id);
  await db.updateTable("export").set({ archive_id: null, sealed_token: null }).where("id", "=", id).execute();
}

/** Within the open transaction: nothing of the export can be had any more. */
export async function endExport(db: Db, exportId: string): Promise<void> {
  await dropParts(db, [exportId]);
  await dropChunks(db, [exportId]);
  await db
    .updateTable("export")
    .set({ archive_id: null, sealed_key: null, sealed_token: null })
    .where("id", "=", exportId)
    .execute();
}

/** Within the open transaction: a record type is read from the start. */
export async function restartReading(db: Db, exportId: string, { source, name }: Place): Promise<Reading> {
  for (const table of ["export_part", "export_reading"] as const)
    await db
      .deleteFrom(table)
      .where("export_id", "=", exportId)
      .where("source", "=", source)
      .where("record_type", "=", name)
      .execute();
  return none;
}
