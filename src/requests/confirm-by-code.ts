import { dbOf } from "../store/tables.ts";
import { confirmIdentifier } from "../subjects/confirmed.ts";
import { createSearchLimit, TooManySearches } from "../subjects/search-limit.ts";
import { changeRequest } from "./change-request.ts";
import type { Asker, DeskParts } from "./desk.ts";
import { type IdentityCodeSettings, tryCode, useCode } from "./identity-codes.ts";
import { lettersOnceKnown } from "./letters.ts";
import { WrongState } from "./lifecycle.ts";
import { requestById, type RequestRow } from "./rows.ts";

export interface TypedCode {
  readonly requestId: string;
  readonly code: string;
}

/** The code does not count any more, since the moment at which it was tried. */
class NoLongerCounts extends Error {}

/**
 * Whoever has read the code has shown that the mailbox is theirs (GDPR Art. 12(6)): the request can be acted on, and the
 * address is the person's. Null: nothing was changed but the count of tries, and why is in no answer.
 */
export async function confirmByCode(
  parts: DeskParts,
  settings: IdentityCodeSettings,
  typed: TypedCode,
  by: Asker,
): Promise<RequestRow | null> {
  const { register } = parts;
  const db = dbOf(register.store);
  const tried = await tryCode(db, register.keyring, typed, settings);
  const request = tried && (await requestById(db, typed.requestId));
  const confirmed = tried?.isRight && request ? await useUp(parts, request, tried, by) : null;
  if (confirmed === null && tried) await recordFailure(parts, by, "CODE", tried.subjectId);
  if (confirmed === null && !tried) await notConfirmed(parts, by, "CODE");
  return confirmed;
}

/** Of tries at nothing: whoever makes very many does not fill the trail with them. */
const recordedAtMost = { perMinute: 60, perDay: 5_000 };

async function isToBeRecorded({ register }: DeskParts): Promise<boolean> {
  try {
    await createSearchLimit(register.store, recordedAtMost)("identity-code");
    return true;
  } catch (error) {
    if (error instanceof TooManySearches) return false;
    throw error;
  }
}

async function useUp(
  parts: DeskParts,
  request: RequestRow,
  { id, source }: { readonly id: string; readonly source: string },
  by: Asker,
): Promise<RequestRow | null> {
  const { register } = parts;
  try {
    return await changeRequest(parts, {
      request,
      by,
      event: "IDENTITY_ESTABLISHED",
      detail: `CODE ${source}`,
      recordedAs: "IDENTITY_CONFIRMED",
      change: async (db, { id: requestId, status, subject_id }, key) => {
        const address = status === "AWAITING_IDENTITY" ? await useCode(db, key, id) : null;
        const identifier = address !== null && ({ kind: "EMAIL", value: address } as const);
        if (!identifier || !(await confirmIdentifier(db, register, subject_id, identifier)))
          throw new NoLongerCounts();
        return { steps: await lettersOnceKnown(db, requestId) };
      },
    });
  } catch (error) {
    // It was established, or turned down, at the same moment.
    if (error instanceof NoLongerCounts || error instanceof WrongState) return null;
    throw error;
  }
}

/** Records that somebody has tried to show who they are, and has not. */
export async function notConfirmed(parts: DeskParts, by: Asker, how: "CODE" | "SIGN_IN"): Promise<void> {
  if (await isToBeRecorded(parts)) await recordFailure(parts, by, how, null);
}

/** Of whom, where there is a code to try: that somebody guesses is to be seen. */
async function recordFailure(
  { trail }: DeskParts,
  by: Asker,
  detail: "CODE" | "SIGN_IN",
  subjectRef: string | null,
): Promise<void> {
  await trail.record({
    event: "IDENTITY_NOT_CONFIRMED",
    actorRole: by.role,
    actorRef: by.actorRef,
    actorName: null,
    subjectRef,
    purpose: "DATA_SUBJECT_RIGHTS",
    requestId: by.requestId,
    coordinates: [by.coordinate],
    categories: [],
    sources: [],
    detail,
  });
}
