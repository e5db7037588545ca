import { type RawBuilder, sql } from "kysely";
import type { IdentifierKind, Purpose } from "../access/vocabulary.ts";
import type { Identifier } from "../sources/contract.ts";
import type { Person } from "../sources/data-subject.ts";
import type { PersonKey, PersonKeys } from "../store/person-keys.ts";
import { prepared } from "../store/prepared.ts";
import type { Db } from "../store/tables.ts";
import { stillUnlinks } from "./unlinked.ts";

/** How the gateway came to know an identifier of a person. */
export type Origin =
  /** In a token of the issuer. */
  | "VERIFIED"
  /** Whoever asks has read a code that was sent there (GDPR Art. 12(6)). */
  | "CONFIRMED"
  /** Staff looked for it, and a source answered; nobody has shown to own it. */
  | "FOUND"
  /** Staff have settled that it leads to this person's record in one source. */
  | "LINKED"
  /** A settled record in one source names it, and the configuration lets it lead to another. */
  | "REFERENCE"
  /** The person has had their own record say it, or found it by it before: it leads to that record alone. */
  | "CORRECTED";

interface StoredIdentifier {
  readonly hash: string;
  readonly origin: Origin;
  readonly source: string;
  readonly kind: IdentifierKind;
  /** Base64 of what the person's key has sealed. */
  readonly sealed: string;
  readonly record: string | null;
}

/** All that the register holds of one person, in one row. */
export interface PersonRow {
  readonly id: string;
  /** Keyed hashes of the names under which the person signs in. */
  readonly sign_ins: readonly string[];
  readonly wrapped_key: Uint8Array | null;
  readonly master_key_id: string | null;
  readonly identifiers: readonly StoredIdentifier[];
  readonly not_theirs: readonly string[];
  readonly reviews: readonly string[];
  readonly consents: readonly Purpose[];
  readonly objections: readonly Purpose[];
  /** Sources of each restriction in force; an empty list is all of them. */
  readonly restrictions: readonly (readonly string[])[];
  /** Sources in which the person is being erased. */
  readonly erasing: readonly string[];
  /** Sources in which the law has kept something of an erasure. */
  readonly kept: readonly string[];
  /** Sources in which something is withheld from the person. */
  readonly withheld: readonly string[];
  readonly last_erasure: string | null;
  readonly forgotten_at: Date | null;
}

export const identifierColumn = "identifier.sealed_value";

export const bySignIns = (hashes: readonly string[]) =>
  sql`s.id in (select subject_id from sign_in where hash = any(${hashes}))`;
/** An id that has been merged into another answers as that one. */
export const byId = (id: string) =>
  sql`s.id = (select coalesce(merged_into, id) from subject where id = ${id})`;
export const byIds = (ids: readonly string[]) =>
  sql`s.id in (select coalesce(merged_into, id) from subject where id = any(${ids}::uuid[]))`;

export async function personRows(db: Db, which: RawBuilder<unknown>): Promise<readonly PersonRow[]> {
  const { rows } =
    await sql<PersonRow>`${prepared}select s.id, s.forgotten_at, k.wrapped_key, k.master_key_id,
      array(select hash from sign_in where subject_id = s.id) as sign_ins,
      coalesce((select json_agg(json_build_object('hash', i.hash, 'origin', i.origin, 'source', i.source,
          'kind', i.kind, 'sealed', encode(i.sealed_value, 'base64'), 'record', i.record_hash) order by i.at, i.hash)
        from identifier i where i.subject_id = s.id), '[]') as identifiers,
      array(select record from match_decision d, unnest(d.record_hashes) record
        where d.subject_id = s.id and ${stillUnlinks(sql`record`)}) as not_theirs,
      array(select r.source from match_review r where r.subject_id = s.id) as reviews,
      array(select c.purpose from (select distinct on (purpose) purpose, status from consent_event
          where subject_id = s.id order by purpose, at desc, status desc) c where c.status = 'GIVEN') as consents,
      array(select o.purpose from objection o where o.subject_id = s.id and o.ended_at is null) as objections,
      coalesce((select json_agg(to_json(r.sources)) from (
          select sources from restriction where subject_id = s.id and since <= now() and (until is null or until > now())
          union all ${restrictedByErasure}) r), '[]') as restrictions,
      array(select es.source from erasure_source es join request q on q.id = es.request_id
        where q.subject_id = s.id and q.kind = 'ERASURE' and es.begun_at is not null and es.ended_at is null) as erasing,
      array(select distinct k.source ${retained}) as kept,
      array(select distinct w.source from withheld w where w.subject_id = s.id) as withheld,
      ${lastErasure(sql`s.id`)} as last_erasure
    from subject s left join keys.person_key k on k.subject_id = s.id where ${which}`.execute(db);
  return rows;
}

/**
 * When erasures of the person have begun and ended in each source; it is compared, and nothing else. The latest of them
 * would not do: what began before another may be written down after it.
 */
const lastErasure = (subjectId: RawBuilder<unknown>) => sql<string | null>`(
  select string_agg(concat_ws(' ', es.begun_at, es.ended_at), ', ' order by es.id)
  from erasure_source es join request q on q.id = es.request_id
  where q.subject_id = ${subjectId} and q.kind = 'ERASURE' and es.begun_at is not null)`;

/** As `Person.lastErasure`, as it is now. */
export async function lastErasures(
  db: Db,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  const { rows } = await sql<{ readonly id: string; readonly last: string | null }>`${prepared}
    select s.id::text as id, ${lastErasure(sql`s.id`)} as last
    from unnest(${ids}::uuid[]) as s (id)`.execute(db);
  return new Map(rows.map(({ id, last }) => [id, last]));
}

const retained = sql`from request q join retained k on k.request_id = q.id
    where q.subject_id = s.id and q.kind = 'ERASURE' and k.ended_at is null`;

/** Whom an erasure is under way for, and what the law has kept of one (GDPR Art. 18): for nobody's work. */
const restrictedByErasure = sql`
  select coalesce(e.sources, '{}') from request q join erasure e on e.request_id = q.id
    where q.subject_id = s.id and q.kind = 'ERASURE' and q.status in ('RUNNING', 'NEEDS_ATTENTION')
  union all select array[k.source] ${retained}`;

/**
 * Keyed hashes of what names whoever's data may not be used for the purpose: they object to it (GDPR Art. 21), their
 * processing is restricted (Art. 18), or they are being erased.
 */
export async function namesNotToUseFor(db: Db, purpose: Purpose): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ hash: string }>`select distinct i.hash
    from subject s join identifier i on i.subject_id = s.id
    where exists (select from objection o
        where o.subject_id = s.id and o.purpose = ${purpose} and o.ended_at is null)
      or exists (select from restriction r
        where r.subject_id = s.id and r.since <= now() and (r.until is null or r.until > now()))
      or exists (${restrictedByErasure})`.execute(db);
  return new Set(rows.map(({ hash }) => hash));
}

export const openKey = (keys: PersonKeys, row: Pick<PersonRow, "id" | "wrapped_key" | "master_key_id">) =>
  keys.open(row.id, { wrappedKey: row.wrapped_key, masterKeyId: row.master_key_id });

/** `verified`: the caller's own identifiers, from the token; absent: those that the register holds. */
export async function personOf(
  row: PersonRow,
  keys: PersonKeys,
  verified?: readonly Identifier[],
): Promise<Person> {
  const links = row.identifiers.filter(({ origin }) => origin === "LINKED");
  const general = verified
    ? []
    : row.identifiers.filter(({ origin }) => isShown(origin) || origin === "FOUND");
  const shown = general.filter(({ origin }) => isShown(origin));
  const corrected = row.identifiers.filter(({ origin }) => origin === "CORRECTED");
  const sealed = links.length + general.length + corrected.length > 0;
  const key = sealed ? await openKey(keys, row) : null;
  const opened = (stored: readonly StoredIdentifier[]) => (key ? stored.map((each) => open(key, each)) : []);
  const referred = row.identifiers.filter(({ origin }) => origin === "REFERENCE");
  return {
    id: row.id,
    identity: { identifiers: verified ?? opened(general) },
    links: new Map(bySource(links).map(([source, stored]) => [source, opened(stored)])),
    corrected: new Map(
      bySource(corrected).map(([source, stored]) => [
        source,
        stored.flatMap((each) =>
          key && each.record !== null ? [{ identifier: open(key, each), recordHash: each.record }] : [],
        ),
      ]),
    ),
    notTheirs: new Set(row.not_theirs),
    shown: verified ?? opened(shown).reverse(),
    proven: (verified ?? []).length > 0 || row.identifiers.some(({ origin }) => isShown(origin)),
    referred: new Map(
      bySource(referred).map(([source, stored]) => [source, new Set(stored.map(({ hash }) => hash))]),
    ),
    underReview: new Set(row.reviews),
    erasingIn: new Set(row.erasing),
    keptIn: new Set(row.kept),
    withheldIn: new Set(row.withheld),
    lastErasure: row.last_erasure,
    standing: {
      restrictedIn: row.restrictions.some((sources) => sources.length === 0)
        ? "everywhere"
        : new Set(row.restrictions.flat()),
      consents: new Set(row.consents),
      objections: new Set(row.objections),
    },
  };
}

/** The person has shown it to be theirs. */
const isShown = (origin: Origin) => origin === "VERIFIED" || origin === "CONFIRMED";

function bySource(stored: readonly StoredIdentifier[]): [string, StoredIdentifier[]][] {
  const sources = [...new Set(stored.map(({ source }) => source))];
  return sources.map((source) => [source, stored.filter((each) => each.source === source)]);
}

function open(key: PersonKey, { kind, sealed }: StoredIdentifier): Identifier {
  return { kind, value: key.unseal(Buffer.from(sealed, "base64"), identifierColumn) };
}
