import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { Purpose, Role } from "../access/vocabulary.ts";
import type { Db } from "../store/tables.ts";

/** One yes or no to a purpose (GDPR Art. 7(1); ISO/IEC TS 27560): who said it to whom, when, how, and to which wording. */
export interface ConsentDecision {
  readonly purpose: Purpose;
  readonly status: "GIVEN" | "WITHDRAWN";
  /** Absent: now. */
  readonly at?: Date;
  readonly byRole: Role;
  /** How it came: a channel of requests, or the key of the source that it was taken over from. */
  readonly channel: string;
  readonly policyVersion: string;
  /** What the person was shown, and its language (BCP 47). */
  readonly wording?: string | undefined;
  readonly language?: string | undefined;
  readonly requestId?: string | undefined;
}

/** Adds to the ledger; nothing in it is ever changed. Within the open transaction. */
export async function recordConsent(
  db: Db,
  subjectId: string,
  { purpose, status, at, byRole, channel, policyVersion, wording, language, requestId }: ConsentDecision,
): Promise<void> {
  await db
    .insertInto("consent_event")
    .values({
      id: randomUUID(),
      subject_id: subjectId,
      purpose,
      status,
      // The database's clock, after the locks: decisions have one order, whichever replica writes them down.
      at: at ?? sql<Date>`clock_timestamp()`,
      by_role: byRole,
      channel,
      policy_version: policyVersion,
      wording: wording ?? null,
      language: language ?? null,
      request_id: requestId ?? null,
    })
    .execute();
}

/** As the ledger has it. */
export interface ConsentRow {
  readonly id: string;
  readonly purpose: Purpose;
  readonly status: "GIVEN" | "WITHDRAWN";
  readonly at: Date;
  readonly by_role: Role;
  readonly channel: string;
  readonly policy_version: string;
  readonly wording: string | null;
  readonly language: string | null;
  /** Null: it was said elsewhere, before the gateway. */
  readonly request_id: string | null;
}

/** A person's whole ledger, oldest first; of two at one moment the stricter comes last, and counts. */
export function consentsOf(db: Db, subjectId: string): Promise<readonly ConsentRow[]> {
  return ledger(db, subjectId).orderBy("at").orderBy("status").orderBy("id").execute();
}

/** Null: the person was never asked. */
export async function latestConsent(db: Db, subjectId: string, purpose: Purpose): Promise<ConsentRow | null> {
  const latest = await ledger(db, subjectId)
    .where("purpose", "=", purpose)
    .orderBy("at", "desc")
    .orderBy("status", "desc")
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  return latest ?? null;
}

const ledger = (db: Db, subjectId: string) =>
  db
    .selectFrom("consent_event")
    .select(["id", "purpose", "status", "at", "by_role", "channel", "policy_version", "wording", "language"])
    .select("request_id")
    .where("subject_id", "=", subjectId)
    .$castTo<ConsentRow>();
