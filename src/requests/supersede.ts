import { sql } from "kysely";
import { z } from "zod";
import type { PersonKey } from "../store/person-keys.ts";
import type { Db } from "../store/tables.ts";
import { rectification } from "./rectify-step.ts";
import { type StepRow, stepsOf, workColumn } from "./rows.ts";
import type { NewStep } from "./step.ts";

const open = ["PENDING", "RUNNING"] as const;

/**
 * The last word of a person counts: what earlier requests still wait to write into the same field of the same source is
 * not written any more. One that runs at this moment may still be; the new one then comes upon what it wrote, and knows
 * it. Within the transaction that opens the new request; resolves with the requests whose steps were skipped.
 */
export async function supersede(
  db: Db,
  key: PersonKey,
  requestId: string,
  subjectId: string,
  steps: readonly NewStep[],
): Promise<readonly string[]> {
  const changed = new Set<string>();
  const writing = steps.filter(({ action, end }) => action === "RECTIFY" && end === undefined);
  for (const { source, field } of writing) {
    const earlier = await openSteps(db, subjectId, requestId, source, field ?? "");
    if (earlier.length === 0) continue;
    const waiting = earlier.filter(({ state }) => state === "PENDING");
    await skip(db, waiting);
    for (const { request_id } of waiting) changed.add(request_id);
    const values = earlier.flatMap(({ sealed_work }) =>
      sealed_work ? [rectification.parse(opened(key, sealed_work)).value] : [],
    );
    await tell(db, key, requestId, source, field ?? "", values);
  }
  return [...changed];
}

function openSteps(
  db: Db,
  subjectId: string,
  besides: string,
  source: string,
  field: string,
): Promise<readonly StepRow[]> {
  return db
    .selectFrom("request_step")
    .innerJoin("request", "request.id", "request_step.request_id")
    .selectAll("request_step")
    .where("request.subject_id", "=", subjectId)
    .where("request.id", "!=", besides)
    .where("request_step.source", "=", source)
    .where("request_step.field", "=", field)
    .where("request_step.action", "=", "RECTIFY")
    .where("request_step.state", "in", open)
    .forUpdate("request_step")
    .$castTo<StepRow>()
    .execute();
}

async function skip(db: Db, steps: readonly StepRow[]): Promise<void> {
  if (steps.length === 0) return;
  await db
    .updateTable("request_step")
    .set({
      state: "SKIPPED",
      result: "ABSENT",
      detail: "SUPERSEDED",
      next_attempt_at: null,
      finished_at: sql<Date>`clock_timestamp()`,
    })
    .where(
      "id",
      "in",
      steps.map(({ id }) => id),
    )
    .execute();
}

async function tell(
  db: Db,
  key: PersonKey,
  requestId: string,
  source: string,
  field: string,
  earlier: readonly string[],
): Promise<void> {
  const steps = await stepsOf(db, [requestId]);
  for (const step of steps) {
    if (step.source !== source || step.field !== field || !step.sealed_work) continue;
    const work = { ...z.looseObject({}).parse(opened(key, step.sealed_work)), earlier };
    await db
      .updateTable("request_step")
      .set({ sealed_work: key.seal(JSON.stringify(work), workColumn) })
      .where("id", "=", step.id)
      .execute();
  }
}

const opened = (key: PersonKey, sealed: Uint8Array): unknown => JSON.parse(key.unseal(sealed, workColumn));
