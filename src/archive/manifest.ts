import type { ArchiveContents } from "./contents.ts";
import { tablesOf } from "./csv.ts";
import { missingOf } from "./gaps.ts";
import { csvPath, dataPath, schemaPath } from "./paths.ts";
import type { RecordType } from "./record-type.ts";
import type { Written } from "./written.ts";

/** What the archive holds, for programs. Written last: it counts what was written. */
export function manifest(contents: ArchiveContents, written: Written): object {
  const { requestId, kind, madeAt, controller, recordTypes, missing, withheld, leftOut } = contents;
  return {
    requestId,
    kind,
    madeAt: madeAt.toISOString(),
    controller,
    complete: missing.length === 0,
    recordTypes: recordTypes.map((type) => held(contents, type, written)),
    files: written.files,
    missing,
    withheld,
    leftOut,
  };
}

function held(contents: ArchiveContents, type: RecordType, written: Written) {
  return {
    source: type.source,
    recordType: type.name,
    title: type.title,
    complete: missingOf(contents, type).length === 0,
    rows: written.rowsOf(dataPath(type)),
    data: dataPath(type),
    schema: schemaPath(type),
    csv: tablesOf(type.fields).map(({ lists }) => csvPath(type, lists)),
  };
}
