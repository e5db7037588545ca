import type { Db } from "../store/tables.ts";
import { become } from "./advance.ts";
import { letterColumns } from "./letters.ts";
import type { RequestRow } from "./rows.ts";
import { skipped } from "./skip.ts";
import { finalStatuses } from "./vocabulary.ts";

/**
 * What the person asked for besides is not done any more in what is erased. Resolves with the requests whose steps were
 * skipped, which are to be advanced. `sources` null: all of them.
 *
 * @param letters whether what a person is still owed on a request that is under way is told them.
 */
export async function endOthers(
  db: Db,
  subjectId: string,
  requestId: string,
  sources: readonly string[] | null,
  letters: "SENT" | "ENDED",
): Promise<readonly string[]> {
  const open = await db
    .selectFrom("request")
    .selectAll()
    .where("subject_id", "=", subjectId)
    .where("id", "!=", requestId)
    .where("status", "not in", [...finalStatuses])
    .orderBy("id")
    .forUpdate()
    .$castTo<RequestRow>()
    .execute();
  const ids = open.map(({ id }) => id);
  if (ids.length === 0) return [];
  const waiting = open.filter(
    ({ status }) => status === "AWAITING_DECISION" || status === "AWAITING_IDENTITY",
  );
  const isWaiting = (id: string) => waiting.some((request) => request.id === id);
  const told = letters === "SENT" ? ids.filter((id) => !isWaiting(id)) : [];
  await db
    .updateTable("request_step")
    .set(skipped("BY_ERASURE"))
    .where("request_id", "in", ids)
    .where("state", "in", ["PENDING", "FAILED"])
    .$if(sources !== null, (query) => query.where("source", "in", [...(sources ?? [])]))
    .$if(told.length > 0, (query) =>
      query.where((where) =>
        where.not(where.and([where("request_id", "in", told), where.and(letterColumns)])),
      ),
    )
    .execute();
  if (sources === null) for (const request of waiting) await become(db, request, "ENDED_BY_ERASURE");
  return ids.filter((id) => !isWaiting(id));
}

/** Whether any of the person's other requests is doing something at this moment: in a source, or anywhere. */
export async function isAtWork(
  db: Db,
  { id, subject_id }: Pick<RequestRow, "id" | "subject_id">,
  source?: string,
): Promise<boolean> {
  const running = await db
    .selectFrom("request_step")
    .innerJoin("request", "request.id", "request_step.request_id")
    .select("request_step.id")
    .where("request.subject_id", "=", subject_id)
    .where("request.id", "!=", id)
    .where("request_step.state", "=", "RUNNING")
    .$if(source !== undefined, (query) => query.where("request_step.source", "=", source ?? ""))
    .executeTakeFirst();
  return running !== undefined;
}

/** Of the person's other requests those that are carried out. */
export async function underWay(db: Db, subjectId: string, requestId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("request")
    .select("id")
    .where("subject_id", "=", subjectId)
    .where("id", "!=", requestId)
    .where("status", "in", ["RUNNING", "NEEDS_ATTENTION"])
    .orderBy("id")
    .execute();
  return rows.map(({ id }) => id);
}
