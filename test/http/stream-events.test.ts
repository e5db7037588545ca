import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { eventsOf, type Streamed } from "../../src/http/stream-events.ts";

const answer = (data: unknown) => ({ status: 200, text: JSON.stringify({ data }) });
const refusal = { status: 401, text: '{"errors":[{"message":"Sign in first"}]}' };

/** As many ticks as there are answers, at once. */
async function* ticks(count: number) {
  for (let i = 0; i < count; i++) yield;
}

function streamOf(answers: readonly Streamed["first"][], more: Partial<Streamed> = {}) {
  const [first = answer(null), ...later] = answers;
  const asked = { times: 0 };
  const events = eventsOf({
    first,
    source: ticks(later.length),
    again: async () => later[asked.times++] ?? refusal,
    isSignedOut: async () => false,
    taken: async () => undefined,
    closed: new AbortController().signal,
    ...more,
  });
  return { events, asked };
}

async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const event of events) found.push(event);
  return found;
}

test("what is as it was is not sent again, and the last answer is not lost", async () => {
  const { events, asked } = streamOf([
    answer({ n: 1 }),
    answer({ n: 1 }),
    answer({ n: 2 }),
    answer({ n: 2 }),
  ]);
  expect(await all(events)).toEqual([{ data: { n: 1 } }, { data: { n: 2 } }]);
  expect(asked.times).toBe(3);
});

test("an answer without data is the last one", async () => {
  const { events, asked } = streamOf([answer({ n: 1 }), refusal, answer({ n: 2 })]);
  expect(await all(events)).toEqual([{ data: { n: 1 } }, JSON.parse(refusal.text)]);
  expect(asked.times).toBe(1);
  const nothing = streamOf([answer(null), answer({ n: 1 })]);
  expect(await all(nothing.events)).toEqual([{ data: null }]);
  expect(nothing.asked.times).toBe(0);
});

test("while the client does not take what it was sent, nothing more is worked out", async () => {
  let take = (): void => undefined;
  const taken = new Promise<void>((resolve) => (take = resolve));
  const { events, asked } = streamOf([answer({ n: 1 }), answer({ n: 2 })], { taken: () => taken });
  const found = all(events);
  await pause(600);
  expect(asked.times).toBe(0);
  take();
  expect(await found).toHaveLength(2);
});

test("a caller whose sign-in has ended is told so, though nothing has happened", async () => {
  const silent = (async function* () {
    await pause(60_000, undefined, { ref: false });
    yield;
  })();
  const { events } = streamOf([answer({ n: 1 })], { source: silent, isSignedOut: async () => true });
  expect(await all(events)).toEqual([{ data: { n: 1 } }, JSON.parse(refusal.text)]);
  // Also where the client does not read: the stream must not outlive the sign-in for that.
  const deaf = streamOf([answer({ n: 1 })], {
    taken: () => new Promise(() => undefined),
    isSignedOut: async () => true,
  });
  expect(await all(deaf.events)).toHaveLength(2);
});

test("what was worked out for a stream that was closed meanwhile is not sent", async () => {
  const closing = new AbortController();
  const { events } = streamOf([answer({ n: 1 }), answer({ n: 2 })], {
    closed: closing.signal,
    again: async () => (closing.abort(), answer({ n: 2 })),
  });
  expect(await all(events)).toEqual([{ data: { n: 1 } }]);
});

test("a stream that is closed ends, whatever its source does", async () => {
  const closing = new AbortController();
  const deaf = (async function* () {
    await pause(60_000, undefined, { ref: false });
    yield;
  })();
  const { events, asked } = streamOf([answer({ n: 1 })], { source: deaf, closed: closing.signal });
  const found = all(events);
  setTimeout(() => closing.abort(), 400);
  expect(await found).toHaveLength(1);
  expect(asked.times).toBe(0);
});

test("a source that fails breaks the stream off", async () => {
  const failing = (async function* () {
    yield;
    throw new Error("the database is gone");
  })();
  const { events } = streamOf([answer({ n: 1 }), answer({ n: 2 })], { source: failing });
  await expect(all(events)).rejects.toThrow("the database is gone");
});
