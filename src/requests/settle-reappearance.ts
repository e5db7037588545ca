import { databaseNow } from "../store/clock.ts";
import { dbOf } from "../store/tables.ts";
import { keyOfPerson } from "../subjects/person-key.ts";
import { NotFound } from "../subjects/not-found.ts";
import {
  reappearanceById,
  type ReappearanceRow,
  recordIn,
  settleReappearances,
} from "../subjects/reappearance-rows.ts";
import { suppressedSince } from "../subjects/suppression.ts";
import { isUuid } from "../store/uuid.ts";
import { Refused } from "./refused.ts";
import type { RequestContext } from "./context.ts";
import type { Asker } from "./desk.ts";
import { eraseAgain } from "./erase-again.ts";
import type { RequestRow } from "./rows.ts";
import { stated } from "./stated.ts";
import { requireStepUp } from "./step-up.ts";

export interface Settlement {
  readonly id: string;
  /** Whether the person has come back; otherwise what has come up again is erased again. */
  readonly newRelationship: boolean;
  readonly because: string;
}

export interface SettledReappearance {
  readonly reappearance: ReappearanceRow;
  /** The erasure that comes of it. */
  readonly request: RequestRow | null;
}

/**
 * Decides what it means that an erased person has come up again; an erasure that comes of it asks for a strong sign-in, as
 * any. @throws Refused, NotFound
 */
export async function settleReappearance(
  { id, newRelationship, because }: Settlement,
  by: Asker,
  context: RequestContext,
): Promise<SettledReappearance> {
  const { requests, principal } = context;
  const db = dbOf(requests.register.store);
  if (!newRelationship) requireStepUp(principal, requests.erasure.stepUp, await databaseNow(db));
  const reason = stated(because, "because");
  const reappearance = isUuid(id) ? await reappearanceById(db, id) : null;
  if (!reappearance) throw new NotFound();
  if (reappearance.decided_at !== null) throw new Refused("REAPPEARANCE_SETTLED");
  if (newRelationship) {
    const isAccepted = await requests.acceptRelationship({ reappearance, by, because: reason });
    if (!isAccepted) throw new Refused("REAPPEARANCE_SETTLED");
    return { reappearance, request: null };
  }
  return { reappearance, request: await again(reappearance, reason, by, context) };
}

async function again(
  reappearance: ReappearanceRow,
  because: string,
  by: Asker,
  context: RequestContext,
): Promise<RequestRow> {
  const { id, subject_id: subjectId, source, record_hash: recordHash } = reappearance;
  const { register } = context.requests;
  const db = dbOf(register.store);
  const record = recordIn(await keyOfPerson(db, register, subjectId), reappearance);
  if (record === null) throw new Refused("REAPPEARANCE_NOT_SEEN_SINCE");
  const before = await suppressedSince(db, subjectId);
  const erasure = before === null ? null : await context.requests.byId(before);
  const { language = by.language, channel = "PORTAL" } = erasure ?? {};
  return eraseAgain(
    { subjectId, source, record, recordHash, by: { ...by, language }, channel, because },
    async (tx, request, key) => {
      const settled = { decision: "ERASE_AGAIN", because, requestId: request.id } as const;
      if ((await settleReappearances(tx, key, { id }, settled)) === 0)
        throw new Refused("REAPPEARANCE_SETTLED");
    },
    context,
  );
}
