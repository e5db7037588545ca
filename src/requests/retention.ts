import { dayOf } from "../access/holds.ts";
import { databaseNow } from "../store/clock.ts";
import { dbOf } from "../store/tables.ts";
import { openOwnErasure, type OwnErasureParts } from "./own-erasure.ts";
import { sweepKeys } from "../subjects/rekey.ts";
import { asTheyWereKept } from "./retention-grown.ts";
import { due } from "./retained.ts";

export interface RetentionParts extends OwnErasureParts {
  readonly onRetention: (outcome: "opened" | "waiting") => void;
}

/**
 * Opens an erasure of what the law has kept of an earlier one, and keeps no longer (GDPR Art. 5(1)(e)). Whoever has one open
 * waits for it: what is due is found again the next time.
 */
export async function eraseWhatIsDue(parts: RetentionParts): Promise<void> {
  const db = dbOf(parts.register.store);
  const today = dayOf(await databaseNow(db));
  await eachByItself(await due(db, today), async ({ subject_id: subjectId, sources }) => {
    const { toErase, records } = await asTheyWereKept(parts, subjectId, sources);
    const isOpened =
      toErase.length > 0 &&
      (await openOwnErasure(parts, { subjectId, sources: toErase, why: "retention", records }));
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
