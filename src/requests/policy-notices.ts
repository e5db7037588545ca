import { sql } from "kysely";
import { languages, type Language } from "../language/language.ts";
import type { Db } from "../store/tables.ts";
import { goingThrough } from "../subjects/policy-notices-of.ts";
import type { PolicyVersion } from "./policies.ts";

/** Persons gone through at one go. */
const batch = 500;

/** Versions of which not everybody has been gone through, in the order in which they were published. */
export async function versionsToTell(db: Db): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("policy_telling")
    .innerJoin("privacy_policy", "privacy_policy.version", "policy_telling.version")
    .select("policy_telling.version")
    .where("is_through", "=", false)
    .orderBy("place")
    .execute();
  return rows.map(({ version }) => version);
}

/** Of persons who were gone through: to be told, or without an address that they have shown to be theirs. */
export interface GoneThrough {
  readonly found: number;
  readonly untold: number;
  readonly isThrough: boolean;
}

/**
 * Goes through the next persons in the order of their ids, and writes down who is to be told: each once for each version.
 * Who was met after it was published has seen no other, unless they are one with somebody who was known before. Who has been
 * forgotten is nobody to be told. Done again after a crash, it goes on where it was.
 */
export function goThrough(db: Db, version: string): Promise<GoneThrough> {
  return db.transaction().execute(async (tx) => {
    // In a statement of its own: the next one sees whoever has become one with another meanwhile.
    await sql`select pg_advisory_xact_lock(${goingThrough})`.execute(tx);
    return goThroughNext(tx, version);
  });
}

async function goThroughNext(db: Db, version: string): Promise<GoneThrough> {
  const { rows } = await sql<{ readonly found: number; readonly untold: number; readonly all: number }>`
    with telling as (
      select t.version, t.told_through, p.published_at from policy_telling t
        join privacy_policy p on p.version = t.version
      where t.version = ${version} and not t.is_through for update of t),
    next as (
      select s.id, s.forgotten_at, s.merged_into is null and (s.created_at <= telling.published_at
          or exists (select from subject known where known.merged_into = s.id
            and known.created_at <= telling.published_at and known.forgotten_at is null)) as is_meant,
        exists (select from identifier i where i.subject_id = s.id and i.kind = 'EMAIL'
          and i.origin in ('VERIFIED', 'CONFIRMED')) as is_reached
      from telling cross join lateral (select id, forgotten_at, created_at, merged_into from subject
        where id > coalesce(telling.told_through, '00000000-0000-0000-0000-000000000000') order by id limit ${batch}) s),
    noted as (
      insert into policy_notice (version, subject_id, state, next_attempt_at)
      select ${version}, id, case when is_reached then 'PENDING' else 'NO_ADDRESS' end, gateway_now()
      from next where is_meant and (is_reached or forgotten_at is null)
      on conflict do nothing returning state),
    through as (
      update policy_telling set is_through = (select count(*) < ${batch} from next),
        told_through = coalesce((select id from next order by id desc limit 1), policy_telling.told_through)
      where version in (select version from telling))
    select (select count(*)::int from next) as all, count(*)::int as found,
      count(*) filter (where state = 'NO_ADDRESS')::int as untold from noted`.execute(db);
  const { found = 0, untold = 0, all = 0 } = rows[0] ?? {};
  return { found, untold, isThrough: all < batch };
}

/** That a person is to be told of a version. */
export interface Notice {
  /** Of the message: sent again, it is the same one. */
  readonly id: string;
  readonly version: string;
  readonly subjectId: string;
  /** This one included. */
  readonly attempts: number;
  /** In which the person was last written to or shown something; null: that is not known. */
  readonly language: Language | null;
}

/**
 * Takes the next persons who are due, for a while: whoever dies over them has them tried again after that. Nobody who is
 * being erased is among them.
 */
export async function takeNotices(db: Db, most: number, seconds: number): Promise<readonly Notice[]> {
  const { rows } = await sql<Omit<Notice, "language"> & { readonly language: string | null }>`
    update policy_notice n set attempts = n.attempts + 1,
      next_attempt_at = gateway_now() + make_interval(secs => ${seconds})
    where n.id in (
      select d.id from policy_notice d
      where d.state = 'PENDING' and d.next_attempt_at <= gateway_now() and not exists (
        select from request q join erasure e on e.request_id = q.id
        where q.subject_id = d.subject_id and q.kind = 'ERASURE' and e.sources is null and e.finished_at is null
          and q.status in ('RUNNING', 'NEEDS_ATTENTION'))
      order by d.next_attempt_at, d.id limit ${most} for update skip locked)
    returning n.id, n.version, n.subject_id as "subjectId", n.attempts,
      coalesce(
        (select q.language from request q where q.subject_id = n.subject_id order by q.received_at desc, q.id desc limit 1),
        (select c.language from consent_event c where c.subject_id = n.subject_id and c.language is not null
          order by c.at desc limit 1)) as language`.execute(db);
  return rows.map((row) => ({
    ...row,
    language: languages.find((language) => language === row.language) ?? null,
  }));
}

/** What became of an attempt. */
export type NoticeEnd =
  | { readonly state: "TOLD" }
  | { readonly state: "NO_ADDRESS" }
  | { readonly state: "PENDING"; readonly retrySeconds: number };

export async function endNotice(db: Db, id: string, end: NoticeEnd): Promise<void> {
  const retrySeconds = end.state === "PENDING" ? end.retrySeconds : 0;
  await db
    .updateTable("policy_notice")
    .set({
      state: end.state,
      told_at: end.state === "TOLD" ? sql<Date>`gateway_now()` : null,
      next_attempt_at: sql<Date>`gateway_now() + make_interval(secs => ${retrySeconds})`,
    })
    .where("id", "=", id)
    .where("state", "=", "PENDING")
    .execute();
}

/** The attempt does not count: it was not the person's address that stood in the way. */
export async function putBack(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db
    .updateTable("policy_notice")
    .set({ attempts: sql<number>`attempts - 1`, next_attempt_at: sql<Date>`gateway_now()` })
    .where("id", "in", [...ids])
    .where("state", "=", "PENDING")
    .execute();
}

/** Persons who are to be told still, of those who have been gone through. */
export async function countWaiting(db: Db): Promise<number> {
  const { waiting } = await db
    .selectFrom("policy_notice")
    .select((each) => each.fn.countAll<string>().as("waiting"))
    .where("state", "=", "PENDING")
    .executeTakeFirstOrThrow();
  return Number(waiting);
}

/** What a letter says of a version. */
export type ToldVersion = Pick<PolicyVersion, "version" | "changes" | "requiresConsent"> & {
  readonly language: string;
};

export function toldVersions(db: Db, versions: readonly string[]): Promise<readonly ToldVersion[]> {
  if (versions.length === 0) return Promise.resolve([]);
  return db
    .selectFrom("privacy_policy")
    .select(["version", "changes", "language", "requires_consent as requiresConsent"])
    .where("version", "in", [...versions])
    .execute();
}
