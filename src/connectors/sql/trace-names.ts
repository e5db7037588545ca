import { sql } from "kysely";
import type { Whose } from "../../sources/erasures.ts";
import { normaliseStored } from "../../subjects/identifiers.ts";
import { held } from "../read-value.ts";
import { spellingsOf } from "../spellings.ts";
import type { Dialect, Fragment } from "./dialect.ts";
import type { TraceColumn, TracePlace } from "./erasure-mapping.ts";
import { betweenDigits, mentions, patternsWithin } from "./mentions.ts";
import { columnRef, type Selection } from "./selection.ts";
import type { Stored } from "./statement.ts";

interface Named {
  readonly how: TraceColumn;
  readonly alias: string;
}

/** What a column of a row is to say. */
export interface Said {
  readonly alias: string;
  readonly value: string | number | boolean | null;
}

/** What the rows of a place say of whose they are. */
export class TraceNames {
  /** No index serves a search within a text. */
  readonly readsTexts: boolean;
  readonly #dialect: Dialect;
  readonly #named: readonly Named[];
  readonly #nobody: ReadonlySet<string>;
  readonly #where: readonly Said[];

  constructor({ named, nobody = [], where = {} }: TracePlace, selection: Selection, dialect: Dialect) {
    this.#dialect = dialect;
    const own = named.filter((how) => !("of" in how));
    this.#named = own.map((how) => ({ how, alias: selection.add(how.column) }));
    this.#nobody = new Set(nobody.map(String));
    this.#where = Object.entries(where).map(([column, value]) => ({ alias: selection.add(column), value }));
    this.readsTexts = named.some((how) => "within" in how);
  }

  /** What the database narrows the search down by; none: it cannot be searched for the person. */
  conditions(whose: Whose): Fragment[] {
    return this.#named.flatMap(({ how }) => conditionsOf(how, whose, this.#dialect));
  }

  /** As `conditions`, by columns that hold an identifier and nothing else. */
  exactConditions(whose: Whose): Fragment[] {
    return this.#exact().flatMap(({ how }) => conditionsOf(how, whose, this.#dialect));
  }

  /** Whether the place is about such rows. */
  isMeant(row: Stored): boolean {
    return saysAll(row, this.#where);
  }

  /** Keys of the records that it names, as it writes them. */
  owners(row: Stored): readonly string[] {
    return this.#named
      .filter(({ how }) => how.by === "RECORD")
      .map(({ alias }) => held(row[alias]))
      .filter((owner) => owner !== null)
      .map(String)
      .filter((owner) => !this.#nobody.has(owner));
  }

  /** Whether it has an identifier of the person. */
  isNaming(row: Stored, whose: Whose): boolean {
    return this.#named.some(({ how, alias }) => names(how, held(row[alias]), whose));
  }

  /** As `isNaming`, in a column that holds nothing else. */
  isNamingExactly(row: Stored, whose: Whose): boolean {
    return this.#exact().some(({ how, alias }) => names(how, held(row[alias]), whose));
  }

  #exact(): readonly Named[] {
    return this.#named.filter(({ how }) => how.by !== "RECORD" && !how.within);
  }
}

/** What narrows a search down to rows whose column may name the person. */
export function conditionsOf(
  how: TraceColumn,
  { recordKey, identifiers }: Whose,
  dialect: Dialect,
  table = "r",
): Fragment[] {
  const stored = columnRef(how.column, table);
  if (how.by === "RECORD") return [sql`${stored} = ${recordKey}`];
  const own = identifiers.filter(({ kind, value }) => kind === how.by && !value.includes("\0"));
  if (how.within) {
    const text = folded(sql`lower(${dialect.text(stored)})`, how);
    const patterns = own.flatMap(patternsWithin).map((pattern) => `%${pattern}%`);
    return patterns.map((pattern) => sql`${text} like ${pattern} escape '|'`);
  }
  const text = folded(dialect.text(stored), how);
  return own
    .flatMap(({ kind, value }) => spellingsOf(kind, value, true))
    .map((value) => (how.by === "EMAIL" ? sql`lower(${text}) = ${value}` : sql`${text} = ${value}`));
}

function folded(text: Fragment, { by }: TraceColumn): Fragment {
  if (by !== "PHONE") return text;
  return betweenDigits.reduce<Fragment>((rest, sign) => sql`replace(${rest}, ${sql.lit(sign)}, '')`, text);
}

/** Whether what a column says names the person by an identifier. */
export function names(how: TraceColumn, stored: unknown, { identifiers }: Whose): boolean {
  if (stored === null || how.by === "RECORD") return false;
  const text = String(stored);
  return identifiers
    .filter(({ kind }) => kind === how.by)
    .some((identifier) =>
      how.within ? mentions(text, identifier) : normaliseStored(how.by, text) === identifier.value,
    );
}

/** Whether a row says all of it. */
export const saysAll = (row: Stored, said: readonly Said[]): boolean =>
  said.every(({ alias, value }) => says(row[alias], value));

function says(stored: unknown, value: string | number | boolean | null): boolean {
  const plain = (each: unknown) => (typeof each === "boolean" ? Number(each) : each);
  const own = plain(held(stored));
  return own === null || value === null ? own === value : String(own) === String(plain(value));
}
