import { type CompiledQuery, sql } from "kysely";
import { SourceFailure } from "../../sources/contract.ts";
import { held } from "../read-value.ts";
import type { Database, Run } from "./database.ts";
import type { TracePlace } from "./erasure-mapping.ts";
import { type Overwriter, overwriter } from "./overwrite.ts";
import type { AnySqlMapping } from "./plan.ts";
import { comparisonOf, type KeyComparison, unknownKey } from "./record-keys.ts";
import { among, batches } from "./rows.ts";
import { columnRef, Selection } from "./selection.ts";
import type { Stored } from "./statement.ts";
import { saysAll, type Said } from "./trace-names.ts";

/** Which keys, among some, are of records that are still somebody's. */
export interface Living {
  among(run: Run, keys: readonly string[], signal: AbortSignal): Promise<ReadonlySet<string>>;
}

/** What hangs on a record is its own, whatever it names. */
export const everybody: Living = { among: async (_run, keys) => new Set(keys) };

export interface LivingParts {
  readonly database: Database;
  readonly mapping: AnySqlMapping;
  /** Of the column with the keys of records, as the driver names it. */
  readonly keyType: () => string;
  /** Key of the canary's record. */
  readonly canary: (signal: AbortSignal) => Promise<string>;
}

/**
 * A record is nobody's once its row is gone, says nothing any more, or is among those that the mapping takes for traces. Of
 * what cannot be told, it is somebody's.
 */
export class LivingRecords implements Living {
  readonly #parts: LivingParts;
  readonly #selection: Selection;
  readonly #key: string;
  readonly #emptied: Overwriter | null;
  /** Of trace places in the table of the records: which of its rows they are about. */
  readonly #setAside: readonly (readonly Said[])[];

  constructor(parts: LivingParts) {
    const { database, mapping } = parts;
    const { person, erasures } = mapping;
    this.#parts = parts;
    this.#selection = new Selection(database.dialect);
    this.#key = this.#selection.add(person.key);
    const stays = erasures?.record.stays?.overwrite;
    this.#emptied = stays ? overwriter(stays, this.#selection, database.dialect) : null;
    const places: readonly TracePlace[] = erasures?.traces ?? [];
    this.#setAside = places
      .filter(({ table, where = {} }) => table === person.table && Object.keys(where).length > 0)
      .map(({ where = {} }) =>
        Object.entries(where).map(([column, value]) => ({ alias: this.#selection.add(column), value })),
      );
  }

  /** Rejects with `SourceFailure` where the canary does not show: others may be hidden as well. */
  async among(run: Run, keys: readonly string[], signal: AbortSignal): Promise<ReadonlySet<string>> {
    const comparison = comparisonOf(this.#parts.keyType());
    if (keys.length === 0 || !comparison) return new Set(keys);
    const canary = await this.#parts.canary(signal);
    const living = new Set<string>();
    const asked = [...new Set(keys)].filter((key) => typeof comparison.canonical(key) === "string");
    for (const some of batches(asked)) {
      const rows = await run(this.#select([...some, canary], comparison));
      if (!rows.some((row) => String(row[this.#key]) === canary)) throw new SourceFailure("CANARY_NOT_FOUND");
      for (const row of rows) {
        const canonical = comparison.canonical(String(held(row[this.#key])));
        if (this.#isSomebodys(row) && typeof canonical === "string") living.add(canonical);
      }
    }
    return new Set(
      keys.filter((key) => {
        const canonical = comparison.canonical(key);
        return canonical === unknownKey || (canonical !== null && living.has(canonical));
      }),
    );
  }

  #isSomebodys(row: Stored): boolean {
    if (this.#emptied?.isDone(row, String(row[this.#key]))) return false;
    return !this.#setAside.some((said) => saysAll(row, said));
  }

  #select(keys: readonly string[], { asked }: KeyComparison): CompiledQuery<Stored> {
    const { database, mapping } = this.#parts;
    const { table, key } = mapping.person;
    const values = [...new Set(keys)].flatMap((each) => asked(each, database.dialect));
    return sql<Stored>`select ${this.#selection.toSql()} from ${sql.table(table)} as r
      where ${among(columnRef(key), values)}`.compile(database.kysely);
  }
}
