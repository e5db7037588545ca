import type { Db } from "../store/tables.ts";

/**
 * What the requests asked for does not stand any more: whoever asks for the same again is not answered with one of them,
 * though it may still be under way. Within the open transaction, which holds the person.
 */
export async function askedAnew(db: Db, requestIds: readonly string[]): Promise<void> {
  if (requestIds.length === 0) return;
  await db
    .updateTable("request")
    .set({ digest: null })
    .where("id", "in", [...requestIds])
    .where("digest", "is not", null)
    .execute();
}
