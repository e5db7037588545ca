import { sql } from "kysely";
import type { Purpose } from "../access/vocabulary.ts";
import type { WhomToCount } from "../sources/contract.ts";
import type { Person, Subject, Viewer } from "../sources/data-subject.ts";
import { SourceUnavailable } from "../sources/loader.ts";
import type { Db } from "../store/tables.ts";
import type { Matching } from "./matching.ts";
import type { People } from "./people.ts";

/** Of whom the records are looked up one by one: more of them is no work for a question of staff. */
const mostPersons = 50_000;
/** Looked up at once. */
const batch = 250;

const counting: Viewer = { as: "staff", roles: new Set(), purpose: "STATISTICS" };

export interface CountingParts {
  readonly db: Db;
  readonly people: People;
  readonly records: Pick<Matching, "answering" | "find">;
}

/**
 * Which records of a source statistics are of. Whoever objects to them (GDPR Art. 21), or whose processing is restricted
 * there (Art. 18), is not counted, whichever record may be theirs; where the data is held by consent, they alone are who
 * have said yes, and whose record is settled. Rejects with `SourceUnavailable`: what cannot be left out is not counted.
 */
export async function whomToCount(
  parts: CountingParts,
  source: string,
  consent: Purpose | null,
): Promise<WhomToCount> {
  const refusing = await refusingIn(parts.db, source, consent);
  const except = new Set(
    await keysOf(parts, source, refusing, async (subject) =>
      (await parts.records.answering(source, subject)).map(({ key }) => key),
    ),
  );
  if (consent === null) return { except: [...except] };
  const saidYes = await consentingTo(parts.db, consent);
  const keys = await keysOf(parts, source, saidYes, async (subject) => {
    if (subject.erasingIn.has(source)) return [];
    const match = await parts.records.find(source, subject);
    return match.state === "HELD" ? [match.record.key] : [];
  });
  return { only: [...new Set(keys)].filter((key) => !except.has(key)) };
}

async function keysOf(
  { people }: CountingParts,
  source: string,
  ids: readonly string[],
  keys: (subject: Subject) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  if (ids.length > mostPersons) throw new SourceUnavailable(source, "NOT_COUNTABLE");
  const found: string[] = [];
  for (let from = 0; from < ids.length; from += batch) {
    const persons: readonly Person[] = await people.byIds(ids.slice(from, from + batch));
    const each = persons.map((person) => keys({ ...person, viewer: counting }));
    found.push(...(await Promise.all(each)).flat());
  }
  return found;
}

/** Whom nothing is known to be found by any more is not among them. As the row guard has it (`PersonRow`). */
async function refusingIn(db: Db, source: string, consent: Purpose | null): Promise<readonly string[]> {
  const purposes = consent === null ? ["STATISTICS"] : ["STATISTICS", consent];
  return idsOf(
    db,
    sql`select subject_id from objection where ended_at is null and purpose = any(${purposes})
      union select subject_id from restriction where since <= now() and (until is null or until > now())
        and (sources = '{}' or ${source} = any(sources))
      union select q.subject_id from request q join erasure e on e.request_id = q.id
        where q.kind = 'ERASURE' and q.status in ('RUNNING', 'NEEDS_ATTENTION')
          and (e.sources is null or e.sources = '{}' or ${source} = any(e.sources))
      union select q.subject_id from request q join erasure_source es on es.request_id = q.id
        where q.kind = 'ERASURE' and es.source = ${source} and es.begun_at is not null and es.ended_at is null
      union select q.subject_id from request q join retained k on k.request_id = q.id
        where k.source = ${source} and k.ended_at is null`,
  );
}

/** The latest word counts; of two at the same moment, the no. */
const consentingTo = (db: Db, purpose: Purpose) =>
  idsOf(
    db,
    sql`select subject_id from (select distinct on (subject_id) subject_id, status from consent_event
      where purpose = ${purpose} order by subject_id, at desc, status desc) latest where status = 'GIVEN'`,
  );

async function idsOf(db: Db, persons: ReturnType<typeof sql>): Promise<readonly string[]> {
  const { rows } = await sql<{ readonly id: string }>`select subject_id as id from (${persons}) p
    where exists (select from identifier i where i.subject_id = p.subject_id)
    limit ${mostPersons + 1}`.execute(db);
  return rows.map(({ id }) => id);
}
