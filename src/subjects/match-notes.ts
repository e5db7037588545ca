import { sql } from "kysely";
import { KeyDestroyed } from "../store/person-keys.ts";
import { dbOf, inTransaction } from "../store/tables.ts";
import type { MatchNotes } from "./matching-parts.ts";
import { noteReappearance } from "./reappearance-rows.ts";
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
        // Not for whoever has meanwhile been merged into another: nothing would ever take it off again.
        await sql`insert into match_review (subject_id, source, reason, opened_at)
          select id, ${source}, ${problem}, ${new Date()} from subject
          where id = ${subjectId} and merged_into is null for share
          on conflict (subject_id, source) do update set reason = excluded.reason`.execute(db);
      }
    },
    async referred(subjectId, source, identifiers) {
      try {
        await inTransaction(store, async (db) => {
          // Before anything else: a merge takes the person first, and then what is kept of them.
          await db.selectFrom("subject").select("id").where("id", "=", subjectId).forNoKeyUpdate().execute();
          await db
            .deleteFrom("identifier")
            .where("subject_id", "=", subjectId)
            .where("origin", "=", "REFERENCE")
            .where("source", "=", source)
            .execute();
          await remember(db, parts, subjectId, "REFERENCE", identifiers, source);
        });
      } catch (error) {
        // Merged into another while this request looked: it is noted when that one is looked at.
        if (!(error instanceof KeyDestroyed)) throw error;
      }
    },
    absorb: (into, found) => people.absorb(into, found),
    async reappeared(sighting) {
      await noteReappearance(parts, sighting);
    },
  };
}
