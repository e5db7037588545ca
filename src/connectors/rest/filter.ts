import type { IdentifierKind } from "../../access/vocabulary.ts";
import type { Identifier } from "../../sources/contract.ts";
import { spellingsOf } from "../spellings.ts";
import type { FindEndpoint } from "./mapping.ts";

type Dialect = FindEndpoint["filter"]["dialect"];

/** A value as a literal of the filter language, or null where the language cannot write it: then nothing is held by it. */
export function quote(dialect: Dialect, value: string): string | null {
  if (dialect === "json") return JSON.stringify(value);
  if (value.includes("\0")) return null;
  const escaped = dialect === "mysql" ? value.replaceAll("\\", "\\\\") : value;
  return `'${escaped.replaceAll("'", "''")}'`;
}

/** The filter that finds everybody who has one of the identifiers; null when the system can be asked for none. */
export function filterFor(
  { filter, spellings = [] }: FindEndpoint,
  identifiers: readonly Identifier[],
): string | null {
  const byKind = new Map<IdentifierKind, Set<string>>();
  for (const { kind, value } of identifiers) {
    const quoted = byKind.get(kind) ?? new Set<string>();
    byKind.set(kind, quoted);
    for (const spelling of spellingsOf(kind, value, spellings.includes("NFD"))) {
      const literal = quote(filter.dialect, spelling);
      if (literal !== null) quoted.add(literal);
    }
  }
  const written = [...byKind].flatMap(([kind, quoted]) => {
    const part = quoted.size === 0 ? null : filter.write(kind, [...quoted]);
    return part === null ? [] : [part];
  });
  if (written.length < 2) return written[0] ?? null;
  return (filter.either ?? either)(written);
}

const either = (filters: readonly string[]) => filters.map((filter) => `(${filter})`).join(" or ");
