import { writeComplaint } from "../archive/complaint.ts";
import type { AuditTrail } from "../audit/trail.ts";
import { dbOf } from "../store/tables.ts";
import { isUuid } from "../store/uuid.ts";
import type { People } from "../subjects/people.ts";
import { type ComplaintParts, complaintOf } from "./complaint.ts";
import type { Asking } from "./downloads.ts";
import { requestById } from "./rows.ts";

export interface ComplaintsParts extends ComplaintParts {
  readonly people: Pick<People, "ofCaller">;
  readonly trail: Pick<AuditTrail, "record">;
}

export interface Complaints {
  /** The bytes of the case, for whoever it is about and for the DPO; null: the caller has no such request. */
  complaint(requestId: string, asking: Asking): Promise<AsyncIterable<Buffer> | null>;
}

export function createComplaints(parts: ComplaintsParts): Complaints {
  const { register, trail } = parts;
  return {
    async complaint(requestId, { principal, requestId: httpRequest }) {
      const own = await parts.people.ofCaller(principal);
      const row = isUuid(requestId) ? await requestById(dbOf(register.store), requestId) : null;
      const isOwn = row !== null && own?.id === row.subject_id;
      const isAllowed = isOwn || principal.roles.has("DPO");
      const { namespace, sub } = principal;
      await trail.record({
        event: row && isAllowed ? (isOwn ? "DOWNLOADED" : "READ") : "DOWNLOAD_REFUSED",
        actorRole: row && isAllowed ? (isOwn ? "SUBJECT" : "DPO") : null,
        actorRef: isOwn ? null : register.keyring.hash("actor")(namespace, sub),
        actorName: null,
        subjectRef: row?.subject_id ?? null,
        purpose: "DATA_SUBJECT_RIGHTS",
        requestId: httpRequest,
        coordinates: ["DataSubjectRequest.complaintUrl"],
        categories: row && isAllowed ? ["RIGHTS_REQUEST"] : [],
        sources: [],
        detail: row && isAllowed ? null : "COMPLAINT",
      });
      return row && isAllowed ? writeComplaint(await complaintOf(parts, row)) : null;
    },
  };
}
