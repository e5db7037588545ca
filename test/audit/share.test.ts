import { expect, test } from "vitest";
import { sharing } from "../../src/audit/share.ts";

test("who asks while it is done shares the answer, or the failure; who asks later has it done anew", async () => {
  let runs = 0;
  const work = sharing(async () => {
    runs += 1;
    await new Promise((resolve) => setTimeout(resolve, 10));
    if (runs === 2) throw new Error("failed");
    return runs;
  });
  expect(await Promise.all([work(), work(), work()])).toEqual([1, 1, 1]);
  const outcomes = await Promise.allSettled([work(), work()]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await work()).toBe(3);
});
