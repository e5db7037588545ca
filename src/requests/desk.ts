import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { Purpose, Role } from "../access/vocabulary.ts";
import type { AuditEntry } from "../audit/entry.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { Language } from "../language/language.ts";
import { databaseNow } from "../store/clock.ts";
import { type Db, inTransaction } from "../store/tables.ts";
import { lockPerson } from "../subjects/decision-rows.ts";
import type { InTurn } from "../subjects/in-turn.ts";
import type { RegisterParts } from "../subjects/people.ts";
import { keyOfPerson } from "../subjects/person-key.ts";
import type { PersonKey } from "../store/person-keys.ts";
import { type AdvanceParts, advance, become } from "./advance.ts";
import { dueAt } from "./deadline.ts";
import { join, joinable, type JoiningLetter } from "./join.ts";
import { lettersOnceKnown } from "./letters.ts";
import { moved } from "./lifecycle.ts";
import { lockRequest, noteColumn, reasonColumn, type RequestRow, workColumn } from "./rows.ts";
import type { NewStep } from "./step.ts";
import { note } from "./timeline.ts";
import type { RequestChannel, RequestKind } from "./vocabulary.ts";
import { finalStatuses, isFinal } from "./vocabulary.ts";

/** Who asks, for the trail and the timeline. */
export interface Asker {
  /** Null: the gateway itself, as the law has it. */
  readonly role: Role | null;
  /** Keyed hash of the employee's name at the issuer; null: the person themself. */
  readonly actorRef: string | null;
  /** Of the HTTP request. */
  readonly requestId: string;
  /** As in the schema: `Mutation.rectify`. */
  readonly coordinate: string;
  /** What the person is written to in. */
  readonly language: Language;
}

/** A person, or somebody on the staff. */
export type AskingPerson = Asker & { readonly role: Role };

export interface Asked {
  readonly subjectId: string;
  readonly kind: RequestKind;
  readonly channel: RequestChannel;
  readonly by: Asker;
  readonly steps: readonly NewStep[];
  /** What somebody must do first; absent: it is carried out. */
  readonly status?: keyof typeof openings;
  /** Nothing is done before then; absent: at once. */
  readonly startsAt?: Date;
  /** When it came; now unless said otherwise. */
  readonly receivedAt?: Date;
  readonly purpose?: Purpose;
  /** In the person's own words; kept under their key. */
  readonly reason?: string;
  /**
   * Keyed hash of what is asked for: while such a request of the person is open, or what it brought about goes on, it is
   * answered with that one.
   */
  readonly digest?: string;
  /** A request that staff have registered, to which the steps are added; a new one otherwise. */
  readonly registered?: string;
  /** What was said of it, in the timeline; kept under the person's key. */
  readonly note?: string;
  /** Where the person has such a request open already, it is answered with that one, as a letter that joins it. */
  readonly joins?: true;
}

export interface Opened {
  readonly request: RequestRow;
  /** It was open already, and nothing was added. */
  readonly already: boolean;
}

/** The request that staff act on is not open any more. */
export class RequestClosed extends Error {
  override readonly name = "RequestClosed";
}

export interface DeskParts extends AdvanceParts {
  readonly register: RegisterParts;
  readonly trail: Pick<AuditTrail, "record">;
  /** What waits for the trail holds a connection meanwhile: one at a time, they never use up all that there are. */
  readonly inTurn: InTurn;
}

/** Writes in the transaction that a request is written down in. Resolves with other requests whose steps it changed. */
export type Along = (db: Db, request: RequestRow, key: PersonKey) => Promise<readonly string[] | void>;

/**
 * Writes a request down with its steps, their jobs and its first timeline entry, and whatever goes along; the trail's
 * entry comes last. All of it stands, or nothing. @throws RequestClosed, WrongState, NotFound
 */
export function openRequest(parts: DeskParts, asked: Asked, along?: Along): Promise<Opened> {
  const { register, inTurn, trail } = parts;
  return inTurn(() =>
    inTransaction(register.store, async (db) => {
      const subjectId = await lockPerson(db, asked.subjectId);
      const standing = await sameStanding(db, subjectId, asked);
      if (standing !== null) return { request: standing, already: true };
      const key = await keyOfPerson(db, register, subjectId);
      const letter = asked.joins ? await letterOf(db, asked) : null;
      const open = letter && (await joinable(db, subjectId, letter));
      if (open) {
        const joined = await join(db, key, open, letter);
        if (joined.status !== open.status) {
          await insertSteps(db, joined.id, await lettersOnceKnown(db, joined.id), key);
          await advance(db, parts, joined.id);
        }
        await trail.record(entryOf(asked, subjectId));
        return { request: joined, already: true };
      }
      const id = asked.registered ?? (await insertRequest(db, { ...asked, subjectId }, key));
      const request = await lockRequest(db, id);
      if (!request || request.subject_id !== subjectId || isClosed(request)) throw new RequestClosed();
      if (asked.registered) await concerns(db, request, asked);
      await insertSteps(db, id, asked.steps, key);
      await note(db, id, {
        by: asked.by.role,
        event: asked.registered ? "CARRIED_OUT" : "RECEIVED",
        detail: asked.kind,
        ...(asked.note !== undefined && { sealed: key.seal(asked.note, noteColumn) }),
      });
      const changed = (await along?.(db, request, key)) ?? [];
      for (const other of changed) await advance(db, parts, other);
      const now = await advance(db, parts, id);
      await trail.record(entryOf(asked, subjectId));
      return { request: now, already: false };
    }),
  );
}

const letterOf = async (
  db: Db,
  { by, kind, channel, receivedAt, status, note: said }: Asked,
): Promise<JoiningLetter> => ({
  kind,
  by: by.role,
  channel,
  receivedAt: receivedAt ?? (await databaseNow(db)),
  isEstablished: status !== "AWAITING_IDENTITY",
  note: said,
});

/** One that has been turned down is only told of any more. */
export const isClosed = (request: RequestRow): boolean => isFinal(request) || request.refusal_code !== null;

/** A letter is answered by itself, though the person asks for the same elsewhere. */
async function sameStanding(db: Db, subjectId: string, { digest, registered }: Asked) {
  if (digest === undefined) return null;
  const found = await db
    .selectFrom("request")
    .select("id")
    .where("subject_id", "=", subjectId)
    .where("digest", "=", digest)
    .$if(registered !== undefined, (query) => query.where("id", "=", registered ?? ""))
    .where(({ eb, or, exists, selectFrom }) =>
      or([
        eb("status", "not in", [...finalStatuses]),
        // What it came of has ended, and the restriction goes on.
        exists(
          selectFrom("restriction")
            .select("restriction.id")
            .whereRef("restriction.request_id", "=", "request.id")
            .where(sql<boolean>`restriction.until is null or restriction.until > clock_timestamp()`),
        ),
      ]),
    )
    .executeTakeFirst();
  return found ? lockRequest(db, found.id) : null;
}

/** What a letter is about is known when staff act on it. */
async function concerns(db: Db, request: RequestRow, asked: Asked): Promise<void> {
  const { purpose, digest, startsAt } = asked;
  const event = openingOf(asked);
  if (moved(event, request) !== request.status) await become(db, request, event);
  await db
    .updateTable("request")
    .set({
      purpose: sql<Purpose | null>`coalesce(purpose, ${purpose ?? null})`,
      digest: digest ?? null,
      ...(startsAt && { starts_at: startsAt }),
    })
    .where("id", "=", request.id)
    .execute();
}

const openings = {
  AWAITING_IDENTITY: "REGISTERED",
  AWAITING_DECISION: "PUT_TO_DPO",
} as const;

const openingOf = ({ status }: Asked) => (status ? openings[status] : "CARRIED_OUT");

async function insertRequest(db: Db, asked: Asked, key: PersonKey): Promise<string> {
  const id = randomUUID();
  const receivedAt = asked.receivedAt ?? (await databaseNow(db));
  await db
    .insertInto("request")
    .values({
      id,
      subject_id: asked.subjectId,
      kind: asked.kind,
      status: moved(openingOf(asked), { kind: asked.kind, status: "NEW" }),
      channel: asked.channel,
      received_at: receivedAt,
      due_at: dueAt(receivedAt),
      purpose: asked.purpose ?? null,
      sealed_reason: asked.reason === undefined ? null : key.seal(asked.reason, reasonColumn),
      digest: asked.digest ?? null,
      language: asked.by.language,
      starts_at: asked.startsAt ?? null,
    })
    .execute();
  return id;
}

export async function insertSteps(
  db: Db,
  requestId: string,
  steps: readonly NewStep[],
  key: PersonKey,
): Promise<void> {
  if (steps.length === 0) return;
  await db
    .insertInto("request_step")
    .values(
      steps.map(({ source, action, position = 1, lane, recordType, field, work, end }) => ({
        id: randomUUID(),
        request_id: requestId,
        position,
        lane: lane ?? null,
        source,
        action,
        record_type: recordType ?? null,
        field: field ?? null,
        sealed_work: work === undefined ? null : key.seal(JSON.stringify(work), workColumn),
        state: end?.state ?? "PENDING",
        result: end?.result ?? null,
        count: end?.count ?? null,
        detail: end?.detail ?? null,
        about: end?.about ?? null,
        retained_until: end?.retainedUntil ?? null,
        legal_ground: end?.legalGround ?? null,
        finished_at: end ? new Date() : null,
      })),
    )
    .execute();
}

function entryOf({ by, kind, steps }: Asked, subjectId: string): AuditEntry {
  return {
    event: "REQUESTED",
    actorRole: by.role,
    actorRef: by.actorRef,
    actorName: null,
    subjectRef: subjectId,
    purpose: "DATA_SUBJECT_RIGHTS",
    requestId: by.requestId,
    coordinates: [by.coordinate],
    categories: ["RIGHTS_REQUEST"],
    sources: [...new Set(steps.map(({ source }) => source))],
    detail: kind,
  };
}
