import type { RefusalReason } from "./refusals.ts";
import type { RequestKind, RequestStatus } from "./vocabulary.ts";

/** Where a request comes from: its status, or `NEW` for one that is not written down yet. */
export type From = RequestStatus | "NEW";

interface Rule {
  /** For docs/requests.md. */
  readonly says: string;
  /** Statuses that it may happen in, each with the one that it leads to. */
  readonly moves: Readonly<Partial<Record<From, RequestStatus>>>;
  /** Absent: to all. */
  readonly kinds?: readonly RequestKind[];
  /** What a caller is told who asks for it elsewhere; absent: the gateway's own doing, which it never gets wrong. */
  readonly refusedAs?: RefusalReason;
}

/** What its steps have come to changes nothing for a request that waits for somebody to say a word first. */
const whileAsked = {
  AWAITING_IDENTITY: "AWAITING_IDENTITY",
  AWAITING_DECISION: "AWAITING_DECISION",
} as const;

/** A letter may still be on its way to whoever has taken a request back. */
const afterSteps = { ...whileAsked, CANCELLED: "CANCELLED" } as const;

const whenever = (status: RequestStatus) =>
  ({ ...afterSteps, SCHEDULED: status, RUNNING: status, NEEDS_ATTENTION: status }) as const;

/** Staff have seen to what was stuck: what the steps come to then is looked at at once. */
const takenUp = {
  ...whileAsked,
  SCHEDULED: "SCHEDULED",
  RUNNING: "RUNNING",
  NEEDS_ATTENTION: "RUNNING",
} as const;

/** What a person takes along (GDPR Art. 15(3), 20). */
const copies: readonly RequestKind[] = ["ACCESS", "PORTABILITY"];

const whileNotFetched = {
  AWAITING_DECISION: "AWAITING_DECISION",
  RUNNING: "RUNNING",
  NEEDS_ATTENTION: "NEEDS_ATTENTION",
  COMPLETED: "COMPLETED",
} as const;

/** All that happens to requests of any kind, and the status that it leads to. What is not here does not happen. */
export const lifecycle = {
  REGISTERED: {
    says: "a letter whose sender is not known yet is written down",
    moves: { NEW: "AWAITING_IDENTITY" },
  },
  PUT_TO_DPO: {
    says: "what somebody must decide first is asked for, or found in a letter",
    moves: { NEW: "AWAITING_DECISION", AWAITING_DECISION: "AWAITING_DECISION" },
    refusedAs: "NOT_AWAITING_DECISION",
  },
  CARRIED_OUT: {
    says: "what is asked for begins: at once, or when staff act on a letter",
    moves: {
      NEW: "RUNNING",
      AWAITING_DECISION: "RUNNING",
      SCHEDULED: "RUNNING",
      RUNNING: "RUNNING",
      NEEDS_ATTENTION: "RUNNING",
    },
    refusedAs: "REQUEST_CLOSED",
  },
  IDENTITY_CODE_MADE: {
    says: "staff have a code sent by which whoever asks can show who they are",
    moves: { AWAITING_IDENTITY: "AWAITING_IDENTITY" },
    refusedAs: "IDENTITY_NOT_ASKED_FOR",
  },
  IDENTITY_ESTABLISHED: {
    says: "it is known who asks (GDPR Art. 12(6))",
    moves: { AWAITING_IDENTITY: "AWAITING_DECISION" },
    refusedAs: "IDENTITY_NOT_ASKED_FOR",
  },
  APPROVED: {
    says: "the DPO upholds it",
    moves: { AWAITING_DECISION: "RUNNING" },
    refusedAs: "NOT_AWAITING_DECISION",
  },
  TURNED_DOWN: {
    says: "the DPO turns it down; it ends when the person has been told (Art. 12(4))",
    moves: { AWAITING_IDENTITY: "RUNNING", AWAITING_DECISION: "RUNNING" },
    refusedAs: "NOT_AWAITING_DECISION",
  },
  DEADLINE_EXTENDED: {
    says: "the DPO takes two further months (Art. 12(3))",
    moves: {
      ...whileAsked,
      SCHEDULED: "SCHEDULED",
      RUNNING: "RUNNING",
      NEEDS_ATTENTION: "NEEDS_ATTENTION",
    },
    refusedAs: "REQUEST_CLOSED",
  },
  RETRIED: {
    says: "staff have what is stuck tried again",
    moves: takenUp,
    refusedAs: "NOTHING_TO_RETRY",
  },
  CONFIRMED: {
    says: "staff have done a step by hand",
    moves: takenUp,
    refusedAs: "NOT_FAILED",
  },
  PASSAGES_WITHHELD: {
    says: "the DPO keeps what is about somebody else from the person (Art. 15(4))",
    kinds: copies,
    moves: whileNotFetched,
    refusedAs: "REQUEST_CLOSED",
  },
  PASSAGES_RELEASED: {
    says: "the DPO shows the person again what was kept from them",
    kinds: copies,
    moves: whileNotFetched,
    refusedAs: "REQUEST_CLOSED",
  },
  GATHERED_ANEW: {
    says: "another part of a copy that the person has not fetched is to be withheld: it is made again",
    kinds: copies,
    moves: { RUNNING: "RUNNING", NEEDS_ATTENTION: "RUNNING", COMPLETED: "RUNNING" },
  },
  ASKED_AGAIN: {
    says: "the person asks again for a copy that is still without something, and that they have fetched or let lapse: it is made again",
    kinds: copies,
    moves: { RUNNING: "RUNNING", NEEDS_ATTENTION: "RUNNING" },
    refusedAs: "REQUEST_CLOSED",
  },
  CANCELLED_BY_ASKER: {
    says: "it is taken back before it begins",
    kinds: ["ERASURE"],
    moves: { AWAITING_DECISION: "CANCELLED", SCHEDULED: "CANCELLED" },
    refusedAs: "HAS_BEGUN",
  },
  CANCELLED_FOR_ASKER: {
    says: "the DPO takes it back before it begins, since the person has said so; the person is told",
    kinds: ["ERASURE"],
    moves: { AWAITING_DECISION: "CANCELLED", SCHEDULED: "CANCELLED" },
    refusedAs: "HAS_BEGUN",
  },
  ENDED_BY_ERASURE: {
    says: "the person has had everything erased, and it had not begun",
    moves: { AWAITING_IDENTITY: "CANCELLED", AWAITING_DECISION: "CANCELLED" },
  },
  PUT_OFF: {
    says: "nothing is done before its time: until then it can be taken back",
    kinds: ["ERASURE"],
    moves: whenever("SCHEDULED"),
  },
  GOES_ON: {
    says: "a step is under way, or waits for a system",
    moves: whenever("RUNNING"),
  },
  GOT_STUCK: {
    says: "a step has failed, or has been tried often",
    moves: whenever("NEEDS_ATTENTION"),
  },
  ALL_DONE: {
    says: "every step has ended",
    moves: whenever("COMPLETED"),
  },
  ALL_DONE_SOME_KEPT: {
    says: "every step has ended, and a law keeps some of it",
    moves: whenever("COMPLETED_WITH_RETENTION"),
  },
  REFUSAL_TOLD: {
    says: "it was turned down, and the person has been told",
    moves: whenever("REFUSED"),
  },
} as const satisfies Record<string, Rule>;

export type LifecycleEvent = keyof typeof lifecycle;

const rules: Readonly<Record<LifecycleEvent, Rule>> = lifecycle;

/** Something that happens to a request. */
export interface Happening {
  readonly kind: RequestKind;
  readonly status: From;
}

/** The status that an event leads to; null: it does not happen to a request like that. */
export function nextStatus(event: LifecycleEvent, { kind, status }: Happening): RequestStatus | null {
  const { kinds, moves } = rules[event];
  return kinds?.includes(kind) === false ? null : (moves[status] ?? null);
}

/** A move that the lifecycle does not have. */
export class WrongState extends Error {
  override readonly name = "WrongState";
  /** What a caller is told who has asked for it; null: nobody can have, and the gateway is wrong. */
  readonly refusedAs: RefusalReason | null;
  constructor(event: LifecycleEvent, { kind, status }: Happening) {
    super(`${event} does not happen to a request (${kind}) that is ${status}`);
    this.refusedAs = rules[event].refusedAs ?? null;
  }
}

/** As `nextStatus`. @throws WrongState */
export function moved(event: LifecycleEvent, happening: Happening): RequestStatus {
  const status = nextStatus(event, happening);
  if (status === null) throw new WrongState(event, happening);
  return status;
}
