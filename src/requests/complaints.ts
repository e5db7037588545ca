import { writeComplaint } from "../archive/complaint.ts";
import type { AuditEntry } from "../audit/entry.ts";
import type { AuditTrail } from "../audit/trail.ts";
import { dbOf } from "../store/tables.ts";
import { isUuid } from "../store/uuid.ts";
import type { People } from "../subjects/people.ts";
import { type ComplaintParts, complaintOf } from "./complaint.ts";
import { actorRefOf, type Asking, sealedName } from "./downloads.ts";
import { requestById, type RequestRow } from "./rows.ts";

export interface ComplaintsParts extends ComplaintParts {
  readonly people: Pick<People, "ofCaller">;
  readonly trail: Pick<AuditTrail, "record">;
  /** Whether the trail has the names of employees. */
  readonly employeeNames: boolean;
}

export interface ComplaintAsking extends Asking {
  /** Nothing is sent but what it is like. */
  readonly headOnly: boolean;
}

export interface Complaints {
  /** The bytes of the case, for whoever it is about and for the DPO; null: the caller has no such request. */
  complaint(requestId: string, asking: ComplaintAsking): Promise<AsyncIterable<Buffer> | null>;
}

export function createComplaints(parts: ComplaintsParts): Complaints {
  const { register, trail } = parts;
  return {
    async complaint(requestId, asking) {
      const own = await parts.people.ofCaller(asking.principal);
      const row = isUuid(requestId) ? await requestById(dbOf(register.store), requestId) : null;
      const isOwn = row !== null && own?.id === row.subject_id;
      if (row === null || !(isOwn || asking.principal.roles.has("DPO"))) {
        await trail.record(refused(parts, row, asking));
        return null;
      }
      if (!asking.headOnly) await trail.record(await fetched(parts, row, isOwn, asking));
      return writeComplaint(await complaintOf(parts, row));
    },
  };
}

function refused({ register }: ComplaintsParts, row: RequestRow | null, asking: Asking): AuditEntry {
  return {
    ...about(row, asking),
    event: "DOWNLOAD_REFUSED",
    actorRole: null,
    actorRef: actorRefOf(register, asking.principal),
    actorName: null,
    categories: [],
    detail: "COMPLAINT",
  };
}

async function fetched(
  parts: ComplaintsParts,
  row: RequestRow,
  isOwn: boolean,
  asking: Asking,
): Promise<AuditEntry> {
  const { principal } = asking;
  return {
    ...about(row, asking),
    event: isOwn ? "DOWNLOADED" : "READ",
    actorRole: isOwn ? "SUBJECT" : "DPO",
    actorRef: isOwn ? null : actorRefOf(parts.register, principal),
    actorName: isOwn ? null : await sealedName(parts, principal, row.subject_id),
    categories: ["RIGHTS_REQUEST"],
    detail: null,
  };
}

const about = (row: RequestRow | null, { requestId }: Asking) =>
  ({
    subjectRef: row?.subject_id ?? null,
    purpose: "DATA_SUBJECT_RIGHTS",
    requestId,
    coordinates: ["DataSubjectRequest.complaintUrl"],
    sources: [],
  }) as const;
