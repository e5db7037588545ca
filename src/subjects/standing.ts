import { randomUUID } from "node:crypto";
import type { Purpose, Role } from "../access/vocabulary.ts";
import { inTransaction } from "../store/tables.ts";
import { reasonColumn } from "./absorb.ts";
import type { RegisterParts } from "./people.ts";
import { openKey } from "./person-rows.ts";

/** One yes or no to a purpose (GDPR Art. 7(1)): who said it to whom, when, how, and to which wording. */
export interface ConsentDecision {
  readonly purpose: Purpose;
  readonly status: "GIVEN" | "WITHDRAWN";
  readonly at: Date;
  readonly byRole: Role;
  readonly channel: string;
  readonly policyVersion: string;
}

/** Adds to the ledger; nothing in it is ever changed. */
export async function recordConsent(
  { store }: RegisterParts,
  subjectId: string,
  { purpose, status, at, byRole, channel, policyVersion }: ConsentDecision,
): Promise<void> {
  await inTransaction(store, (db) =>
    db
      .insertInto("consent_event")
      .values({
        id: randomUUID(),
        subject_id: subjectId,
        purpose,
        status,
        at,
        by_role: byRole,
        channel,
        policy_version: policyVersion,
      })
      .execute(),
  );
}

/** GDPR Art. 18. `sources` empty: in every source. */
export interface RestrictionOrder {
  readonly sources: readonly string[];
  readonly reason: string;
  readonly since: Date;
  readonly until?: Date;
  readonly legalGround?: string;
}

export async function restrict(
  { store, personKeys }: RegisterParts,
  subjectId: string,
  { sources, reason, since, until, legalGround }: RestrictionOrder,
): Promise<void> {
  await inTransaction(store, async (db) => {
    const subject = await db
      .selectFrom("subject")
      .select(["id", "wrapped_key", "master_key_id"])
      .where("id", "=", subjectId)
      .executeTakeFirstOrThrow();
    const key = await openKey(personKeys, subject);
    await db
      .insertInto("restriction")
      .values({
        id: randomUUID(),
        subject_id: subjectId,
        sources: [...sources],
        sealed_reason: key.seal(reason, reasonColumn),
        since,
        until: until ?? null,
        legal_ground: legalGround ?? null,
      })
      .execute();
  });
}
