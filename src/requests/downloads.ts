import { sql } from "kysely";
import type { FieldLabel, RecordField } from "../archive/record-type.ts";
import type { AuditEntry } from "../audit/entry.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { Person, Viewer } from "../sources/data-subject.ts";
import { databaseNow } from "../store/clock.ts";
import { type Db, dbOf, inTransaction } from "../store/tables.ts";
import { lockPerson } from "../subjects/decision-rows.ts";
import { EmployeeNames } from "../subjects/employee-names.ts";
import type { InTurn } from "../subjects/in-turn.ts";
import type { People, RegisterParts } from "../subjects/people.ts";
import { keyIfAny } from "../subjects/person-key.ts";
import type { Principal } from "../subjects/principal.ts";
import { tell } from "./advance.ts";
import { archiveBytes } from "./export-archive-store.ts";
import { openExportKey } from "./export-key.ts";
import { tokenColumn } from "./export-pack-step.ts";
import { endArchive, endExport, exportOf, type ExportRow, lockExport } from "./export-rows.ts";
import { isExport } from "./export-steps.ts";
import { isUnread } from "./export-unread.ts";
import { takenTypes } from "./export-work.ts";
import { lockRequest, requestById, type RequestRow, stepsOf } from "./rows.ts";
import type { Shown } from "./shown.ts";
import { ownSource } from "./step.ts";
import { note } from "./timeline.ts";

export interface DownloadParts {
  readonly register: RegisterParts;
  readonly people: Pick<People, "ofCaller">;
  readonly trail: Pick<AuditTrail, "record">;
  readonly inTurn: InTurn;
  readonly shown: Shown;
  readonly onDownload: (outcome: DownloadOutcome) => void;
  /** Whether the trail has the names of employees. */
  readonly employeeNames: boolean;
}

export type DownloadOutcome = "started" | "completed" | "expired" | DownloadRefusal;

/** No such link; somebody else's; used, or too late. */
export type DownloadRefusal = "UNKNOWN" | "NOT_YOURS" | "GONE";

/** An archive that may be fetched. */
export interface OpenDownload {
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  readonly madeAt: Date;
  /** Puts on the record that it is fetched: before the first byte is sent, or nothing is. */
  begin(): Promise<void>;
  /** From `start` to `end`, that included. Rejects with `ArchiveGone`. */
  bytes(range: { readonly start: number; readonly end: number }): AsyncIterable<Buffer>;
  /** What of `start` to `end` has been sent; `isOver`: all of it, to its end. The link is used up with the last byte. */
  sent(range: { readonly start: number; readonly end: number }, isOver: boolean): Promise<void>;
}

export interface Asking {
  readonly principal: Principal;
  /** Of the HTTP request. */
  readonly requestId: string;
}

export interface Downloads {
  open(token: string, asking: Asking): Promise<OpenDownload | DownloadRefusal>;
}

export function createDownloads(parts: DownloadParts): Downloads {
  const { register, trail, onDownload } = parts;
  const db = dbOf(register.store);
  const hash = register.keyring.hash("download");
  return {
    async open(token, asking) {
      // Before the request: whoever had written by letter becomes one with who signs in for the first time.
      const own = await parts.people.ofCaller(asking.principal);
      const { row, request } = await byToken(db, hash(token));
      const by = row && request && whoFetches(parts, request, own, asking.principal);
      const refuse = async (refusal: DownloadRefusal) => {
        onDownload(refusal);
        const actorRef = actorRefOf(register, asking.principal);
        await trail.record(refused(refusal, request, actorRef, asking.requestId));
        return refusal;
      };
      const refusal = refusalOf(row, by, await databaseNow(db));
      if (refusal !== null || !row || !request || !by) return refuse(refusal ?? "UNKNOWN");
      const key = await keyIfAny(db, register, request.subject_id);
      if (!key || !row.sealed_key || !row.archive_id) return refuse("GONE");
      const archive = { id: row.archive_id, key: openExportKey(key, row.sealed_key) };
      return {
        size: Number(row.size),
        sha256: row.sha256 ?? "",
        madeAt: row.made_at ?? new Date(0),
        async begin() {
          await trail.record(await fetched(parts, request, by, asking));
          onDownload("started");
        },
        bytes: (range) => archiveBytes(db, archive.id, archive.key, range),
        sent: (range, isOver) => noteSent(parts, { row, request, by }, range, isOver),
      };
    },
  };
}

/** What a link names; the request has it for as long as there is an archive. */
export async function linkOf(
  db: Db,
  register: RegisterParts,
  request: RequestRow,
  viewer: Viewer,
): Promise<Link | null> {
  // Staff send on what was asked for by letter; whoever asked here fetches it here.
  if (viewer.as === "staff" && request.channel === "PORTAL") return null;
  const key = await keyIfAny(db, register, request.subject_id);
  const row = await exportOf(db, request.id);
  if (!key || !row?.sealed_token || !row.archive_id || !row.expires_at || !row.sha256 || !row.size)
    return null;
  if (row.expires_at <= (await databaseNow(db))) return null;
  const token = key.unseal(row.sealed_token, tokenColumn);
  return { token, expiresAt: row.expires_at, sha256: row.sha256, size: row.size, isWhole: row.is_whole };
}

export interface Link {
  readonly token: string;
  readonly expiresAt: Date;
  readonly sha256: string;
  readonly size: string;
  readonly isWhole: boolean;
}

async function byToken(db: Db, hash: string) {
  const found = await db.selectFrom("export").select("id").where("token_hash", "=", hash).executeTakeFirst();
  const [row, request] = found
    ? await Promise.all([exportOf(db, found.id), requestById(db, found.id)])
    : [null, null];
  return { row, request };
}

interface Fetching {
  readonly role: "SUBJECT" | "DPO";
  /** Keyed hash of the employee's name at the issuer; null: the person themself. */
  readonly actorRef: string | null;
}

/** Null: nobody whose it is. */
function whoFetches(
  { register }: DownloadParts,
  request: RequestRow,
  own: Person | null,
  principal: Principal,
): Fetching | null {
  if (own?.id === request.subject_id) return { role: "SUBJECT", actorRef: null };
  if (!principal.roles.has("DPO") || request.channel === "PORTAL") return null;
  return { role: "DPO", actorRef: actorRefOf(register, principal) };
}

/** The employee's name, legible with the person's key; null: it is not wanted, not known, or the key is gone. */
export async function sealedName(
  { register, employeeNames }: Pick<DownloadParts, "register" | "employeeNames">,
  { name }: Principal,
  subjectId: string,
): Promise<Uint8Array | null> {
  if (!name || !employeeNames) return null;
  return new EmployeeNames(dbOf(register.store), register.personKeys).seal(subjectId, name);
}

/** Keyed hash of the caller's name at the issuer. */
export const actorRefOf = ({ keyring }: RegisterParts, { namespace, sub }: Principal) =>
  keyring.hash("actor")(namespace, sub);

function refusalOf(row: ExportRow | null, by: Fetching | null, now: Date): DownloadRefusal | null {
  if (row === null) return "UNKNOWN";
  if (by === null) return "NOT_YOURS";
  return row.archive_id === null || row.expires_at === null || row.expires_at <= now ? "GONE" : null;
}

function refused(
  refusal: DownloadRefusal,
  request: RequestRow | null,
  actorRef: string,
  requestId: string,
): AuditEntry {
  return {
    event: "DOWNLOAD_REFUSED",
    actorRole: null,
    actorRef,
    actorName: null,
    subjectRef: request?.subject_id ?? null,
    purpose: "DATA_SUBJECT_RIGHTS",
    requestId,
    coordinates: ["DataSubjectRequest.download"],
    categories: [],
    sources: [],
    detail: refusal,
  };
}

/** What staff fetch is a look at everything, which the person is shown. */
async function fetched(
  parts: DownloadParts,
  request: RequestRow,
  { role, actorRef }: Fetching,
  { principal, requestId }: Asking,
): Promise<AuditEntry> {
  const steps = await stepsOf(dbOf(parts.register.store), [request.id]);
  const read = steps.filter((step) => step.action === "READ" && step.result === "DONE" && !isUnread(step));
  const sources = read.map(({ source }) => source);
  const types = isExport(request) ? takenTypes(parts, request.kind) : [];
  const labels = types
    .filter(({ taken }) => sources.includes(taken.source))
    .flatMap(({ taken }) => labelsIn(taken.fields));
  return {
    event: role === "DPO" ? "READ" : "DOWNLOADED",
    actorRole: role,
    actorRef,
    actorName: role === "DPO" ? await sealedName(parts, principal, request.subject_id) : null,
    subjectRef: request.subject_id,
    purpose: "DATA_SUBJECT_RIGHTS",
    requestId,
    coordinates: ["DataSubjectRequest.download"],
    categories: [...new Set(labels.map(({ category }) => category))].sort(),
    sources: sources.filter((source) => source !== ownSource),
    detail: null,
  };
}

const labelsIn = (fields: readonly RecordField[]): readonly FieldLabel[] =>
  fields.flatMap((field) => [
    ...(field.label ? [field.label] : []),
    ...("list" in field ? labelsIn(field.list) : []),
  ]);

interface Fetched {
  readonly row: ExportRow;
  readonly request: RequestRow;
  readonly by: Fetching;
}

/** Whether every byte has been sent by now, in whatever pieces and order. */
async function addSent(
  db: Db,
  { id, size }: ExportRow,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<boolean> {
  const sent = sql<string>`served + int8multirange(int8range(${start}::bigint, ${end + 1}::bigint))`;
  const { isAll } = await db
    .updateTable("export")
    .set({ served: sent })
    .where("id", "=", id)
    .returning(sql<boolean>`served @> int8range(0, ${size}::bigint)`.as("isAll"))
    .executeTakeFirstOrThrow();
  return isAll;
}

async function noteSent(
  { register, inTurn, onDownload }: DownloadParts,
  { row: before, request, by }: Fetched,
  { start, end }: { readonly start: number; readonly end: number },
  isOver: boolean,
): Promise<void> {
  await inTurn(() =>
    inTransaction(register.store, async (db) => {
      await lockPerson(db, request.subject_id);
      // Before the export, as whoever else changes both.
      await lockRequest(db, request.id);
      const row = await lockExport(db, request.id);
      // Another archive was made meanwhile, or another download was the last.
      if (!row || row.archive_id !== before.archive_id || row.archive_id === null) return;
      const isAllSent = await addSent(db, row, { start, end });
      if (!isOver || !isAllSent) return;
      await note(db, request.id, { by: by.role, event: "DOWNLOADED" });
      await (row.is_whole ? endExport(db, row.id) : endArchive(db, row));
      await tell(db, request.id);
      onDownload("completed");
    }),
  );
}
