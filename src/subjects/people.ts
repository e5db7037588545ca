import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { Identifier } from "../sources/contract.ts";
import type { Person } from "../sources/data-subject.ts";
import type { Keyring } from "../store/keyring.ts";
import type { KeyedHash } from "../store/keyed-hash.ts";
import type { PersonKeys } from "../store/person-keys.ts";
import type { Store } from "../store/store.ts";
import { together } from "../store/together.ts";
import { type Db, dbOf, inTransaction } from "../store/tables.ts";
import { asWritten, isUuid } from "../store/uuid.ts";
import { absorb } from "./absorb.ts";
import {
  byId,
  byIds,
  bySignIns,
  currentIds,
  identifierColumn,
  lastErasures,
  type Origin,
  personOf,
  type PersonRow,
  personRows,
} from "./person-rows.ts";
import { keyOfPerson } from "./person-key.ts";
import type { Principal } from "./principal.ts";

/** What every part of the register works with. */
export interface RegisterParts {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly personKeys: PersonKeys;
}

/** The persons that the gateway knows. */
export interface People {
  /** The caller's own person, met for the first time if need be; null: a caller who is nobody's data subject. */
  ofCaller(principal: Principal): Promise<Person | null>;
  /** Writes down what the caller has verified, whenever they signed in: they ask for something that takes time. */
  rememberCaller(principal: Principal): Promise<void>;
  /** Null: no such person. */
  byId(id: string): Promise<Person | null>;
  byIds(ids: readonly string[]): Promise<readonly Person[]>;
  /** By id as asked for, the id of the person who answers to it now, who may have become one with another. */
  currentIds(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** As `Person.lastErasure`, as it is now. */
  lastErasure(id: string): Promise<string | null>;
  /** Those to whom the identifier leads, by sign-in or an earlier search, or by a link in one of the sources. */
  knownBy(identifier: Identifier, sources?: readonly string[]): Promise<readonly string[]>;
  /** A person whom a source answered with for the identifier, and nobody has claimed. */
  enrolFound(identifier: Identifier): Promise<Person>;
  /**
   * One person after all: what was found of nobody in particular goes over to the one whose record it is. Whom staff
   * have settled a match of stays apart, until the person proves the identifier by which they were found.
   * Resolves with those who are one with the person now.
   */
  absorb(into: string, found: readonly string[]): Promise<readonly string[]>;
}

export function createPeople(parts: RegisterParts): People {
  const { store, personKeys } = parts;
  const hashes = callerHashes(parts.keyring);
  const db = dbOf(store);
  const bySignIn = together(async (signIns: readonly string[]) => {
    const rows = await personRows(db, bySignIns(signIns));
    return signIns.map((hash) => rows.find(({ sign_ins }) => sign_ins.includes(hash)) ?? null);
  });
  const lastErasure = together(async (ids: readonly string[]) => {
    const last = await lastErasures(db, ids);
    return ids.map((id) => last.get(id) ?? null);
  });
  const rowOf = async (principal: Principal, isKnown: (row: PersonRow) => boolean) => {
    const { signIn, identifiers } = hashes(principal);
    const row = await bySignIn(signIn);
    if (row !== null && (isCurrent(row, identifiers) || isKnown(row))) return row;
    await inTransaction(store, (db) => meet(db, parts, principal, { signIn, identifiers }));
    return bySignIn(signIn);
  };
  return {
    async ofCaller(principal) {
      if (!principal.roles.has("SUBJECT")) return null;
      const row = await rowOf(principal, (known) => isForgottenSince(known, principal));
      return row && personOf(row, personKeys, principal.identifiers);
    },
    async rememberCaller(principal) {
      await rowOf(principal, () => false);
    },
    async byId(id) {
      // What is no id of ours is looked for like one, so that it takes as long.
      const [row] = await personRows(db, byId(isUuid(id) ? id : randomUUID()));
      return row ? personOf(row, personKeys) : null;
    },
    async byIds(ids) {
      const rows = ids.length === 0 ? [] : await personRows(db, byIds(ids));
      return Promise.all(rows.map((row) => personOf(row, personKeys)));
    },
    async currentIds(ids) {
      // As in `byId`.
      const asked = ids.map((id) => ({ id, written: isUuid(id) ? asWritten(id) : randomUUID() }));
      const current = await currentIds(
        db,
        asked.map(({ written }) => written),
      );
      return new Map(
        asked.flatMap(({ id, written }) => {
          const now = current.get(written);
          return now === undefined ? [] : [[id, now] as const];
        }),
      );
    },
    lastErasure,
    async knownBy(identifier, sources = []) {
      const rows = await db
        .selectFrom("identifier")
        .select("subject_id")
        .distinct()
        .where("hash", "=", identifierHash(parts.keyring.hash("identifier"))(identifier))
        .where("source", "in", ["", ...sources])
        .execute();
      return rows.map(({ subject_id }) => subject_id);
    },
    enrolFound: (identifier) =>
      inTransaction(store, async (db) => {
        const hash = identifierHash(parts.keyring.hash("identifier"))(identifier);
        await lock(db, [hash]);
        const known = await db
          .selectFrom("identifier")
          .select("subject_id")
          .where("hash", "=", hash)
          .where("origin", "in", ["FOUND", "VERIFIED", "CONFIRMED"])
          .executeTakeFirst();
        const id = known?.subject_id ?? (await enrol(db, parts));
        if (!known) await remember(db, parts, id, "FOUND", [identifier]);
        const [row] = await personRows(db, byId(id));
        if (!row) throw new Error("a person who was just enrolled is gone");
        return personOf(row, personKeys);
      }),
    absorb: (into, found) =>
      inTransaction(store, async (db) => {
        await absorb(db, personKeys, into, found, { leaveSettled: true });
        const merged = await db
          .selectFrom("subject")
          .select("id")
          .where("id", "in", [...found])
          .where("merged_into", "=", into)
          .execute();
        return merged.map(({ id }) => id);
      }),
  };
}

interface CallerHashes {
  readonly signIn: string;
  readonly identifiers: readonly string[];
}

/** A principal lives as long as its token is believed, and is hashed once. */
function callerHashes(keyring: Keyring): (principal: Principal) => CallerHashes {
  const kept = new WeakMap<Principal, CallerHashes>();
  const signInHash = keyring.hash("sign-in");
  const hashIdentifier = identifierHash(keyring.hash("identifier"));
  return (principal) => {
    let known = kept.get(principal);
    if (!known) {
      const { namespace, sub, identifiers } = principal;
      known = { signIn: signInHash(namespace, sub), identifiers: identifiers.map(hashIdentifier) };
      kept.set(principal, known);
    }
    return known;
  };
}

export const identifierHash =
  (hash: KeyedHash) =>
  ({ kind, value }: Identifier): string =>
    hash(kind, value);

/** A token without any identifier says nothing new: another client may not have asked for the claim. */
function isCurrent(row: PersonRow, hashes: readonly string[]): boolean {
  if (hashes.length === 0) return true;
  const verified = row.identifiers.filter(({ origin }) => origin === "VERIFIED");
  return verified.length === hashes.length && verified.every(({ hash }) => hashes.includes(hash));
}

/** Whoever goes on with the sign-in that they had themselves erased with is not written down anew for looking on. */
const isForgottenSince = ({ forgotten_at }: PersonRow, { authenticatedAt }: Principal): boolean =>
  forgotten_at !== null && authenticatedAt !== null && authenticatedAt < forgotten_at;

/** Two replicas may meet a person, or a person's new address, at once: one after the other, and both agree. */
async function meet(db: Db, parts: RegisterParts, principal: Principal, hashes: CallerHashes): Promise<void> {
  await lock(db, [hashes.signIn, ...hashes.identifiers]);
  const known = await db
    .selectFrom("sign_in")
    .select("subject_id")
    .where("hash", "=", hashes.signIn)
    .executeTakeFirst();
  const id = known?.subject_id ?? (await enrol(db, parts));
  if (!known) await db.insertInto("sign_in").values({ hash: hashes.signIn, subject_id: id }).execute();
  if (hashes.identifiers.length === 0) return;
  const found = await db
    .selectFrom("identifier")
    .select("subject_id")
    .distinct()
    .where("hash", "in", [...hashes.identifiers])
    .where("origin", "in", ["FOUND", "CONFIRMED"])
    .where("subject_id", "!=", id)
    .execute();
  await absorb(
    db,
    parts.personKeys,
    id,
    found.map(({ subject_id }) => subject_id),
  );
  await db.deleteFrom("identifier").where("subject_id", "=", id).where("origin", "=", "VERIFIED").execute();
  await remember(db, parts, id, "VERIFIED", principal.identifiers);
}

/** In one order everywhere, so that two who need the same locks never wait for each other. */
async function lock(db: Db, hashes: readonly string[]): Promise<void> {
  for (const hash of [...new Set(hashes)].sort())
    await sql`select pg_advisory_xact_lock(hashtextextended(${hash}, 0))`.execute(db);
}

/** Somebody of whom nothing is known yet. Within the open transaction. */
export async function enrol(db: Db, { personKeys }: RegisterParts): Promise<string> {
  const id = randomUUID();
  const { wrappedKey, masterKeyId } = await personKeys.create(id);
  await db
    .insertInto("subject")
    .values({ id, created_at: sql<Date>`gateway_now()`, merged_into: null })
    .execute();
  await db
    .insertInto("keys.person_key")
    .values({ subject_id: id, wrapped_key: wrappedKey, master_key_id: masterKeyId })
    .execute();
  return id;
}

/**
 * Writes identifiers down for a person, sealed; `source`: where a link or reference leads; `recordHash`: to which record
 * of it alone.
 * @throws KeyDestroyed also where the person has meanwhile been merged into another
 */
export async function remember(
  db: Db,
  { keyring, personKeys }: RegisterParts,
  subjectId: string,
  origin: Origin,
  identifiers: readonly Identifier[],
  source = "",
  recordHash: string | null = null,
): Promise<void> {
  if (identifiers.length === 0) return;
  await db
    .selectFrom("subject")
    .select("id")
    .where("id", "=", subjectId)
    // So that the person is not merged into another meanwhile, and this left under a key that is gone.
    .forShare()
    .executeTakeFirstOrThrow();
  const key = await keyOfPerson(db, { personKeys }, subjectId);
  const hash = identifierHash(keyring.hash("identifier"));
  await db
    .insertInto("identifier")
    .values(
      identifiers.map((identifier) => ({
        subject_id: subjectId,
        hash: hash(identifier),
        origin,
        source,
        kind: identifier.kind,
        sealed_value: key.seal(identifier.value, identifierColumn),
        // One clock for all replicas: what was shown last is where the person is written to.
        at: sql<Date>`clock_timestamp()`,
        record_hash: recordHash,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
