import { randomUUID } from "node:crypto";
import { databaseNow } from "../store/clock.ts";
import type { Db } from "../store/tables.ts";
import type { PolicyHeading } from "./policies.ts";

/** How a person stands with a version of the privacy policy. */
export interface PolicyStanding extends Pick<
  PolicyHeading,
  "version" | "publishedAt" | "changes" | "requiresConsent"
> {
  /** When an e-mail of it was sent; null: none was, or not yet. */
  readonly toldAt: Date | null;
  readonly agreedAt: Date | null;
  readonly declinedAt: Date | null;
  /** Waits for the person's answer. */
  readonly open: boolean;
}

interface Answer {
  readonly version: string;
  readonly agreed: boolean;
  readonly at: Date;
}

/**
 * Of every version, newest first, as `policies` are. Open is at most the one in force: where it, or one that has come since
 * the last that the person has answered, requires consent.
 */
export async function standingsOf(
  db: Db,
  subjectId: string,
  policies: readonly PolicyHeading[],
): Promise<readonly PolicyStanding[]> {
  const answers = await answersOf(db, subjectId);
  const told = await db
    .selectFrom("policy_notice")
    .select(["version", "told_at"])
    .where("subject_id", "=", subjectId)
    .where("told_at", "is not", null)
    .execute();
  const answered = policies.findIndex(({ version }) => answers.has(version));
  const unanswered = answered < 0 ? policies : policies.slice(0, answered);
  const isOpen = unanswered.some(({ requiresConsent }) => requiresConsent);
  return policies.map(({ version, publishedAt, changes, requiresConsent }, n) => {
    const answer = answers.get(version);
    return {
      version,
      publishedAt,
      changes,
      requiresConsent,
      toldAt: told.find((notice) => notice.version === version)?.told_at ?? null,
      agreedAt: answer?.agreed ? answer.at : null,
      declinedAt: answer && !answer.agreed ? answer.at : null,
      open: n === 0 && isOpen,
    };
  });
}

/** The latest to each version. */
async function answersOf(db: Db, subjectId: string): Promise<ReadonlyMap<string, Answer>> {
  const rows = await db
    .selectFrom("policy_answer")
    .select(["version", "agreed", "at"])
    .where("subject_id", "=", subjectId)
    .orderBy("at")
    .orderBy("id")
    .execute();
  return new Map(rows.map((row) => [row.version, row]));
}

/** Adds an answer; the same as the one that counts adds nothing. Within the open transaction, which holds the person. */
export async function answerPolicy(
  db: Db,
  subjectId: string,
  { version, agreed }: Pick<Answer, "version" | "agreed">,
): Promise<void> {
  const answers = await answersOf(db, subjectId);
  if (answers.get(version)?.agreed === agreed) return;
  await db
    .insertInto("policy_answer")
    .values({ id: randomUUID(), subject_id: subjectId, version, agreed, at: await databaseNow(db) })
    .execute();
}
