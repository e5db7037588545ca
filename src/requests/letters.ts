import type { Db } from "../store/tables.ts";
import type { DetailCode } from "./details.ts";
import type { MessageCode } from "./messages.ts";
import { reopen } from "./reopen.ts";
import type { StepRow } from "./rows.ts";
import { skipped } from "./skip.ts";
import { aside, type NewStep, ownSource } from "./step.ts";

/** What a step says that is to the person: it changes nothing of theirs. */
export const letterColumns = { source: ownSource, action: "NOTIFY" } as const;

export const isLetter = ({ source, action }: Pick<StepRow, "source" | "action">) =>
  source === letterColumns.source && action === letterColumns.action;

const letter = (code: MessageCode): NewStep & { readonly recordType: MessageCode } => ({
  ...letterColumns,
  recordType: code,
});

/** Tells the person that their request has come, and when it is answered at the latest; of a new request. */
export const receipt = { ...letter("RECEIVED"), position: 0, lane: aside } as const;

/**
 * It is known who asks: what they could not be told, since no address was known to be theirs, is tried again. Resolves with
 * the letters that they are owed besides. Within the open transaction.
 */
export async function lettersOnceKnown(db: Db, requestId: string): Promise<readonly NewStep[]> {
  const unsent = await db
    .selectFrom("request_step")
    .select(["id", "state", "turn"])
    .where("request_id", "=", requestId)
    .where((where) => where.and(letterColumns))
    .where("state", "=", "FAILED")
    .where("detail", "=", "NO_ADDRESS" satisfies DetailCode)
    .$castTo<Pick<StepRow, "id" | "state" | "turn">>()
    .execute();
  for (const step of unsent) await reopen(db, step);
  return receiptSteps(db, requestId);
}

/** None where there is one. */
async function receiptSteps(db: Db, requestId: string): Promise<readonly NewStep[]> {
  const sent = await db
    .selectFrom("request_step")
    .select("id")
    .where("request_id", "=", requestId)
    .where((where) => where.and(letterColumns))
    .where("record_type", "=", receipt.recordType)
    .executeTakeFirst();
  return sent ? [] : [receipt];
}

/** Tells the person that they are erased, while their address is known still. `sources` null: everywhere. */
export const erasedLetter = (sources: readonly string[] | null): NewStep =>
  letter(sources === null ? "ERASED" : "PARTLY_ERASED");

/** Tells the person that staff have taken back for them what they had asked for. */
export const takenBackLetter: NewStep = { ...letter("TAKEN_BACK"), position: 0, lane: aside };

/** Tells the person that what they asked for lies ready to be fetched, after the steps before the position. */
export const downloadReady = (until: Date, position: number): NewStep => ({
  ...letter("DOWNLOAD_READY"),
  position,
  work: { until: until.toISOString() },
});

/** Nobody is written to any more for the request. False: a letter is being sent at this moment. */
export async function endLetters(db: Db, requestId: string): Promise<boolean> {
  const letters = (state: StepRow["state"]) => ({ request_id: requestId, ...letterColumns, state });
  await db
    .updateTable("request_step")
    .set(skipped("BY_ERASURE"))
    .where((where) => where.and(letters("PENDING")))
    .execute();
  const running = await db
    .selectFrom("request_step")
    .select("id")
    .where((where) => where.and(letters("RUNNING")))
    .executeTakeFirst();
  return running === undefined;
}
