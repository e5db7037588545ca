import { type CompiledQuery, sql } from "kysely";
import { type CallOptions, type Identifier, type Identity, SourceFailure } from "../../sources/contract.ts";
import type { Finding } from "../../sources/contract.ts";
import type {
  ExpiredRow,
  ExpiredRows,
  Expiring,
  ExpiringSource,
  ExpiryCount,
} from "../../sources/expiring.ts";
import { ownRecord, type WriteOptions } from "../../sources/writes.ts";
import type { Database, Run } from "./database.ts";
import type { Fragment } from "./dialect.ts";
import type { Eraser } from "./erase.ts";
import type { Judging } from "./end-rows.ts";
import type { SqlErasures } from "./erasure-mapping.ts";
import { isNot } from "./expiry-conditions.ts";
import { type ExpiryPlan, planExpiry, ownedDirectly, overByOwnRule } from "./expiry-plan.ts";
import { identifiersIn } from "./identified.ts";
import type { AnySqlMapping } from "./plan.ts";
import { among, batches, batchSize } from "./rows.ts";
import { columnRef, Selection } from "./selection.ts";
import type { Stored } from "./statement.ts";
import { type Asking, usedBy, usersOfEach } from "./users.ts";

/** Records that go with one page: each takes its traces along. */
const recordsAtOnce = 50;
/** Milliseconds after which one call leaves the rest to the next. */
const longestCall = 3_000;

export interface ExpiringParts {
  readonly database: Database;
  readonly mapping: AnySqlMapping;
  readonly erasures: SqlErasures;
  readonly eraser: Eraser;
  /** Resolves once the tables are known to be as the mapping says. */
  readonly ready: (signal: AbortSignal) => Promise<void>;
  readonly find: (identities: readonly Identity[], signal: AbortSignal) => Promise<readonly Finding[]>;
  readonly canaryKey: (signal: AbortSignal) => Promise<string>;
  /** Rejects unless the canary is seen, with what it has in the collections. */
  readonly seen: (collections: readonly string[], signal: AbortSignal) => Promise<void>;
}

/** Judges whole tables with one statement, and ends what is over page by page. */
export class SqlExpiring implements ExpiringSource {
  readonly #parts: ExpiringParts;
  readonly #patience: number;
  readonly #plans = new WeakMap<Expiring, ExpiryPlan>();
  #tables: ReturnType<Database["tables"]> | undefined;

  constructor(parts: ExpiringParts) {
    this.#parts = parts;
    this.#patience = parts.mapping.pool?.surveyTimeout ?? 60_000;
  }

  async judges(expiring: Expiring): Promise<boolean> {
    const { database, mapping, erasures } = this.#parts;
    const { dialect } = database;
    const tables = await this.#known();
    return planExpiry({ mapping, erasures, dialect, tables, canary: "" }, expiring) !== null;
  }

  async count(expiring: Expiring, { signal }: CallOptions): Promise<ExpiryCount> {
    const plan = await this.#plan(expiring, signal);
    const isRecord = expiring.recordType === ownRecord;
    const kinds = await this.#kinds(plan, signal);
    const over = plan.hanging ? await this.#over(plan, [], signal) : kinds.over;
    // That nothing is over is not believed of a table that shows too little.
    await this.#parts.seen(isRecord ? [] : [expiring.recordType], signal);
    return { ...kinds, over, held: kinds.held + kinds.over - over };
  }

  async countOf(expiring: Expiring, recordKeys: readonly string[], { signal }: CallOptions): Promise<number> {
    if (recordKeys.length === 0) return 0;
    const plan = await this.#plan(expiring, signal);
    const owners = plan.use ? await usedBy(plan.use, recordKeys, this.#asking(signal)) : recordKeys;
    let count = 0;
    for (const some of batches(owners)) count += await this.#over(plan, [among(plan.owner, some)], signal);
    return count;
  }

  async page(expiring: Expiring, after: string | null, { signal }: CallOptions): Promise<ExpiredRows> {
    const plan = await this.#plan(expiring, signal);
    const { kysely, dialect } = this.#parts.database;
    const isRecord = expiring.recordType === ownRecord;
    const most = isRecord ? recordsAtOnce : batchSize;
    const selection = new Selection(dialect);
    const key = selection.add(plan.key);
    const read = isRecord ? identifiersIn(this.#parts.mapping.person, selection) : () => [];
    const beyond = after === null ? [] : [sql`${columnRef(plan.key)} > ${after}`];
    const query = sql<Stored>`select ${selection.toSql()}, ${plan.owner} as owner from ${plan.from}
      where ${sql.join([...goingNow(plan), ...beyond], sql` and `)}
      order by ${columnRef(plan.key)} ${dialect.limit(sql.lit(most))}`;
    const found = await this.#survey(query.compile(kysely), signal);
    const owners = found.map((row) => String(row["owner"]));
    const users = plan.use && (await usersOfEach(plan.use, owners, this.#asking(signal)));
    const rows = found.map((row, at) => ({
      key: String(row[key]),
      recordKeys: users ? users(owners[at] ?? "") : [owners[at] ?? ""],
      identifiers: read(row),
    }));
    return {
      rows: isRecord ? await this.#withOwnAlone(rows, signal) : rows,
      next: found.length < most ? null : (rows.at(-1)?.key ?? null),
    };
  }

  async end(
    expiring: Expiring,
    rows: readonly ExpiredRow[],
    { signal }: WriteOptions,
  ): Promise<readonly ExpiredRow[]> {
    const plan = await this.#plan(expiring, signal);
    const { eraser } = this.#parts;
    const judging = this.#judging(plan, expiring.recordType);
    if (expiring.recordType !== ownRecord) {
      const keys = rows.map(({ key }) => key);
      if (keys.length > 0) await eraser.endRows(expiring.recordType, keys, judging, signal);
      return [];
    }
    const until = Date.now() + longestCall;
    const record = { ...judging, only: await this.#overByOwnRule(expiring) };
    // Somebody may have come to use an address since it was read.
    const still = await this.#withOwnAlone(rows, signal);
    for (const [at, { key: recordKey, identifiers }] of still.entries()) {
      const isGone = await eraser.endRecord({ recordKey, identifiers }, record, until, signal);
      if (!isGone) return rows.slice(at);
      if (Date.now() > until) return rows.slice(at + 1);
    }
    return [];
  }

  /** Worked out once for what is asked about again and again. */
  async #plan(expiring: Expiring, signal: AbortSignal): Promise<ExpiryPlan> {
    const known = this.#plans.get(expiring);
    if (known) return known;
    const { ready, database, mapping, erasures, canaryKey } = this.#parts;
    await ready(signal);
    const [tables, canary] = [await this.#known(), await canaryKey(signal)];
    const plan = planExpiry({ mapping, erasures, dialect: database.dialect, tables, canary }, expiring);
    if (!plan) throw new SourceFailure("FAILED");
    this.#plans.set(expiring, plan);
    return plan;
  }

  async #overByOwnRule(expiring: Expiring): Promise<ReadonlyMap<string, Fragment>> {
    const { database, mapping, erasures } = this.#parts;
    const tables = await this.#known();
    return overByOwnRule({ mapping, erasures, dialect: database.dialect, tables, canary: "" }, expiring);
  }

  /** The tables as they were when they were first asked for: the mapping is compared with them once as well. */
  async #known() {
    this.#tables ??= this.#parts.database.tables();
    return this.#tables.catch((error: unknown) => {
      this.#tables = undefined;
      throw error;
    });
  }

  /** By the rows' own dates: what hangs on them is not looked at. */
  async #kinds({ from, within, terms, left }: ExpiryPlan, signal: AbortSignal): Promise<ExpiryCount> {
    const { past, undated, free } = terms;
    const kind = sql`case when ${undated} then 0 when ${isNot(free)} then 1 when ${left} then 2 else 3 end`;
    const query = sql<Stored>`select kind, count(*) as n from
      (select ${kind} as kind from ${from} where (${past} or ${undated}) and ${within}) as judged group by kind`;
    const rows = await this.#survey(query.compile(this.#parts.database.kysely), signal);
    const counted = (which: number) => Number(rows.find((row) => Number(row["kind"]) === which)?.["n"] ?? 0);
    return { undated: counted(0), held: counted(1), left: counted(2), over: counted(3) };
  }

  async #over(plan: ExpiryPlan, more: readonly Fragment[], signal: AbortSignal): Promise<number> {
    const conditions = [...isOver(plan), ...(plan.hanging ? [plan.hanging.loose] : []), ...more];
    const query = sql<Stored>`select count(*) as n from ${plan.from} where ${sql.join(conditions, sql` and `)}`;
    const [row] = await this.#survey(query.compile(this.#parts.database.kysely), signal);
    return Number(row?.["n"] ?? 0);
  }

  #judging(plan: ExpiryPlan, recordType: string): Judging {
    const { mapping, database } = this.#parts;
    const { kysely } = database;
    return {
      emptied: plan.emptied,
      async stillSo(run, keys) {
        const conditions = [...goingNow(plan), among(columnRef(plan.key), keys)];
        const query = sql<Stored>`select ${columnRef(plan.key)} as k from ${plan.from} where ${sql.join(conditions, sql` and `)}`;
        return new Set((await run(query.compile(kysely))).map((row) => String(row["k"])));
      },
      guard: async (run, { records, rows }, work) => {
        const before = await this.#counts(run, records);
        await work();
        const after = await this.#counts(run, records);
        const own = mapping.collections[recordType]?.table;
        // A cascade, or a rule of the system's own, has taken something along.
        const isTouched = [...before].some(
          ([table, count]) => after.get(table) !== count - (table === own ? rows : 0),
        );
        if (isTouched) throw new SourceFailure("FAILED");
      },
    };
  }

  /** How many rows of each table the records have, themselves included. */
  async #counts(run: Run, records: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { database, mapping } = this.#parts;
    const { person, collections } = mapping;
    const tops = ownedDirectly(collections);
    const owners = new Map([
      [person.table, person.key],
      ...tops.map(([, { table, parent }]) => [table, parent] as const),
    ]);
    const counts = new Map<string, number>();
    for (const [table, owner] of owners) {
      const query = sql<Stored>`select count(*) as n from ${sql.table(table)} as r
        where ${among(columnRef(owner), records)}`;
      const [row] = await run(query.compile(database.kysely));
      counts.set(table, Number(row?.["n"]));
    }
    return counts;
  }

  /** What names another record as well is no reason to look for traces: they may be that one's. */
  async #withOwnAlone(rows: readonly ExpiredRow[], signal: AbortSignal): Promise<readonly ExpiredRow[]> {
    const asked = rows.flatMap(({ key: recordKey, identifiers }) =>
      identifiers.map((identifier) => ({ recordKey, identifier })),
    );
    const findings =
      asked.length === 0
        ? []
        : await this.#parts.find(
            asked.map(({ identifier }) => ({ identifiers: [identifier] })),
            signal,
          );
    const isAlone = new Set<Identifier>();
    for (const [at, { recordKey, identifier }] of asked.entries()) {
      const finding = findings[at];
      const isNobodys = finding?.state === "NOT_HELD";
      if (isNobodys || (finding?.state === "HELD" && finding.record.key === recordKey))
        isAlone.add(identifier);
    }
    return rows.map((row) => ({ ...row, identifiers: row.identifiers.filter((each) => isAlone.has(each)) }));
  }

  #asking(signal: AbortSignal): Asking {
    return (query) => this.#survey(query.compile(this.#parts.database.kysely), signal);
  }

  #survey(query: CompiledQuery<Stored>, signal: AbortSignal): Promise<readonly Stored[]> {
    return this.#parts.database.survey(query, this.#patience, signal);
  }
}

const isOver = ({ within, terms: { past, free }, left }: ExpiryPlan): Fragment[] => [
  past,
  free,
  within,
  isNot(left),
];

const goingNow = (plan: ExpiryPlan): Fragment[] => [
  ...isOver(plan),
  ...(plan.hanging ? [plan.hanging.bare] : []),
];
