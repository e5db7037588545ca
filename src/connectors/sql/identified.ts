import { sql } from "kysely";
import { type Identifier, InvalidCursor } from "../../sources/contract.ts";
import type { IdentifiedRecords } from "../../sources/erasures.ts";
import { normaliseStored } from "../../subjects/identifiers.ts";
import type { Database } from "./database.ts";
import { anyOf, restrictedRecord } from "./expiry-conditions.ts";
import { isDataException, toFailure } from "./failure.ts";
import type { PersonTable } from "./mapping.ts";
import type { AnySqlMapping } from "./plan.ts";
import { columnRef, fromTable, Selection } from "./selection.ts";
import type { Stored } from "./statement.ts";

const pageSize = 500;

/** Everybody there is, some at a time, by key. Rejects with `InvalidCursor` or `SourceFailure`. */
export async function identified(
  database: Database,
  mapping: AnySqlMapping,
  after: string | null,
  signal: AbortSignal,
): Promise<IdentifiedRecords> {
  const { kysely, dialect } = database;
  const { person } = mapping;
  const selection = new Selection(dialect);
  const key = selection.add(person.key);
  const identifiers = identifiersIn(person, selection);
  const restricted = sql`case when ${anyOf(restrictedRecord(mapping, "r"))} then 1 else 0 end`;
  const beyond = after === null ? sql`` : sql`where ${columnRef(person.key)} > ${after}`;
  const query = sql<Stored>`select ${selection.toSql()}, ${restricted} as restricted from ${fromTable(person)} ${beyond}
    order by ${columnRef(person.key)} ${dialect.limit(sql.lit(pageSize))}`;
  const rows = await database.read(query.compile(kysely), signal).catch((error: unknown) => {
    const failure = toFailure(error);
    throw after !== null && isDataException(failure)
      ? new InvalidCursor(undefined, { cause: failure })
      : failure;
  });
  const records = rows.map((row) => ({
    key: String(row[key]),
    identifiers: identifiers(row),
    restricted: Number(row["restricted"]) === 1,
  }));
  return { records, next: rows.length < pageSize ? null : (records.at(-1)?.key ?? null) };
}

/** Reads what the mapping calls an identifier, normalised; what cannot be is left out. */
export function identifiersIn(
  person: PersonTable<string>,
  selection: Selection,
): (row: Stored) => readonly Identifier[] {
  const columns = person.identifiers.map(({ kind, column }) => ({ kind, alias: selection.add(column) }));
  return (row) =>
    columns.flatMap(({ kind, alias }) => {
      const stored = row[alias];
      const value = stored === null || stored === undefined ? null : normaliseStored(kind, String(stored));
      return value === null ? [] : [{ kind, value }];
    });
}
