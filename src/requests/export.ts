import { databaseNow } from "../store/clock.ts";
import { type Db, dbOf } from "../store/tables.ts";
import { type Actor, Refused } from "./actor.ts";
import type { RequestsOfCaller } from "./caller.ts";
import type { RequestContext } from "./context.ts";
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
  if (!registered) await refuseTooMany(db, subject.id, requests.exports.perDay);
  const { request } = await requests.open(
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
  return requests.settled(request.id);
}

/** By which an export that is asked for again is known. */
export const exportDigest = ({ digest }: Pick<RequestsOfCaller, "digest">, kind: ExportKind): string =>
  digest(["export", kind]);

/** Each takes every system's time: one after another without end is what Art. 12(5) calls excessive. @throws Refused */
async function refuseTooMany(db: Db, subjectId: string, perDay: number): Promise<void> {
  const since = new Date((await databaseNow(db)).getTime() - 86_400_000);
  const made = await db
    .selectFrom("request")
    .select(["id", "status"])
    .where("subject_id", "=", subjectId)
    .where("kind", "in", ["ACCESS", "PORTABILITY"] satisfies ExportKind[])
    .where("received_at", ">", since)
    .where("channel", "=", "PORTAL")
    .orderBy("received_at", "desc")
    .execute();
  const isOver = ({ status }: { readonly status: string }) =>
    (finalStatuses as readonly string[]).includes(status);
  const [latest] = made;
  if (latest && made.length >= perDay && made.every(isOver))
    throw new Refused("TOO_MANY_EXPORTS", { requestId: latest.id });
}
