import { createSqlSource } from "../../src/connectors/sql/source.ts";
import type { SqlErasures } from "../../src/connectors/sql/erasure-mapping.ts";
import type { SqlMapping } from "../../src/connectors/sql/mapping.ts";
import type { ErasableSource } from "../../src/sources/erasures.ts";
import type { ErasingHarness, ErasingSystem } from "./erasing-conformance.ts";
import { type Collections, type Fields, processor } from "./harness.ts";
import { mappingFor, sqlHarness, type SqlSystem } from "./sql-harness.ts";
import type { KeyType } from "./system.ts";

export type Erasures = SqlErasures<keyof Collections & string>;

export interface SqlErasingSystem extends ErasingSystem {
  readonly system: SqlSystem;
  /** A source whose mapping erases otherwise; closed with the system. */
  with(change: (erasures: Erasures) => Erasures): Promise<ErasableSource>;
}

export const erasures: Erasures = {
  collections: {
    letters: { mark: { restriction: { column: "held", on: true }, until: "held_until" } },
    tags: {},
  },
  record: {
    mark: { restriction: { column: "restricted", on: true } },
    reduced: {
      overwrite: {
        email: null,
        external_id: null,
        phone: null,
        born: null,
        weight: null,
        settings: null,
        password: "",
      },
      keeps: { given: "a name", family: "a name", restricted: "a mark", changed: "a moment" },
    },
  },
  traces: [
    {
      table: "trace",
      key: "id",
      named: [
        { column: "person_id", by: "RECORD" },
        { column: "email", by: "EMAIL", within: true },
      ],
    },
  ],
};

export function erasingMapping(
  url: string,
  change: (erasures: Erasures) => Erasures = (same) => same,
): SqlMapping<Fields, Collections> {
  const { collections, ...mapping } = mappingFor(url);
  const notPersonal = { held: "a mark", held_until: "a mark" };
  return {
    ...mapping,
    collections: { ...collections, letters: { ...collections.letters, notPersonal } },
    erasures: change(erasures),
  };
}

/** The tables of the other suites, with marks on letters, and a log beside them. */
export const sqlErasingHarness = {
  name: "sql",
  async make(keyType: KeyType): Promise<SqlErasingSystem> {
    const system = await sqlHarness.make(keyType);
    const parts = new AsyncDisposableStack();
    parts.use(system);
    const { pool } = system.store;
    await pool.query(`alter table letter add column held boolean not null default false, add column held_until date;
      create table trace (id bigint generated always as identity primary key, person_id text, email text, note text);
      create index on trace (person_id);
      insert into trace (person_id, email) select id::text, email from person;
      grant select, update, delete on all tables in schema public to ${system.role}`);
    const made = async (change?: (erasures: Erasures) => Erasures) => {
      const source = await createSqlSource("test", processor, erasingMapping(system.readerUrl, change));
      parts.defer(() => source.close());
      return source;
    };
    return {
      system,
      source: await made(),
      with: made,
      async trace(key, email) {
        await pool.query("insert into trace (person_id, email) values ($1, $2)", [key, email]);
      },
      [Symbol.asyncDispose]: () => parts.disposeAsync(),
    };
  },
} satisfies ErasingHarness;
