import { dayOf } from "../access/holds.ts";
import { databaseNow } from "../store/clock.ts";
import { dbOf } from "../store/tables.ts";
import type { ErasureWork } from "./erasure-work.ts";
import { type Along, type DeskParts, openRequest } from "./desk.ts";
import { insertErasure, openErasure } from "./erasure-rows.ts";
import { planErasure } from "./erasure-plan.ts";
import { erasureSteps } from "./erasure-steps.ts";
import { sweepKeys } from "../subjects/rekey.ts";
import { due } from "./retained.ts";
import type { Viewer } from "../sources/data-subject.ts";

export interface RetentionParts extends DeskParts, ErasureWork {
  readonly onRetention: (outcome: "opened" | "waiting") => void;
  readonly planMilliseconds: number;
}

const viewer: Viewer = { as: "own", roles: new Set(["SUBJECT"]), purpose: "DATA_SUBJECT_RIGHTS" };

/**
 * Opens an erasure of what the law has kept of an earlier one, and keeps no longer (GDPR Art. 5(1)(e)). Whoever has one open
 * waits for it: what is due is found again the next time.
 */
export async function eraseWhatIsDue(parts: RetentionParts): Promise<void> {
  const db = dbOf(parts.register.store);
  const today = dayOf(await databaseNow(db));
  for (const { subject_id, sources } of await due(db, today)) {
    const isOpen = (await openErasure(db, subject_id)) !== null;
    if (!isOpen) await openOwnErasure(parts, { subjectId: subject_id, sources, why: "retention" });
    parts.onRetention(isOpen ? "waiting" : "opened");
  }
  await sweepKeys(db);
}

export interface OwnErasure {
  readonly subjectId: string;
  /** Null: all of them, and what the gateway itself keeps. */
  readonly sources: readonly string[] | null;
  /** As the trail has it. */
  readonly why: "retention" | "replay";
}

/** Opens an erasure that nobody has asked for. */
export async function openOwnErasure(
  parts: RetentionParts,
  { subjectId, sources, why }: OwnErasure,
  along?: Along,
): Promise<void> {
  const { register, people, connected, sources: erasable } = parts;
  const person = await people.byId(subjectId);
  if (!person) return;
  const plan = await planErasure(
    {
      connected,
      erasable,
      finder: parts.newFinder(),
      hash: register.keyring.hash("request"),
      now: await databaseNow(dbOf(register.store)),
      timeLimit: parts.planMilliseconds,
      planned: new Map(),
    },
    { ...person, viewer },
    sources,
  );
  await openRequest(
    parts,
    {
      subjectId,
      kind: "ERASURE",
      channel: "PORTAL",
      by: {
        role: null,
        actorRef: null,
        requestId: why,
        coordinate: "Mutation.requestErasure",
        language: "nb",
      },
      steps: erasureSteps(connected, plan.items, sources, []),
    },
    async (db, request, key) => {
      await insertErasure(db, request.id, { sources, asOf: plan.asOf });
      return along?.(db, request, key);
    },
  );
}
