import { type ArchiveRow, type ArchiveValue, isRows } from "./contents.ts";
import { isList, type RecordField, type RecordType } from "./record-type.ts";

/**
 * The fields of a row in the order of its record type; one that the row lacks is null.
 * @throws of a field that the record type does not name: left out it would be silently less, written it would have no label.
 */
export function exactRow({ source, name, fields }: RecordType): (row: ArchiveRow) => ArchiveRow {
  return exactly(`${source}.${name}`, fields);
}

function exactly(place: string, fields: readonly RecordField[]): (row: ArchiveRow) => ArchiveRow {
  const names = new Set(fields.map(({ name }) => name));
  const values = fields.map((field) => [field.name, valueOf(place, field)] as const);
  return (row) => {
    const stranger = Object.keys(row).find((key) => !names.has(key));
    if (stranger !== undefined) throw new Error(`${place} has no field ${stranger}, which a row of it has`);
    return Object.fromEntries(values.map(([name, value]) => [name, value(row[name] ?? null)]));
  };
}

function valueOf(place: string, field: RecordField): (value: ArchiveValue) => ArchiveValue {
  const where = `${place}.${field.name}`;
  if (!isList(field)) {
    return (value) => {
      if (isRows(value)) throw new Error(`${where} is one value, but a row has a list there`);
      return value;
    };
  }
  const exact = exactly(where, field.list);
  return (value) => {
    if (value === null) return [];
    if (!isRows(value)) throw new Error(`${where} is a list, but a row has one value there`);
    return value.map(exact);
  };
}
