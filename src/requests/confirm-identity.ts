import type { Role } from "../access/vocabulary.ts";
import { databaseNow } from "../store/clock.ts";
import { dbOf } from "../store/tables.ts";
import { SourceUnavailable } from "../sources/loader.ts";
import type { Subject } from "../sources/data-subject.ts";
import { evenTime } from "../subjects/even-time.ts";
import { Refused } from "./refused.ts";
import type { RequestContext } from "./context.ts";
import type { Changing } from "./change-request.ts";
import type { AskingPerson } from "./desk.ts";
import { endCodes } from "./identity-codes.ts";
import { lettersOnceKnown } from "./letters.ts";
import { WrongState } from "./lifecycle.ts";
import type { RequestRow } from "./rows.ts";
import { requireStepUp } from "./step-up.ts";

export interface ConfirmInput {
  readonly id: string;
  readonly code?: string | null;
}

/**
 * Shows who asks (GDPR Art. 12(6)): by the code that was sent, whoever types it in; or by the signed-in person's own strong
 * sign-in. Whatever does not fit is refused in one way and at one pace. @throws Refused
 */
export function confirmIdentity(
  { id, code }: ConfirmInput,
  by: AskingPerson,
  context: RequestContext,
): Promise<RequestRow> {
  return evenTime(async () => {
    const { requests } = context;
    const isSignIn = code === undefined || code === null;
    const confirmed = isSignIn
      ? await confirmAsSelf(id, by, context)
      : await requests.confirmByCode({ requestId: id, code }, by);
    if (confirmed !== null) return confirmed;
    if (isSignIn) await requests.notConfirmedBySignIn(by);
    throw new Refused("CODE_NOT_ACCEPTED");
  });
}

/** Null: it is not the caller's, or does not wait for it. @throws Refused */
async function confirmAsSelf(
  id: string,
  by: AskingPerson,
  context: RequestContext,
): Promise<RequestRow | null> {
  const { requests, principal } = context;
  const self = await context.self();
  if (!self?.proven) return null;
  const request = await ownRequest(id, self, context);
  if (request?.status !== "AWAITING_IDENTITY") return null;
  const now = await databaseNow(dbOf(requests.register.store));
  requireStepUp(principal, requests.erasure.stepUp, now, "STEP_UP_TO_CONFIRM");
  if (principal) await context.people.rememberCaller(principal);
  const confirming: Changing = {
    request,
    by,
    event: "IDENTITY_ESTABLISHED",
    detail: "SIGN_IN",
    recordedAs: "IDENTITY_CONFIRMED",
    change: async (db, row) => {
      await endCodes(db, row.id);
      return { steps: await lettersOnceKnown(db, row.id) };
    },
  };
  return requests.change(confirming).catch((error: unknown) => {
    // It was established, or turned down, at the same moment.
    if (error instanceof WrongState) return null;
    throw error;
  });
}

/** Whom staff had found by something else of the caller's record is one with the caller once that is looked at. */
async function ownRequest(id: string, self: Subject, context: RequestContext): Promise<RequestRow | null> {
  const { requests, connected, records } = context;
  const isOwn = (row: RequestRow | null) => row?.subject_id === self.id;
  const row = await requests.byId(id);
  if (row === null || isOwn(row)) return row;
  await Promise.all(
    connected.map(({ key }) =>
      records.find(key, self).catch((error: unknown) => {
        if (!(error instanceof SourceUnavailable)) throw error;
      }),
    ),
  );
  const now = await requests.byId(id);
  return isOwn(now) ? now : null;
}

/** Whoever types a code in: staff who are told it, or else whoever asks. */
export function confirmer({ principal }: Pick<RequestContext, "principal">): Role {
  return [...(principal?.roles ?? [])].find((role) => role !== "SUBJECT") ?? "SUBJECT";
}
