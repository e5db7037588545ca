import { setTimeout as pause } from "node:timers/promises";
import type { ExecutionResult } from "graphql";

/** The operation as it was answered this time. */
export interface Answered {
  readonly status: number;
  readonly text: string;
}

export interface Streamed {
  /** The first event. */
  readonly first: Answered;
  /** Ticks when another event is due; ends when there will be none, and when `closed` is aborted. Null: never. */
  readonly source: AsyncIterator<unknown> | null;
  /** Carries the operation out once more. */
  readonly again: () => Promise<Answered>;
  /** Whether the caller's sign-in has come to its end. */
  readonly isSignedOut: () => Promise<boolean>;
  /** Resolves when the client has taken what was sent. */
  readonly taken: () => Promise<void>;
  readonly closed: AbortSignal;
}

/** Milliseconds between two events, at least: several changes at once are told as one. */
const breather = 250;
/** Milliseconds between two looks whether the caller is still signed in. */
const signInCheck = 2_000;

/** What the client is told: each answer that differs from the one before it. The last is one without data, if any is. */
export async function* eventsOf(stream: Streamed): AsyncGenerator<ExecutionResult, void, undefined> {
  const { first, source, again, closed } = stream;
  let last = first;
  let result = resultOf(last);
  yield result;
  if (source === null) return;
  while (hasData(result) && (await isDue(source, stream))) {
    const next = await again();
    if (closed.aborted) return;
    result = resultOf(next);
    if (next.text !== last.text) yield result;
    last = next;
  }
}

/** Resolves when there may be something new to tell; false: there will be nothing more. */
async function isDue(
  source: AsyncIterator<unknown>,
  { isSignedOut, taken, closed }: Streamed,
): Promise<boolean> {
  await pause(breather, undefined, { signal: closed }).catch(() => undefined);
  const ticked = taken()
    .then(() => source.next())
    .then(({ done }) => done !== true);
  // It may fail when nobody waits for it any more.
  ticked.catch(() => undefined);
  for (;;) {
    const isMore = await within(signInCheck, ticked);
    if (closed.aborted) return false;
    if (isMore !== undefined) return isMore;
    // The operation is carried out once more, and its answer says so.
    if (await isSignedOut()) return true;
  }
}

/** Undefined: not within so many milliseconds. */
async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  const timer = new AbortController();
  try {
    return await Promise.race([promise, pause(milliseconds, undefined, { signal: timer.signal })]);
  } finally {
    timer.abort();
  }
}

const resultOf = ({ text }: Answered) => JSON.parse(text) as ExecutionResult;
const hasData = ({ data }: ExecutionResult) => data !== null && data !== undefined;
