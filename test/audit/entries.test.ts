import { afterAll, beforeAll, expect, test } from "vitest";
import { createEntries } from "../../src/audit/entries.ts";
import { openTrails, type Trails } from "./harness.ts";

let trails: Trails;
beforeAll(async () => {
  trails = await openTrails();
});
afterAll(() => trails[Symbol.asyncDispose]());

test("an entry is listed before its seal, says so, and keeps its sequence", async () => {
  await trails.write("sealed");
  await trails.writeUnsealed("first", "second");
  const entries = createEntries(trails.store);
  const listed = async () =>
    (await entries.page({}, null, 10))?.map(({ requestId, sequence, awaitsSeal }) => [
      requestId,
      sequence,
      awaitsSeal,
    ]);
  const waiting = await listed();
  expect(waiting?.map(([requestId, , awaits]) => [requestId, awaits])).toEqual([
    ["second", true],
    ["first", true],
    ["sealed", false],
  ]);
  await trails.seal();
  expect(await listed()).toEqual(waiting?.map(([requestId, sequence]) => [requestId, sequence, false]));
});

test("a page after an entry that is not there is none, rather than an empty one", async () => {
  const entries = createEntries(trails.store);
  expect(await entries.page({}, "999999", 10)).toBeNull();
});
