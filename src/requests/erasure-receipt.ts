import { legalGrounds } from "../access/legal-grounds.ts";
import { latestHead } from "../audit/head.ts";
import type { Db } from "../store/tables.ts";
import type { RegisterParts } from "../subjects/people.ts";
import type { Organisation } from "./organisation.ts";
import { signed } from "./receipt.ts";
import { receiptKey } from "./receipt-key.ts";
import { retainedOf } from "./retained.ts";
import { type RequestRow, stepsOf } from "./rows.ts";

export const erasureReceiptType = "erasure-receipt+jws";

export interface ReceiptParts {
  readonly register: RegisterParts;
  readonly organisation: Organisation;
}

/**
 * What was done where, what is kept and why, and what vouches for the trail of it: a compact JWS (RFC 7515) without
 * anything that names the person.
 */
export async function erasureReceipt(
  db: Db,
  { register, organisation: { controller, supervisoryAuthority } }: ReceiptParts,
  request: RequestRow,
  { sources, at }: { readonly sources: readonly string[] | null; readonly at: Date },
): Promise<string> {
  const steps = (await stepsOf(db, [request.id])).filter(({ finished_at }) => finished_at !== null);
  const kept = await retainedOf(db, request.id);
  const head = await latestHead(db);
  const record = {
    iss: controller.organisationNumber,
    iat: Math.floor(at.getTime() / 1_000),
    jti: request.id,
    sub: request.subject_id,
    right: "GDPR Art. 17",
    controller: controller.name,
    complaint_to: supervisoryAuthority.name,
    received_at: request.received_at.toISOString(),
    erased_at: at.toISOString(),
    sources,
    done: steps.map(({ source, action, record_type, result, count, detail, finished_at }) => ({
      source,
      action,
      record_type,
      result,
      count,
      detail,
      at: finished_at?.toISOString(),
    })),
    kept: kept.map(({ source, record_type, count, until, ground }) => ({
      source,
      record_type,
      count,
      until,
      legal_ground: legalGrounds[ground].citation,
    })),
    audit: head && { seal: head.number, head: head.head },
  };
  return signed(record, receiptKey(register), erasureReceiptType);
}
