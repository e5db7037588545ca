import { dbOf, inTransaction } from "../store/tables.ts";
import type { MatchNotes } from "./matching.ts";
import { type People, type RegisterParts, remember } from "./people.ts";

/** Writes down what matching finds out; each is written once, and again only when it changes. */
export function createMatchNotes(parts: RegisterParts, people: People): MatchNotes {
  const { store } = parts;
  return {
    async review(subjectId, source, problem) {
      const db = dbOf(store);
      if (problem === null) {
        await db
          .deleteFrom("match_review")
          .where("subject_id", "=", subjectId)
          .where("source", "=", source)
          .execute();
      } else {
        await db
          .insertInto("match_review")
          .values({ subject_id: subjectId, source, reason: problem, opened_at: new Date() })
          .onConflict((conflict) =>
            conflict.columns(["subject_id", "source"]).doUpdateSet({ reason: problem }),
          )
          .execute();
      }
    },
    referred: (subjectId, source, identifiers) =>
      inTransaction(store, (db) => remember(db, parts, subjectId, "REFERENCE", identifiers, source)),
    absorb: (into, found) => people.absorb(into, found),
  };
}
