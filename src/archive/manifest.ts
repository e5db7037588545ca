import type { ArchiveContents } from "./contents.ts";
import { tablesOf } from "./csv.ts";
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
    recordTypes: recordTypes.map((type) => held(type, written)),
    files: written.files,
    missing,
    withheld,
    leftOut,
  };
}

function held(type: RecordType, written: Written) {
  return {
    source: type.source,
    recordType: type.name,
    title: type.title,
    rows: written.rowsOf(dataPath(type)),
    data: dataPath(type),
    schema: schemaPath(type),
    csv: tablesOf(type.fields).map(({ lists }) => csvPath(type, lists)),
  };
}
