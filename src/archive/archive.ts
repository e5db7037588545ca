import type { ArchiveContents, ArchiveRow } from "./contents.ts";
import { csvRows, tablesOf } from "./csv.ts";
import { exactRow } from "./exact-row.ts";
import { jsonRows, jsonText } from "./json-rows.ts";
import { jsonSchema } from "./json-schema.ts";
import { manifest } from "./manifest.ts";
import { page } from "./page.ts";
import { checkNames, csvPath, dataPath, schemaPath } from "./paths.ts";
import { readme } from "./readme.ts";
import type { RecordType } from "./record-type.ts";
import { Written } from "./written.ts";
import { type ArchiveFile, zipOf } from "./zip.ts";

/**
 * The bytes of the ZIP, with back-pressure: nothing is made before it is asked for. The same contents give the same
 * bytes. Whoever stops reading ends the rows that are being read; an error of theirs ends the reading.
 */
export async function* writeArchive(contents: ArchiveContents): AsyncGenerator<Buffer> {
  checkNames(contents.recordTypes);
  const written = new Written();
  const exact = { ...contents, rows: (type: RecordType) => exactly(type, contents.rows(type)) };
  const files = filesOf(exact, written).map((file) => written.noting(file));
  const last = { path: "manifest.json", text: () => [jsonText(manifest(contents, written))] };
  yield* zipOf([...files, last], contents.madeAt);
}

/** Rows that are written at a time, however long the pages are. */
const together = 100;

async function* exactly(type: RecordType, pages: AsyncIterable<readonly ArchiveRow[]>) {
  const exact = exactRow(type);
  for await (const rows of pages) {
    for (let at = 0; at < rows.length; at += together) yield rows.slice(at, at + together).map(exact);
  }
}

/** What says how much there is comes after the data. */
function filesOf(contents: ArchiveContents, written: Written): readonly ArchiveFile[] {
  const { recordTypes, withheld, language, notice, first } = contents;
  const json = recordTypes.map((type) => dataFile(contents, written, type));
  const csv = recordTypes.flatMap((type) => csvFiles(contents, type));
  return [
    { path: "README.txt", text: () => [readme(contents)] },
    ...(first === "JSON" ? [...json, ...csv] : [...csv, ...json]),
    ...recordTypes.map((type) => ({
      path: schemaPath(type),
      text: () => [jsonText(jsonSchema(type, withheld, language))],
    })),
    { path: "notice.json", text: () => [jsonText(notice)] },
    { path: "innsyn.html", text: () => page(contents, written) },
  ];
}

function dataFile({ rows }: ArchiveContents, written: Written, type: RecordType): ArchiveFile {
  const path = dataPath(type);
  return { path, text: () => jsonRows(written.counting(path, rows(type))) };
}

function csvFiles({ rows }: ArchiveContents, type: RecordType): readonly ArchiveFile[] {
  return tablesOf(type.fields).map((table) => ({
    path: csvPath(type, table.lists),
    text: () => csvRows(table, rows(type)),
  }));
}
