import { sql } from "kysely";
import type { Whose } from "../../sources/erasures.ts";
import { held } from "../read-value.ts";
import type { Database, Run } from "./database.ts";
import type { Fragment } from "./dialect.ts";
import type { AlongTable, TraceColumn, TracePlace } from "./erasure-mapping.ts";
import { among } from "./rows.ts";
import { columnRef, Selection } from "./selection.ts";
import type { Stored } from "./statement.ts";
import { conditionsOf, names } from "./trace-names.ts";

interface Naming extends AlongTable {
  readonly selection: Selection;
  /** Alias of the key of the row that a row goes along with. */
  readonly parentAlias: string;
  readonly named: readonly { readonly how: TraceColumn; readonly alias: string }[];
}

/** Rows that hang on a trace and say whose it is: the fields of a form that was sent in. */
export class AlongNames {
  readonly #database: Database;
  readonly #key: string;
  readonly #tables: readonly Naming[];

  constructor({ key, named, along = [] }: TracePlace, database: Database) {
    this.#database = database;
    this.#key = key;
    this.#tables = along.flatMap((each) => {
      const own = named.filter((how) => "of" in how && how.of === each.table);
      if (own.length === 0) return [];
      const selection = new Selection(database.dialect);
      const parentAlias = selection.add(each.parent);
      const columns = own.map((how) => ({ how, alias: selection.add(how.column) }));
      return [{ ...each, selection, parentAlias, named: columns }];
    });
  }

  /** As `TraceNames.conditions`, of the rows that they hang on. */
  conditions(whose: Whose): Fragment[] {
    return this.#tables.flatMap((along) => {
      const named = this.#named(along, whose, "along");
      if (named.length === 0) return [];
      return [
        sql`exists (select 1 from ${sql.table(along.table)} as along
          where ${columnRef(along.parent, "along")} = ${columnRef(this.#key)} and (${sql.join(named, sql` or `)}))`,
      ];
    });
  }

  /** @returns of the keys of rows, those on which something hangs that has an identifier of the person */
  async naming(run: Run, keys: readonly unknown[], whose: Whose): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for (const along of keys.length === 0 ? [] : this.#tables) {
      const named = this.#named(along, whose, "r");
      if (named.length === 0) continue;
      const query = sql<Stored>`select ${along.selection.toSql()} from ${sql.table(along.table)} as r
        where ${among(columnRef(along.parent), keys)} and (${sql.join(named, sql` or `)})`;
      for (const row of await run(query.compile(this.#database.kysely)))
        if (along.named.some(({ how, alias }) => names(how, held(row[alias]), whose)))
          found.add(String(row[along.parentAlias]));
    }
    return found;
  }

  #named({ named }: Naming, whose: Whose, table: string): readonly Fragment[] {
    return named.flatMap(({ how }) => conditionsOf(how, whose, this.#database.dialect, table));
  }
}
