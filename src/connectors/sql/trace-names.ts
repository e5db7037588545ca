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

/** Which rows of a place are a person's. */
export class TraceNames {
  /** No index serves a search within a text. */
  readonly readsTexts: boolean;
  readonly #dialect: Dialect;
  readonly #named: readonly Named[];
  readonly #nobody: ReadonlySet<string>;
  readonly #where: readonly { readonly alias: string; readonly value: string | number | boolean | null }[];

  constructor({ named, nobody = [], where = {} }: TracePlace, selection: Selection, dialect: Dialect) {
    this.#dialect = dialect;
    this.#named = named.map((how) => ({ how, alias: selection.add(how.column) }));
    this.#nobody = new Set(nobody.map(String));
    this.#where = Object.entries(where).map(([column, value]) => ({ alias: selection.add(column), value }));
    this.readsTexts = named.some((how) => "within" in how);
  }

  /** What the database narrows the search down by; none: it cannot be searched for the person. */
  conditions(whose: Whose): Fragment[] {
    return this.#named.flatMap(({ how }) => this.#conditionsOf(how, whose));
  }

  isTheirs(row: Stored, whose: Whose): boolean {
    if (!this.#where.every(({ alias, value }) => says(row[alias], value))) return false;
    const owners = this.#named
      .filter(({ how }) => how.by === "RECORD")
      .map(({ alias }) => held(row[alias]))
      .filter((owner) => owner !== null && !this.#nobody.has(String(owner)));
    if (owners.length > 0) return owners.some((owner) => String(owner) === whose.recordKey);
    return this.#named.some(({ how, alias }) => names(how, held(row[alias]), whose));
  }

  #conditionsOf(how: TraceColumn, { recordKey, identifiers }: Whose): Fragment[] {
    const stored = columnRef(how.column);
    if (how.by === "RECORD") return [sql`${stored} = ${recordKey}`];
    const own = identifiers.filter(({ kind, value }) => kind === how.by && !value.includes("\0"));
    if (how.within) {
      const text = this.#folded(sql`lower(${this.#dialect.text(stored)})`, how);
      const patterns = own.flatMap(patternsWithin).map((pattern) => `%${pattern}%`);
      return patterns.map((pattern) => sql`${text} like ${pattern} escape '|'`);
    }
    const text = this.#folded(this.#dialect.text(stored), how);
    return own
      .flatMap(({ kind, value }) => spellingsOf(kind, value, true))
      .map((value) => (how.by === "EMAIL" ? sql`lower(${text}) = ${value}` : sql`${text} = ${value}`));
  }

  #folded(text: Fragment, { by }: TraceColumn): Fragment {
    if (by !== "PHONE") return text;
    return betweenDigits.reduce<Fragment>((rest, sign) => sql`replace(${rest}, ${sql.lit(sign)}, '')`, text);
  }
}

function names(how: TraceColumn, stored: unknown, { identifiers }: Whose): boolean {
  if (stored === null || how.by === "RECORD") return false;
  const text = String(stored);
  return identifiers
    .filter(({ kind }) => kind === how.by)
    .some((identifier) =>
      how.within ? mentions(text, identifier) : normaliseStored(how.by, text) === identifier.value,
    );
}

function says(stored: unknown, value: string | number | boolean | null): boolean {
  const plain = (each: unknown) => (typeof each === "boolean" ? Number(each) : each);
  const own = plain(held(stored));
  return own === null || value === null ? own === value : String(own) === String(plain(value));
}
