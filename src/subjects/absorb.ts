import type { PersonKeys } from "../store/person-keys.ts";
import type { Db } from "../store/tables.ts";
import { type Moving, moveRequests, unmakeExports } from "./absorb-requests.ts";
import { moveSuppression } from "./absorb-suppression.ts";
import { moveDisclosures } from "./disclosure-rows.ts";
import { keyOfPerson } from "./person-key.ts";
import { identifierColumn } from "./person-rows.ts";
import { moveTold } from "./policy-notices-of.ts";

export const reasonColumn = "sealed_reason";

/**
 * Makes persons whom only staff had found one with the person who has shown to be them, or with another whom staff
 * found: what was settled, consented to and restricted goes along, under that person's own key; the ids, and the looks
 * under them, lead there.
 *
 * @param leaveSettled leaves those of whom staff have settled a match: it was not settled for this person.
 */
export async function absorb(
  db: Db,
  keys: PersonKeys,
  into: string,
  found: readonly string[],
  { leaveSettled = false }: { readonly leaveSettled?: boolean } = {},
): Promise<void> {
  if (found.length === 0) return;
  const subjects = await db
    .selectFrom("subject")
    .select("id")
    .where("id", "in", [into, ...found])
    .where("merged_into", "is", null)
    // Whoever has signed in is somebody, and is not merged.
    .where((where) =>
      where.or([
        where("id", "=", into),
        where.not(
          where.exists(
            where.selectFrom("sign_in").select("hash").whereRef("sign_in.subject_id", "=", "subject.id"),
          ),
        ),
      ]),
    )
    .$if(leaveSettled, (query) =>
      query.where((where) =>
        where.or([
          where("id", "=", into),
          where.not(
            where.exists(
              where
                .selectFrom("match_decision")
                .select("id")
                .whereRef("match_decision.subject_id", "=", "subject.id"),
            ),
          ),
        ]),
      ),
    )
    .orderBy("id")
    // Whoever writes something down for one of them waits, or is waited for: nothing is left behind.
    .forNoKeyUpdate()
    .execute();
  if (!subjects.some(({ id }) => id === into)) return;
  const keyOf = (id: string) => keyOfPerson(db, { personKeys: keys }, id);
  const own = await keyOf(into);
  for (const subject of subjects) {
    if (subject.id === into) continue;
    const moving = { from: subject.id, to: into, old: await keyOf(subject.id), own };
    await moveIdentifiers(db, moving);
    await moveDecisions(db, moving);
    await moveTold(db, moving);
    await moveDisclosures(db, moving);
    await moveRequests(db, moving);
    await unmakeExports(db, into);
    await moveSuppression(db, moving);
    await db.deleteFrom("keys.person_key").where("subject_id", "=", subject.id).execute();
    await db
      .updateTable("subject")
      .set({ merged_into: into })
      .where((where) => where.or([where("id", "=", subject.id), where("merged_into", "=", subject.id)]))
      .execute();
  }
}

const shownOrSettled = ["LINKED", "CORRECTED", "CONFIRMED"];

/** Links, what was shown by a code, and between persons of whom neither has shown who they are, what staff found them by. */
async function moveIdentifiers(db: Db, { from, to, old, own }: Moving): Promise<void> {
  const signedIn = await db
    .selectFrom("sign_in")
    .select("hash")
    .where("subject_id", "=", to)
    .executeTakeFirst();
  const confirmed = await db
    .selectFrom("identifier")
    .select("hash")
    .where("subject_id", "=", to)
    .where("origin", "=", "CONFIRMED")
    .executeTakeFirst();
  const isSomebody = signedIn !== undefined || confirmed !== undefined;
  const moved = await db
    .selectFrom("identifier")
    .selectAll()
    .where("subject_id", "=", from)
    .where("origin", "in", isSomebody ? shownOrSettled : [...shownOrSettled, "FOUND"])
    .execute();
  for (const each of moved) {
    const value = old.unseal(each.sealed_value, identifierColumn);
    await db
      .insertInto("identifier")
      .values({ ...each, subject_id: to, sealed_value: own.seal(value, identifierColumn) })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  await db.deleteFrom("identifier").where("subject_id", "=", from).execute();
}

async function moveDecisions(db: Db, { from, to, old, own }: Moving): Promise<void> {
  await db.deleteFrom("match_review").where("subject_id", "=", from).execute();
  await db.updateTable("consent_event").set({ subject_id: to }).where("subject_id", "=", from).execute();
  for (const table of ["match_decision", "restriction"] as const) {
    const rows = await db
      .selectFrom(table)
      .select(["id", "sealed_reason"])
      .where("subject_id", "=", from)
      .execute();
    for (const { id, sealed_reason } of rows) {
      const reason = own.seal(old.unseal(sealed_reason, reasonColumn), reasonColumn);
      await db
        .updateTable(table)
        .set({ subject_id: to, sealed_reason: reason })
        .where("id", "=", id)
        .execute();
    }
  }
}
