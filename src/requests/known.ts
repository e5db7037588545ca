import DataLoader from "dataloader";
import { dbOf } from "../store/tables.ts";
import { isUuid } from "../store/uuid.ts";
import type { RegisterParts } from "../subjects/people.ts";
import type { Refusal, RefusalCode } from "../subjects/refusal-graph.ts";
import type { PersonKey } from "../store/person-keys.ts";
import { keyOfPerson } from "../subjects/person-key.ts";
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
  /** That what is kept of the request opens with. */
  key(row: RequestRow): Promise<PersonKey>;
  /** What the person was told, where the request was refused. */
  refusal(row: RequestRow): Promise<Refusal | null>;
  /** What has been read is read again. */
  forget(): void;
}

export function knownRequests(register: RegisterParts): KnownRequests {
  const db = dbOf(register.store);
  const steps = byRequest((ids) => stepsOf(db, ids));
  const events = byRequest((ids) => eventsOf(db, ids));
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
    key: (row) => keyOfPerson(db, register, row.subject_id),
    async refusal(row) {
      if (row.refusal_code === null) return null;
      const key = row.sealed_refusal && (await keyOfPerson(db, register, row.subject_id));
      const told = key && row.sealed_refusal ? openRefusal(key, row.sealed_refusal) : null;
      return {
        code: row.refusal_code as RefusalCode,
        message: told?.message ?? "",
        legalGround: told?.legalGround ?? row.refusal_ground,
      };
    },
    forget() {
      steps.clearAll();
      events.clearAll();
    },
  };
}

function byRequest<Row extends { readonly request_id: string }>(
  read: (ids: readonly string[]) => Promise<readonly Row[]>,
): DataLoader<string, readonly Row[]> {
  return new DataLoader(async (ids) => {
    const rows = await read(ids);
    return ids.map((id) => rows.filter(({ request_id }) => request_id === id));
  });
}
