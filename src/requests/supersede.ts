import { sql } from "kysely";
import { z } from "zod";
import type { PersonKey } from "../store/person-keys.ts";
import type { Db } from "../store/tables.ts";
import { askedAnew } from "../subjects/asked-anew.ts";
import { rectification } from "./rectify-step.ts";
import { type RequestRow, type StepRow, stepsOf, workColumn } from "./rows.ts";
import { skipped } from "./skip.ts";
import type { NewStep } from "./step.ts";
import { finalStatuses } from "./vocabulary.ts";

/** What may still be written; staff may have what failed tried again. */
const unwritten: readonly StepRow["state"][] = ["PENDING", "RUNNING", "FAILED"];
/** What the new request may have been looked into before: that takes no longer. */
const justNow = sql<Date>`clock_timestamp() - interval '1 minute'`;

/**
 * The last word of a person counts: what earlier requests still wait to write into the same field of the same source is
 * not written any more. One that runs at this moment may still be, or has just been; the new one then comes upon what it
 * wrote, and knows it. Within the transaction that opens the new request; resolves with the requests whose steps were
 * skipped.
 */
export async function supersede(
  db: Db,
  { id, subject_id }: RequestRow,
  key: PersonKey,
): Promise<readonly string[]> {
  const changed = new Set<string>();
  // Before their steps, as whoever ends one of those does.
  const others = await recentRequests(db, subject_id, id).forUpdate().execute();
  const earlier = await corrections(
    db,
    others.map((other) => other.id),
  )
    .forUpdate()
    .execute();
  for (const step of (await stepsOf(db, [id])).filter(isCorrection)) {
    const same = earlier.filter((each) => isOfOnePlace(each, step));
    await askedAnew(
      db,
      same.map(({ request_id }) => request_id),
    );
    const open = same.filter(({ state }) => unwritten.includes(state));
    const waiting = open.filter(({ state }) => state !== "RUNNING");
    await skip(db, waiting);
    for (const { request_id } of waiting) changed.add(request_id);
    await takeOver(db, key, step, same);
  }
  return [...changed];
}

/** Whether earlier requests still wait to write where the steps are about to, or have found nothing to do. */
export async function overtakes(db: Db, subjectId: string, steps: readonly NewStep[]): Promise<boolean> {
  const others = await recentRequests(db, subjectId).execute();
  const earlier = await corrections(
    db,
    others.map(({ id }) => id),
  ).execute();
  return earlier.some(
    (each) => unwritten.includes(each.state) && steps.some((step) => isOfOnePlace(each, step)),
  );
}

const recentRequests = (db: Db, subjectId: string, besides?: string) =>
  db
    .selectFrom("request")
    .select("id")
    .where("subject_id", "=", subjectId)
    .where((where) =>
      where.or([where("status", "not in", [...finalStatuses]), where("completed_at", ">", justNow)]),
    )
    .$if(besides !== undefined, (query) => query.where("id", "!=", besides ?? ""))
    .orderBy("id");

const corrections = (db: Db, requestIds: readonly string[]) =>
  db
    .selectFrom("request_step")
    .selectAll()
    .where("request_id", "=", sql<string>`any(${[...requestIds]}::uuid[])`)
    .where("action", "=", "RECTIFY")
    .where("sealed_work", "is not", null)
    .orderBy("id")
    .$castTo<StepRow>();

const isCorrection = ({ action, sealed_work }: StepRow) => action === "RECTIFY" && sealed_work !== null;

interface Place {
  readonly source: string;
  readonly field?: string | null;
}

const isOfOnePlace = (a: Place, b: Place) => a.source === b.source && (a.field ?? null) === (b.field ?? null);

async function skip(db: Db, steps: readonly StepRow[]): Promise<void> {
  if (steps.length === 0) return;
  await db
    .updateTable("request_step")
    .set(skipped("SUPERSEDED"))
    .where(
      "id",
      "in",
      steps.map(({ id }) => id),
    )
    .execute();
}

/** Has the step know what it may come upon; and look, though it seemed to have nothing to do. */
async function takeOver(db: Db, key: PersonKey, step: StepRow, earlier: readonly StepRow[]): Promise<void> {
  const works = earlier
    .filter(({ state }) => state !== "SKIPPED")
    .map(({ state, sealed_work }) => ({ state, ...rectification.parse(opened(key, sealed_work)) }));
  if (works.length === 0) return;
  const own = rectification.parse(opened(key, step.sealed_work));
  const isNamed = works.some(({ state, named }) => unwritten.includes(state) && named);
  const work: z.input<typeof rectification> = {
    ...own,
    earlier: works.map(({ value }) => value),
    named: own.named || isNamed,
  };
  const looks = works.some(({ state }) => state === "RUNNING") || (step.detail === "NOT_HELD" && isNamed);
  await db
    .updateTable("request_step")
    .set({
      sealed_work: key.seal(JSON.stringify(work), workColumn),
      ...(looks && { state: "PENDING", result: null, detail: null, count: null, finished_at: null }),
    })
    .where("id", "=", step.id)
    .execute();
}

const opened = (key: PersonKey, sealed: Uint8Array | null): unknown =>
  sealed && JSON.parse(key.unseal(sealed, workColumn));
