import { dbOf } from "../store/tables.ts";
import type { Beyond } from "../subjects/replay.ts";
import { openOwnErasure, type OwnErasureParts } from "./own-erasure.ts";
import { eachByItself } from "./retention.ts";
import { forgetInBatches } from "./retention-review-batches.ts";

/** For the gateway to open, which can ask the sources what there is to be erased: it does so as soon as it runs. */
const reopen: Beyond["reopen"] = async (db, { requestId, sources, at }, subjectId) => {
  await db
    .insertInto("erasure_replay")
    .values({
      request_id: requestId,
      subject_id: subjectId,
      sources: sources && [...sources],
      erased_at: new Date(at),
      opened_as: null,
    })
    .execute();
};

/** A backup has what a retention review had under way. */
const forget: Beyond["forget"] = (db, register, { sources, suppressed, links }) =>
  forgetInBatches(db, register, sources, {
    identifiers: new Set(suppressed),
    records: new Set(links.flatMap(({ recordHash }) => recordHash ?? [])),
  });

export const replaying: Beyond = { reopen, forget };

/** Opens erasures that are to be carried out once more. Whoever has one open waits for it. */
export async function openReplayed(parts: OwnErasureParts): Promise<void> {
  const db = dbOf(parts.register.store);
  const waiting = await db
    .selectFrom("erasure_replay")
    .innerJoin("subject", "subject.id", "erasure_replay.subject_id")
    .select(["request_id", "sources"])
    .select(({ fn }) => fn.coalesce("merged_into", "id").as("subject_id"))
    .where("opened_as", "is", null)
    .orderBy("erased_at")
    .orderBy("request_id")
    .execute();
  await eachByItself(waiting, async ({ request_id, subject_id: subjectId, sources }) => {
    await openOwnErasure(parts, { subjectId, sources, why: "replay" }, async (tx, { id }) => {
      await tx
        .updateTable("erasure_replay")
        .set({ opened_as: id })
        .where("request_id", "=", request_id)
        .execute();
    });
  });
}
