import { sql } from "kysely";
import type { Db } from "../store/tables.ts";
import { isUuid } from "../store/uuid.ts";
import type { Progress } from "./progress.ts";
import { isFinal, type RequestStatus } from "./vocabulary.ts";

/** Milliseconds after which a request is looked at again untold: the connection that tells may be lost unnoticed. */
const patience = 30_000;

/**
 * Yields at once, and again whenever the request has changed, through whichever replica; ends after the yield at which
 * its status was final, or when `closed` is aborted. Whatever changes after a yield is told by a later one.
 */
export async function* followRequest(
  { progress, db }: { readonly progress: Progress; readonly db: Db },
  requestId: string,
  closed: AbortSignal,
): AsyncGenerator<undefined, void, undefined> {
  // As the database writes it, and tells of it.
  const id = requestId.toLowerCase();
  let seen: string | undefined;
  while (!closed.aborted) {
    // From before it is read: a change between the two would be missed otherwise.
    const changed = progress.changed(id, patience, closed);
    const { version, isOver } = await stateOf(db, id);
    if (version !== seen) {
      seen = version;
      yield;
      if (isOver) return;
    }
    await changed;
  }
}

/** Whatever the graph shows of a request, its steps and its timeline, as one short text. */
async function stateOf(db: Db, id: string): Promise<{ readonly version: string; readonly isOver: boolean }> {
  if (!isUuid(id)) return { version: "", isOver: true };
  const {
    rows: [found],
  } = await sql<{ readonly status: RequestStatus; readonly version: string }>`
    select r.status, md5(concat_ws('|', r::text,
      (select string_agg(s::text, '|' order by s.id) from request_step s where s.request_id = r.id),
      (select max(e.id) from request_event e where e.request_id = r.id))) as version
    from request r where r.id = ${id}`.execute(db);
  return found ? { version: found.version, isOver: isFinal(found) } : { version: "", isOver: true };
}
