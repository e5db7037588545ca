import { sql } from "kysely";
import type { Identifier } from "../sources/contract.ts";
import type { Db } from "../store/tables.ts";
import { keepDisclosures } from "./disclosure-rows.ts";
import { dropMarks, keepMarks } from "./kept-marks.ts";
import { keepNotTheirs, noteNotTheirs, type NotTheirs } from "./not-theirs.ts";
import { type RegisterParts, remember } from "./people.ts";
import { keyIfAny } from "./person-key.ts";
import { endNotices } from "./policy-notices-of.ts";
import { forgetReappearances } from "./reappearance-rows.ts";
import { replaceKey } from "./rekey.ts";

/** What leads to a record that the law keeps. */
export interface KeptLink {
  readonly source: string;
  readonly identifier: Identifier;
  /** Keyed hash of the record's key; null: whichever the identifier finds. */
  readonly recordHash: string | null;
}

/** What is known of a person who is forgotten. */
export interface Left {
  readonly keep: readonly KeptLink[];
  /** Records of others that go by something of the person's; absent: none but those that staff have settled. */
  readonly notTheirs?: readonly NotTheirs[];
}

const emptied = ["identifier", "match_review", "statement", "restriction", "objection"] as const;

/**
 * Everything that the gateway itself holds of a person goes, but what leads to records that the law keeps, what is withheld
 * from the person in these, and what shows how the gateway has dealt with them (GDPR Art. 5(2)): requests and their steps
 * without a word that somebody wrote, the ledger of consents, what was answered to the privacy policy, what was disclosed to
 * authorities, and the keyed hashes of the sign-in and of records that are others'. The key is replaced, so that no copy of
 * what goes can be read either. Done again, it comes to the same. Within the open transaction, which holds the person.
 */
export async function forgetPerson(
  db: Db,
  register: RegisterParts,
  subjectId: string,
  left: Left,
): Promise<void> {
  const old = await keyIfAny(db, register, subjectId);
  const own = await replaceKey(db, register, subjectId);
  if (old !== null) await keepDisclosures(db, subjectId, { old, own });
  await keepMarks(db, subjectId, { old, own });
  await empty(db, register, subjectId, left);
}

/**
 * What the gateway holds of a person about sources that they were erased from alone goes, but what leads to records that
 * the law keeps there, and what is withheld from the person in these. Within the open transaction, which holds the person.
 */
export async function forgetIn(
  db: Db,
  register: RegisterParts,
  subjectId: string,
  { sources, keep, notTheirs = [] }: Left & { readonly sources: readonly string[] },
): Promise<void> {
  await dropMarks(db, subjectId, sources);
  for (const table of ["statement", "match_review"] as const)
    await db
      .deleteFrom(table)
      .where("subject_id", "=", subjectId)
      .where("source", "in", [...sources])
      .execute();
  await db
    .deleteFrom("identifier")
    .where("subject_id", "=", subjectId)
    .where("origin", "in", ["CORRECTED", "REFERENCE"])
    .where("source", "in", [...sources])
    .execute();
  for (const { source, identifier, recordHash } of keep)
    await remember(db, register, subjectId, "LINKED", [identifier], source, recordHash);
  await noteNotTheirs(db, register, subjectId, notTheirs);
}

/** As `forgetPerson`, for a person whose key has been replaced already: what is withheld from them does not open any more. */
export async function emptyRegister(
  db: Db,
  register: RegisterParts,
  subjectId: string,
  left: Left,
): Promise<void> {
  await db.deleteFrom("withheld").where("subject_id", "=", subjectId).execute();
  await empty(db, register, subjectId, left);
}

async function empty(
  db: Db,
  register: RegisterParts,
  subjectId: string,
  { keep, notTheirs = [] }: Left,
): Promise<void> {
  await emptyRequests(db, subjectId);
  await forgetReappearances(db, subjectId);
  await endNotices(db, subjectId);
  for (const table of emptied) await db.deleteFrom(table).where("subject_id", "=", subjectId).execute();
  await keepNotTheirs(db, register, subjectId, notTheirs);
  for (const { source, identifier, recordHash } of keep)
    await remember(db, register, subjectId, "LINKED", [identifier], source, recordHash);
  await db
    .updateTable("subject")
    .set({ forgotten_at: sql<Date>`clock_timestamp()` })
    .where("id", "=", subjectId)
    .execute();
}

/** That they were made and what became of them stays. Whoever asks for the same again is not answered with one of them. */
async function emptyRequests(db: Db, subjectId: string): Promise<void> {
  // Before their steps, as whoever ends one of those does.
  const requests = await db
    .selectFrom("request")
    .select("id")
    .where("subject_id", "=", subjectId)
    .orderBy("id")
    .forUpdate()
    .execute();
  if (requests.length === 0) return;
  const ids = requests.map(({ id }) => id);
  await db
    .updateTable("request")
    .set({ sealed_reason: null, sealed_refusal: null, digest: null })
    .where("id", "in", ids)
    .execute();
  await db.updateTable("request_step").set({ sealed_work: null }).where("request_id", "in", ids).execute();
  await db.updateTable("request_event").set({ sealed_note: null }).where("request_id", "in", ids).execute();
  await forgetExports(db, ids);
  await db
    .updateTable("identity_code")
    .set({ sealed_address: null })
    .where("request_id", "in", ids)
    .execute();
  await db
    .updateTable("erasure_source")
    .set({ sealed_record: null })
    .where("request_id", "in", ids)
    .execute();
}

/** What persons were to take along goes with the key that it opens with. */
async function forgetExports(db: Db, requestIds: readonly string[]): Promise<void> {
  for (const table of ["export_part", "export_reading", "export_chunk"] as const)
    await db
      .deleteFrom(table)
      .where("export_id", "in", [...requestIds])
      .execute();
  await db
    .updateTable("export")
    .set({ sealed_key: null, sealed_token: null, archive_id: null })
    .where("id", "in", [...requestIds])
    .execute();
}
