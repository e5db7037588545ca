import { type RawBuilder, sql } from "kysely";

/** Of `match_decision d`: that it says of a record that it is not the person's, and no later link has overridden it. */
export const stillUnlinks = (record: RawBuilder<unknown>) => sql`d.decision = 'UNLINKED'
  and not exists (select from match_decision l where l.subject_id = d.subject_id and l.source = d.source
    and l.decision = 'LINKED' and l.at > d.at and ${record} = any(l.record_hashes))`;
