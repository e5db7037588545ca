import type { Db } from "../store/tables.ts";
import { isExport } from "./export-steps.ts";
import { reopen } from "./reopen.ts";
import { type RequestRow, type StepRow, stepsOf } from "./rows.ts";

/** Not read here: also where staff say that they have seen to it, what the system holds is in no archive. */
export const isUnread = ({ action, state, detail }: Pick<StepRow, "action" | "state" | "detail">): boolean =>
  action === "READ" && (state !== "DONE" || detail === "CONFIRMED_BY_STAFF");

/**
 * The steps of a request. An archive that lacks what has been read since it was begun is to be made again. Within the
 * open transaction, which holds the request.
 */
export async function stepsNow(db: Db, request: RequestRow): Promise<readonly StepRow[]> {
  const steps = await stepsOf(db, [request.id]);
  const pack = steps.find(
    ({ action, state, count }) => action === "EXPORT" && state === "DONE" && count !== null,
  );
  const isBehind = pack && isExport(request) && steps.filter(isUnread).length < (pack.count ?? 0);
  if (!isBehind) return steps;
  await reopen(db, pack);
  return stepsOf(db, [request.id]);
}
