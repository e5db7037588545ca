import type { Subject, Viewer } from "../sources/data-subject.ts";
import type { SourceFailureReason } from "../sources/contract.ts";
import type { DetailCode } from "./details.ts";
import type { RequestRow, StepRow } from "./rows.ts";
import type { OutcomeResult, StepAction } from "./vocabulary.ts";

/** How an attempt at a step ended. */
export type StepEnd = StepFinished | StepPending;

export interface StepFinished {
  /** `FAILED`: trying again does not help, a person must look. */
  readonly state: "DONE" | "SKIPPED" | "RETAINED" | "FAILED";
  readonly result: OutcomeResult;
  readonly detail?: DetailCode;
  /** What the detail is about: places of the system, no value of a person. */
  readonly about?: string;
  /** Records or values. */
  readonly count?: number;
  /** ISO 8601. */
  readonly retainedUntil?: string;
  readonly legalGround?: string;
  /** Of a message to the person: what was sent, which the timeline keeps under their key. */
  readonly told?: Told;
  /** Other requests that its effect has changed, and that may go on now. */
  readonly alsoChanged?: readonly string[];
  /** What it was to do is a secret, and is kept no longer. */
  readonly forgetsWork?: true;
}

export interface Told {
  /** As in `messages`. */
  readonly code: string;
  readonly subject: string;
  readonly text: string;
}

export interface StepPending {
  readonly state: "PENDING";
  /** Null: nothing is wrong, its time has not come. */
  readonly reason: SourceFailureReason | null;
  readonly retryAt?: Date | undefined;
}

export interface NewStep {
  /** Key of a source, name of a recipient, or `gateway` for the gateway's own work. */
  readonly source: string;
  readonly action: StepAction;
  /** Steps of one position run together, after all of the positions before it; 1 unless said otherwise. */
  readonly position?: number;
  /** With spaces between several. Steps that share none do not wait for each other; absent: for all, and all for it. */
  readonly lane?: string;
  readonly recordType?: string;
  readonly field?: string;
  /** What the handler is to do, as JSON; kept under the person's key. */
  readonly work?: unknown;
  /** Where it is settled already. */
  readonly end?: StepFinished;
}

export const ownSource = "gateway";

/** Takes as long as it takes, for what there is. */
export const isLong = (action: StepAction) => action === "EXPORT";

/** The lane of what is neither waited for, nor put off until somebody has decided. */
export const aside = "aside";

/** The gateway itself, acting for the person. */
export const gatewayItself: Viewer = {
  as: "own",
  roles: new Set(["SUBJECT"]),
  purpose: "DATA_SUBJECT_RIGHTS",
};

/** One attempt. */
export interface Task {
  readonly step: StepRow;
  readonly request: RequestRow;
  /** As the person themself would be looked at. */
  readonly subject: Subject;
  /** What `NewStep.work` was. */
  readonly work: unknown;
  readonly signal: AbortSignal;
}

/**
 * Carries out one action. May be called again after it took effect, with the same step, and must end as if it had not
 * been. Rejects with `SourceUnavailable` or `SourceFailure` where it is to be tried later.
 */
export type StepHandler = (task: Task) => Promise<StepEnd>;

export type StepHandlers = { readonly [A in StepAction]?: StepHandler };
