import { randomUUID } from "node:crypto";
import { insertSteps } from "../../src/requests/desk.ts";
import { reasonColumn } from "../../src/requests/rows.ts";
import type { NewStep } from "../../src/requests/step.ts";
import { note } from "../../src/requests/timeline.ts";
import type { RequestKind, RequestStatus } from "../../src/requests/vocabulary.ts";
import { finalStatuses } from "../../src/requests/vocabulary.ts";
import { sealRefusal } from "../../src/requests/told-refusal.ts";
import { inTransaction } from "../../src/store/tables.ts";
import type { RegisterParts } from "../../src/subjects/people.ts";
import { keyOfPerson } from "../../src/subjects/person-key.ts";

export interface KeptRequest {
  readonly kind?: RequestKind;
  readonly status: RequestStatus;
  readonly steps?: readonly NewStep[];
  readonly receivedAt?: Date;
  readonly reason?: string;
  /** What the person was told; of one that was refused. */
  readonly refusal?: string;
}

const day = 86_400_000;

/** A request that has come by post and come as far as it says, without any job: nothing carries it on. */
export function insertRequest(
  register: RegisterParts,
  subjectId: string,
  { kind = "ACCESS", status, steps = [], receivedAt = new Date(), reason, refusal }: KeptRequest,
): Promise<string> {
  const isOver = (finalStatuses as readonly RequestStatus[]).includes(status);
  return inTransaction(register.store, async (db) => {
    const key = await keyOfPerson(db, register, subjectId);
    const id = randomUUID();
    await db
      .insertInto("request")
      .values({
        id,
        subject_id: subjectId,
        kind,
        status,
        channel: "POST",
        received_at: receivedAt,
        due_at: new Date(receivedAt.getTime() + 30 * day),
        completed_at: isOver ? receivedAt : null,
        purpose: null,
        sealed_reason: reason === undefined ? null : key.seal(reason, reasonColumn),
        digest: null,
        language: "nb",
        refusal_code: refusal === undefined ? null : "NO_LEGAL_GROUND",
        sealed_refusal:
          refusal === undefined ? null : sealRefusal(key, { message: refusal, legalGround: null }),
        refusal_ground: refusal === undefined ? null : "GDPR Art. 12(5)(b)",
      })
      .execute();
    await insertSteps(db, id, steps, key);
    await note(db, id, { by: "DPO", event: "RECEIVED", detail: kind });
    return id;
  });
}
