import { dbOf } from "../store/tables.ts";
import type { ErasureWork } from "./erasure-work.ts";
import { type Along, type DeskParts, openRequest } from "./desk.ts";
import { insertErasure, type Named, noteNamed, openErasure } from "./erasure-rows.ts";
import { planErasure } from "./erasure-plan.ts";
import { erasureSteps } from "./erasure-steps.ts";
import { gatewayItself } from "./step.ts";

export interface OwnErasureParts extends DeskParts, ErasureWork {
  readonly planMilliseconds: number;
}

export interface OwnErasure {
  readonly subjectId: string;
  /** Null: all of them, and what the gateway itself keeps. */
  readonly sources: readonly string[] | null;
  /** As the trail has it. */
  readonly why: "retention" | "replay";
  /** Where it is about these records alone; what else the person has in the source stays. */
  readonly records?: readonly Named[];
}

class AnotherOpen extends Error {
  override readonly name = "AnotherOpen";
}

/** Opens an erasure that nobody has asked for. False: the person has one open, and this one waits for it. */
export async function openOwnErasure(
  parts: OwnErasureParts,
  { subjectId, sources, why, records = [] }: OwnErasure,
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
      for (const named of records) await noteNamed(db, key, request.id, named);
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
