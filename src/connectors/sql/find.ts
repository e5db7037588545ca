import { sql } from "kysely";
import { type Finding, type Identifier, type Identity, SourceFailure } from "../../sources/contract.ts";
import { type Candidate, findings } from "../match.ts";
import { spellingsOf } from "../spellings.ts";
import type { Database } from "./database.ts";
import type { Fragment } from "./dialect.ts";
import type { IdentifierColumn } from "./mapping.ts";
import type { AnySqlMapping, PersonPlan } from "./plan.ts";
import { columnRef, fromTable, inList } from "./selection.ts";
import { padded, Statement, Statements, type Stored } from "./statement.ts";

/** Rows read for one batch at most; more of them answering to so few identifiers is a fault of the system. */
const rowBound = (identities: number) => 1_000 + 20 * identities;

/** What one identifier column is asked for. */
interface Asked {
  readonly column: IdentifierColumn;
  readonly values: readonly string[];
  readonly patterns: readonly string[];
}

/** Finds everybody of a batch, and the canary with them, in one query. */
export class Finder {
  readonly #mapping: AnySqlMapping;
  readonly #plan: PersonPlan;
  readonly #canary: Identifier;
  readonly #statements = new Statements();

  constructor(mapping: AnySqlMapping, plan: PersonPlan, canary: Identifier) {
    this.#mapping = mapping;
    this.#plan = plan;
    this.#canary = canary;
  }

  async find(database: Database, identities: readonly Identity[], signal: AbortSignal): Promise<Finding[]> {
    const rows = await this.#rows(database, identities, signal);
    return findings(
      identities,
      rows.map((row) => this.#candidate(row)),
      this.#canary,
    );
  }

  /** The canary's key. Fails unless it is found whole. */
  async canaryKey(database: Database, signal: AbortSignal): Promise<string> {
    const [finding] = await this.find(database, [{ identifiers: [this.#canary] }], signal);
    if (finding?.state !== "HELD") throw new SourceFailure("CANARY_NOT_FOUND");
    return finding.record.key;
  }

  async #rows(database: Database, identities: readonly Identity[], signal: AbortSignal) {
    const wanted = [...identities.flatMap(({ identifiers }) => identifiers), this.#canary];
    const asked = this.#mapping.person.identifiers.map((column) => askOf(column, wanted));
    const shape = asked.map(({ values, patterns }) => `${values.length},${patterns.length}`).join(" ");
    const statement = this.#statements.get(shape, () => this.#write(database, asked));
    const limit = rowBound(identities.length);
    const values = asked.flatMap((ask) => [...ask.values, ...ask.patterns]);
    const rows = await database.rows(statement, [...values, limit + 1], signal);
    if (rows.length > limit) throw new SourceFailure("FAILED");
    return rows;
  }

  #write(database: Database, asked: readonly Asked[]): Statement {
    return new Statement(database.kysely, (slot) => {
      const conditions = asked.flatMap((ask) => conditionsOf(ask, slot, database.dialect.integer));
      return sql`select ${this.#plan.selection.toSql()} from ${fromTable(this.#mapping.person)}
        where ${sql.join(conditions, sql` or `)} order by ${columnRef(this.#mapping.person.key)}
        ${database.dialect.limit(slot())}`;
    });
  }

  #candidate(row: Stored): Candidate {
    const key = String(row[this.#plan.key]);
    const { identifiers } = this.#mapping.person;
    return {
      key,
      identifiers: this.#plan.identifiers.flatMap((alias, at) => {
        const [kind, stored] = [identifiers[at]?.kind, row[alias]];
        return kind === undefined || stored === null || stored === undefined
          ? []
          : [{ kind, value: String(stored) }];
      }),
      whole: () => this.#plan.whole(row),
      record: () => ({ key, ...this.#plan.read(row) }),
    };
  }
}

function askOf(column: IdentifierColumn, wanted: readonly Identifier[]): Asked {
  const { kind, type, spellings = [] } = column;
  const ofKind = [...new Set(wanted.filter((w) => w.kind === kind).map(({ value }) => value))];
  const possible = ofKind.filter(type === undefined ? isText : isOf[type]);
  const decomposed = spellings.includes("NFD");
  const values = possible.flatMap((value) => (type ? [value] : spellingsOf(kind, value, decomposed)));
  const named = spellings.includes("DISPLAY_NAME") ? values : [];
  return {
    column,
    values: padded(values),
    patterns: padded(named.map((value) => `%<${escapeLike(value)}>%`)),
  };
}

/** No text column can hold NUL, and PostgreSQL refuses to compare with it. */
const isText = (value: string) => !value.includes("\0");

const isOf = {
  integer: (value: string) => /^\d{1,18}$/.test(value),
  uuid: (value: string) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value),
};

/** Escapes the wildcards of LIKE, SQL Server's brackets among them, for `escape '|'`. */
export function escapeLike(value: string): string {
  return value.replace(/[|%_[]/g, "|$&");
}

type Integer = (value: unknown) => Fragment;

function conditionsOf(
  { column, values, patterns }: Asked,
  slot: () => unknown,
  integer: Integer,
): Fragment[] {
  const stored = columnRef(column.column);
  const equal = () => (column.type === "integer" ? integer(slot()) : slot());
  const compared = column.type ? stored : folded(stored, column);
  const conditions = values.length === 0 ? [] : [inList(compared, equal, values.length)];
  return [...conditions, ...patterns.map(() => sql`lower(${stored}) like ${slot()} escape '|'`)];
}

/** Letter case counts in every kind of identifier but e-mail addresses; an index on the bare column serves those. */
function folded(stored: Fragment, { kind, spellings = [] }: IdentifierColumn): Fragment {
  let value = stored;
  if (spellings.includes("PUNCTUATED")) {
    for (const sign of [" ", "-", ".", "(", ")"]) value = sql`replace(${value}, ${sql.lit(sign)}, '')`;
  }
  if (spellings.includes("PADDED")) value = sql`trim(${value})`;
  return kind === "EMAIL" ? sql`lower(${value})` : value;
}
