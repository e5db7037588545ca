import DataLoader from "dataloader";
import type { Language } from "../language/language.ts";
import { databaseNow } from "../store/clock.ts";
import { type Db, dbOf } from "../store/tables.ts";
import { isUuid } from "../store/uuid.ts";
import type { RegisterParts } from "../subjects/people.ts";
import type { Refusal, RefusalCode } from "../subjects/refusal-graph.ts";
import type { PersonKey } from "../store/person-keys.ts";
import { keyIfAny, readSealed } from "../subjects/person-key.ts";
import {
  countRequestsOf,
  type EventRow,
  eventsOf,
  requestById,
  requests as requestRows,
  type RequestPosition,
  type RequestRow,
  requestsOf,
  type StepRow,
  stepsOf,
} from "./rows.ts";
import { citedGround, toldReason } from "./refusal-grounds.ts";
import { openRefusal } from "./told-refusal.ts";
import type { RequestStatus } from "./vocabulary.ts";
import { countRequests, type DuePosition, urgentRequests, type Wanted } from "./work-list.ts";

/** Requests as one operation reads them. */
export interface KnownRequests {
  byId(id: string): Promise<RequestRow | null>;
  page(subjectId: string, after: RequestPosition | null, most: number): Promise<readonly RequestRow[]>;
  count(subjectId: string): Promise<number>;
  statuses(ids: readonly string[]): Promise<ReadonlyMap<string, RequestStatus>>;
  /** The work list, most urgent first. */
  urgent(wanted: Wanted, after: DuePosition | null, most: number): Promise<readonly RequestRow[]>;
  countOf(wanted: Wanted): Promise<number>;
  steps(id: string): Promise<readonly StepRow[]>;
  events(id: string): Promise<readonly EventRow[]>;
  /**
   * That what is kept of the request opens with; null: it is destroyed. Asked for before what it is to open: nothing that
   * it would have opened is there any more when the person is forgotten between the two.
   */
  key(row: RequestRow): Promise<PersonKey | null>;
  /** What the person was told, where the request was refused. */
  refusal(row: RequestRow, language: Language): Promise<Refusal | null>;
  /** The moment at which the operation has first asked for it. */
  now(): Promise<Date>;
  /** What has been read is read again. */
  forget(): void;
}

export function knownRequests(register: RegisterParts): KnownRequests {
  const db = dbOf(register.store);
  const keys = new DataLoader((subjectIds: readonly string[]) =>
    Promise.all(subjectIds.map((id) => keyIfAny(db, register, id))),
  );
  const steps = byRequest((ids) => stepsOf(db, ids));
  const events = byRequest((ids) => eventsOf(db, ids));
  let now: Promise<Date> | undefined;
  return {
    byId: async (id) => (isUuid(id) ? requestById(db, id) : null),
    page: (subjectId, after, most) => requestsOf(db, subjectId, after, most),
    count: (subjectId) => countRequestsOf(db, subjectId),
    async statuses(ids) {
      const rows =
        ids.length === 0
          ? []
          : await requestRows(db)
              .where("id", "in", [...ids])
              .execute();
      return new Map(rows.map(({ id, status }) => [id, status]));
    },
    urgent: (wanted, after, most) => urgentRequests(db, wanted, after, most),
    countOf: (wanted) => countRequests(db, wanted),
    steps: (id) => steps.load(id),
    events: (id) => events.load(id),
    key: (row) => keys.load(row.subject_id),
    async refusal(row, language) {
      if (row.refusal_code === null) return null;
      const told = row.sealed_refusal && (await toldOf(db, register, row));
      return {
        code: row.refusal_code as RefusalCode,
        message: told ? toldReason(told, language) : "",
        legalGround: citedGround(told?.legalGround ?? row.refusal_ground, row.kind),
      };
    },
    now: () => (now ??= databaseNow(db)),
    forget() {
      now = undefined;
      keys.clearAll();
      steps.clearAll();
      events.clearAll();
    },
  };
}

/** Null: the person has been forgotten since the row was read. */
async function toldOf(db: Db, register: RegisterParts, { id, subject_id }: RequestRow) {
  const { rows, unseal } = await readSealed(db, register, subject_id, async () => [
    await requestById(db, id),
  ]);
  const sealed = rows[0]?.sealed_refusal;
  return sealed ? openRefusal({ unseal }, sealed) : null;
}

function byRequest<Row extends { readonly request_id: string }>(
  read: (ids: readonly string[]) => Promise<readonly Row[]>,
): DataLoader<string, readonly Row[]> {
  return new DataLoader(async (ids) => {
    const rows = await read(ids);
    return ids.map((id) => rows.filter(({ request_id }) => request_id === id));
  });
}
