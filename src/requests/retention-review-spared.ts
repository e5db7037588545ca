import { sql } from "kysely";
import { type Db, dbOf } from "../store/tables.ts";
import type { RecordFinder } from "../sources/match.ts";
import type { People, RegisterParts } from "../subjects/people.ts";
import { keyIfAny } from "../subjects/person-key.ts";
import { erasureIn, whoseIn } from "./erasure-rows.ts";
import { gatewayItself } from "./step.ts";
import { finalStatuses } from "./vocabulary.ts";

export interface SparedParts {
  readonly register: RegisterParts;
  readonly people: Pick<People, "byIds">;
  readonly newFinder: () => RecordFinder;
}

/** Persons that are looked for together. */
const atOnce = 200;

/**
 * Keys of the records in a source that a review leaves alone: of persons whose processing is restricted (GDPR Art. 18), and
 * of those who have a request open. Whose match is not settled, all that may be theirs. Rejects with `SourceUnavailable`.
 */
export async function sparedIn(
  { register, people, newFinder }: SparedParts,
  source: string,
): Promise<ReadonlySet<string>> {
  const db = dbOf(register.store);
  const ids = await sparedPersons(db, source);
  const keys = new Set<string>();
  for (let from = 0; from < ids.length; from += atOnce) {
    const finder = newFinder();
    const persons = await people.byIds(ids.slice(from, from + atOnce));
    const found = await Promise.all(
      persons.map(async (person) => {
        if (person.erasingIn.has(source)) return beingErased(db, register, person.id, source);
        const match = await finder.find(source, { ...person, viewer: gatewayItself });
        if (match.state === "HELD") return [match.record.key];
        return match.state === "NEEDS_REVIEW" ? match.records.map(({ key }) => key) : [];
      }),
    );
    for (const key of found.flat()) keys.add(key);
  }
  return keys;
}

/** Changes with every restriction and request that comes or ends, and with what those persons are found by. */
export async function sparedState(db: Db): Promise<string> {
  const { rows } = await sql<{ readonly state: string }>`
    with restricted as (select subject_id, concat(subject_id, sources, since) as what from restriction
        where until is null or until > clock_timestamp()),
      asking as (select subject_id, id::text as what from request where status <> all(${[...finalStatuses]}::text[])),
      spared as (select * from restricted union all select * from asking)
    select concat_ws(' ', (select md5(string_agg(what, ',' order by what)) from spared),
      (select count(*) from identifier where subject_id in (select subject_id from spared))) as state`.execute(
    db,
  );
  return rows[0]?.state ?? "";
}

async function sparedPersons(db: Db, source: string): Promise<readonly string[]> {
  const { rows } = await sql<{ readonly id: string }>`
    select subject_id as id from restriction
      where (until is null or until > clock_timestamp()) and (sources = '{}' or ${source} = any(sources))
    union select subject_id from request where status <> all(${[...finalStatuses]}::text[])
    order by id`.execute(db);
  return rows.map(({ id }) => id);
}

/** The source does not say any more whose it is; the erasure has it written down. */
async function beingErased(
  db: Db,
  register: RegisterParts,
  subjectId: string,
  source: string,
): Promise<readonly string[]> {
  const key = await keyIfAny(db, register, subjectId);
  const open = await db
    .selectFrom("request")
    .innerJoin("erasure", "erasure.request_id", "request.id")
    .select("request.id")
    .where("request.subject_id", "=", subjectId)
    .where("request.status", "not in", [...finalStatuses])
    .execute();
  const rows = await Promise.all(open.map(({ id }) => erasureIn(db, id, source)));
  return rows.flatMap((row) => (row && key && whoseIn(key, row)?.recordKey) ?? []);
}
