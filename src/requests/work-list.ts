import { type SelectQueryBuilder, sql } from "kysely";
import type { Db, Tables } from "../store/tables.ts";
import { type RequestRow, requests } from "./rows.ts";
import { finalStatuses, isFinal, type RequestKind, type RequestStatus } from "./vocabulary.ts";

/** Which requests of all persons. */
export interface Wanted {
  readonly kinds: readonly RequestKind[] | null;
  /** Null: those that are open. */
  readonly statuses: readonly RequestStatus[] | null;
  readonly dueBefore: Date | null;
}

export interface DuePosition {
  readonly dueAt: Date;
  readonly id: string;
}

type Query<O> = SelectQueryBuilder<Tables, "request", O>;

/** Of all persons, those that are due first before the others, after a position in that order. */
export function urgentRequests(
  db: Db,
  wanted: Wanted,
  after: DuePosition | null,
  most: number,
): Promise<readonly RequestRow[]> {
  return narrowed(requests(db), wanted)
    .$if(after !== null, (query) =>
      query.where((where) =>
        where(where.refTuple("due_at", "id"), ">", where.tuple(after?.dueAt ?? new Date(0), after?.id ?? "")),
      ),
    )
    .orderBy("due_at")
    .orderBy("id")
    .limit(most)
    .execute();
}

export async function countRequests(db: Db, wanted: Wanted): Promise<number> {
  const counted = db.selectFrom("request").select((each) => each.fn.countAll<string>().as("n"));
  const { n } = await narrowed(counted, wanted).executeTakeFirstOrThrow();
  return Number(n);
}

/** How many are open. */
export interface OpenRequests {
  readonly open: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Past their deadline. */
  readonly overdue: number;
  /** Their deadline is less than seven days away. */
  readonly dueSoon: number;
}

export async function countOpen(db: Db): Promise<OpenRequests> {
  const { rows } = await sql<{
    status: string;
    n: number;
    overdue: number;
    due_soon: number;
  }>`select status, count(*)::int as n,
      (count(*) filter (where due_at < clock.now))::int as overdue,
      (count(*) filter (where due_at >= clock.now and due_at < clock.now + interval '7 days'))::int as due_soon
    from request, (select gateway_now() as now offset 0) clock where completed_at is null and status <> 'CANCELLED' group by status`.execute(
    db,
  );
  const total = (of: "n" | "overdue" | "due_soon") => rows.reduce((sum, row) => sum + row[of], 0);
  return {
    open: total("n"),
    byStatus: Object.fromEntries(rows.map(({ status, n }) => [status, n])),
    overdue: total("overdue"),
    dueSoon: total("due_soon"),
  };
}

function narrowed<O>(query: Query<O>, { kinds, statuses, dueBefore }: Wanted): Query<O> {
  return (
    query
      .$if(kinds !== null, (q) => q.where(oneOf("kind", kinds ?? [])))
      .$if(statuses === null, (q) => q.where("status", "not in", [...finalStatuses]))
      .$if(statuses !== null, (q) => q.where(oneOf("status", statuses ?? [])))
      // That of the index: those that are over are many more, and ever more.
      .$if(!statuses?.some((status) => isFinal({ status })), (q) => q.where("completed_at", "is", null))
      .$if(dueBefore !== null, (q) => q.where("due_at", "<", dueBefore ?? new Date(0)))
  );
}

/** `in` takes no empty list. */
const oneOf = (column: "kind" | "status", values: readonly string[]) =>
  sql<boolean>`${sql.ref(column)} = any(${[...values]}::text[])`;
