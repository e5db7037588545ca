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
import { gatewayItself } from "./step.ts";

export interface RetentionParts extends DeskParts, ErasureWork {
  readonly onRetention: (outcome: "opened" | "waiting") => void;
  readonly planMilliseconds: number;
}

/**
 * Opens an erasure of what the law has kept of an earlier one, and keeps no longer (GDPR Art. 5(1)(e)). Whoever has one open
 * waits for it: what is due is found again the next time.
 */
export async function eraseWhatIsDue(parts: RetentionParts): Promise<void> {
  const db = dbOf(parts.register.store);
  const today = dayOf(await databaseNow(db));
  await eachByItself(await due(db, today), async ({ subject_id: subjectId, sources }) => {
    const isOpened = await openOwnErasure(parts, { subjectId, sources, why: "retention" });
    parts.onRetention(isOpened ? "opened" : "waiting");
  });
  await sweepKeys(db);
}

/** One that cannot be done keeps no other from it. Rejects in the end with what the first of those rejected with. */
export async function eachByItself<T>(all: readonly T[], work: (each: T) => Promise<void>): Promise<void> {
  const failed: { readonly error: unknown }[] = [];
  for (const each of all) await work(each).catch((error: unknown) => failed.push({ error }));
  const [first] = failed;
  if (first) throw first.error;
}

export interface OwnErasure {
  readonly subjectId: string;
  /** Null: all of them, and what the gateway itself keeps. */
  readonly sources: readonly string[] | null;
  /** As the trail has it. */
  readonly why: "retention" | "replay";
}

class AnotherOpen extends Error {
  override readonly name = "AnotherOpen";
}

/** Opens an erasure that nobody has asked for. False: the person has one open, and this one waits for it. */
export async function openOwnErasure(
  parts: RetentionParts,
  { subjectId, sources, why }: OwnErasure,
  along?: Along,
): Promise<boolean> {
  const { register, people, connected, sources: erasable } = parts;
  if ((await openErasure(dbOf(register.store), subjectId)) !== null) return false;
  const person = await people.byId(subjectId);
  if (!person) return false;
  const plan = await planErasure(
    {
      connected,
      erasable,
      finder: parts.newFinder(),
      register,
      timeLimit: parts.planMilliseconds,
      planned: new Map(),
    },
    { ...person, viewer: gatewayItself },
    sources,
  );
  const opening = openRequest(
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
      // Another may have been asked for while the sources were read.
      if ((await openErasure(db, request.subject_id)) !== null) throw new AnotherOpen();
      await insertErasure(db, request.id, { sources, asOf: plan.asOf });
      return along?.(db, request, key);
    },
  );
  return opening.then(
    () => true,
    (error: unknown) => {
      if (error instanceof AnotherOpen) return false;
      throw error;
    },
  );
}
