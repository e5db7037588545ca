import type { RecordField, RecordType } from "../archive/record-type.ts";
import type { Row } from "../sources/contract.ts";

/** A field in which others may be named, and how its texts are come by. */
export interface FreeTextField {
  /** The record type whose rows have it, or have the list that has it. */
  readonly shown: RecordType;
  /** The list within each row; null: the field is the row's own. */
  readonly list: string | null;
  readonly field: string;
}

/** What the person has said themself is never kept from them. */
const own = "statements";
/** What a system holds beyond the common model: its name and category are the organisation's own. */
const beyond = "other";
const whole = "record";

/**
 * By record type, as `Mark.recordType` has it, and field. Null: there is no such, or it is none in which others may be
 * named.
 */
export function freeTextField(
  types: readonly RecordType[],
  place: { readonly source: string; readonly recordType: string; readonly field: string },
): FreeTextField | "UNKNOWN_RECORD_TYPE" | "NOT_FREE_TEXT" {
  const known = types.filter(({ source, name }) => source === place.source && name !== own);
  for (const shown of known) {
    if (shown.name === place.recordType && shown.name !== whole)
      return fieldIn(shown, null, shown.fields, place);
    for (const each of shown.fields) {
      if (!("list" in each) || each.name === own) continue;
      const name = shown.name === whole ? each.name : `${shown.name}.${each.name}`;
      if (name === place.recordType) return fieldIn(shown, each.name, each.list, place);
    }
  }
  return "UNKNOWN_RECORD_TYPE";
}

function fieldIn(
  shown: RecordType,
  list: string | null,
  fields: readonly RecordField[],
  { recordType, field }: { readonly recordType: string; readonly field: string },
): FreeTextField | "NOT_FREE_TEXT" {
  const found = fields.find(({ name }) => name === field);
  const isText = found && "type" in found && found.type === "string" && found.label?.freeText === true;
  return isText && (recordType !== beyond || field === "value") ? { shown, list, field } : "NOT_FREE_TEXT";
}

/** Every text of the field in a row. */
export function textsIn({ list, field }: FreeTextField, row: Row): readonly unknown[] {
  if (list === null) return [row[field]];
  const rows = row[list];
  return Array.isArray(rows) ? (rows as readonly Row[]).map((each) => each[field]) : [];
}
