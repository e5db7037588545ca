import type { Remainder, Whose } from "../../sources/erasures.ts";
import type { Database } from "./database.ts";
import type { SqlErasures } from "./erasure-mapping.ts";
import { everybody } from "./living-records.ts";
import type { AnySqlMapping } from "./plan.ts";
import { TraceRows } from "./trace-rows.ts";

/** Rows of collections that are one person's and about another. */
export class OthersRows {
  readonly #collections: readonly {
    readonly recordType: string;
    readonly place: string;
    readonly rows: TraceRows;
  }[];

  constructor(database: Database, { person, collections }: AnySqlMapping, erasures: SqlErasures) {
    this.#collections = Object.entries(erasures.collections).flatMap(([recordType, { identifiers = [] }]) => {
      const collection = collections[recordType];
      if (!collection || identifiers.length === 0) return [];
      const { table, key, parent, where } = collection;
      const place = {
        table,
        key,
        ...(where && { where }),
        named: [
          { column: parent, by: "RECORD" } as const,
          ...identifiers.map(({ kind, column }) => ({ column, by: kind })),
        ],
      };
      // Also where the record is not there any more: nothing of a collection goes by an identifier.
      const parts = { database, records: person.table, living: everybody };
      return [{ recordType, place: table, rows: new TraceRows(place, parts) }];
    });
  }

  /** Those that hold an identifier of the person, by collection. */
  async remains(whose: Whose, signal: AbortSignal): Promise<readonly Remainder[]> {
    const left: Remainder[] = [];
    for (const { recordType, place, rows } of this.#collections)
      left.push({ recordType, place, count: await rows.countOthers(whose, signal), ofOthers: true });
    return left;
  }
}
