import { databaseNow } from "../store/clock.ts";
import { type Db, dbOf } from "../store/tables.ts";
import { type Actor } from "./actor.ts";
import { Refused } from "./refused.ts";
import type { RequestsOfCaller } from "./caller.ts";
import type { RequestContext } from "./context.ts";
import type { Asker } from "./desk.ts";
import { gatherOnceMore } from "./export-anew.ts";
import { newExportKey } from "./export-key.ts";
import { exportOf, insertExport } from "./export-rows.ts";
import { type ExportKind, exportSteps, isExport } from "./export-steps.ts";
import { receipt } from "./letters.ts";
import type { RequestRow } from "./rows.ts";
import { finalStatuses, type ExportFormat, type RequestKind } from "./vocabulary.ts";

export interface ExportInput {
  readonly format: ExportFormat;
  readonly kind?: RequestKind | null;
}

/**
 * Has everything gathered that the person can be shown, for them to take along (GDPR Art. 15(3), 20). One that is open is
 * answered with itself. @throws Refused
 */
export async function exportData(
  { format, kind }: ExportInput,
  { subject, by, channel, registered }: Actor,
  context: RequestContext,
): Promise<RequestRow> {
  const { requests, connected } = context;
  const asked = { kind: kind ?? registered?.kind ?? "ACCESS" };
  if (!isExport(asked) || (registered && registered.kind !== asked.kind))
    throw new Refused("NOT_AN_EXPORT", { argument: "kind" });
  const db = dbOf(requests.register.store);
  // It has begun already, or waits for a decision.
  if (registered && (await exportOf(db, registered.id))) return registered;
  if (!registered) await refuseTooMany(db, subject.id, asked.kind, requests.exports.perDay);
  const { request, already } = await requests.open(
    {
      subjectId: subject.id,
      kind: asked.kind,
      channel,
      by,
      steps: [...(registered ? [] : [receipt]), ...exportSteps(connected)],
      digest: exportDigest(requests, asked.kind),
      ...(registered && { registered: registered.id }),
      ...(!registered && requests.exports.review === "FREE_TEXT" && { status: "AWAITING_DECISION" as const }),
    },
    (tx, { id }, key) => insertExport(tx, { id, format, sealed_key: newExportKey(key) }),
  );
  if (already && (await isGone(db, request.id))) await onceMore(request, by, requests);
  return requests.settled(request.id);
}

/** Whether a copy was made, and can be fetched no more. */
async function isGone(db: Db, requestId: string): Promise<boolean> {
  const made = await exportOf(db, requestId);
  return made !== null && made.made_at !== null && made.archive_id === null;
}

async function onceMore(request: RequestRow, by: Asker, requests: RequestsOfCaller): Promise<void> {
  const { perDay } = requests.exports;
  const again = async (db: Db, { id }: RequestRow) => {
    const outcome = await gatherOnceMore(db, id, perDay);
    if (outcome === "TOO_MANY") throw new Refused("TOO_MANY_EXPORTS", { requestId: id });
    if (outcome === "NOT_GONE") throw new NotGone();
    return {};
  };
  await requests.change({ request, by, event: "ASKED_AGAIN", change: again }).catch((error: unknown) => {
    if (!(error instanceof NotGone)) throw error;
  });
}

/** Another has had it made once more at the same moment. */
class NotGone extends Error {
  override readonly name = "NotGone";
}

/** By which an export that is asked for again is known. */
export const exportDigest = ({ digest }: Pick<RequestsOfCaller, "digest">, kind: ExportKind): string =>
  digest(["export", kind]);

/**
 * Each takes every system's time: one after another without end is what Art. 12(5) calls excessive. One of the kind that is
 * open is answered with itself. @throws Refused
 */
async function refuseTooMany(db: Db, subjectId: string, kind: ExportKind, perDay: number): Promise<void> {
  const since = new Date((await databaseNow(db)).getTime() - 86_400_000);
  const made = await db
    .selectFrom("request")
    .select(["id", "kind", "status"])
    .where("subject_id", "=", subjectId)
    .where("kind", "in", ["ACCESS", "PORTABILITY"] satisfies ExportKind[])
    .where("received_at", ">", since)
    .where("channel", "=", "PORTAL")
    .orderBy("received_at", "desc")
    .execute();
  const isOpen = made.some(
    (each) => each.kind === kind && !finalStatuses.some((over) => over === each.status),
  );
  const [latest] = made;
  if (latest && made.length >= perDay && !isOpen)
    throw new Refused("TOO_MANY_EXPORTS", { requestId: latest.id });
}
