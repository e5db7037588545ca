import { expect, test } from "vitest";
import { together } from "../../src/store/together.ts";

/** Answers when told to. */
function slow() {
  const asked: { readonly keys: readonly string[]; answer(): void; fail(): void }[] = [];
  const load = together(
    (keys: readonly string[]) =>
      new Promise<readonly string[]>((resolve, reject) => {
        asked.push({
          keys: [...keys],
          answer: () => resolve(keys.map((key) => `${key}!`)),
          fail: () => reject(new Error("down")),
        });
      }),
  );
  return { asked, load };
}
const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test("what is wanted at once, and what comes while one statement is under way, goes together", async () => {
  const { asked, load } = slow();
  const first = [load("a"), load("b")];
  await turn();
  const later = [load("c"), load("a")];
  await turn();
  expect(asked.map(({ keys }) => keys)).toEqual([["a", "b"]]);
  asked[0]?.answer();
  expect(await Promise.all(first)).toEqual(["a!", "b!"]);
  await turn();
  expect(asked.map(({ keys }) => keys)).toEqual([
    ["a", "b"],
    ["c", "a"],
  ]);
  asked[1]?.answer();
  expect(await Promise.all(later)).toEqual(["c!", "a!"]);
});

test("nothing is kept: the same key is asked for again", async () => {
  const { asked, load } = slow();
  for (const round of [0, 1]) {
    const wanted = load("a");
    await turn();
    asked[round]?.answer();
    await wanted;
  }
  expect(asked.map(({ keys }) => keys)).toEqual([["a"], ["a"]]);
});

test("a statement that fails fails those who wanted it, and not those after", async () => {
  const { asked, load } = slow();
  const refused = load("a").catch(String);
  await turn();
  const next = load("b");
  asked[0]?.fail();
  expect(await refused).toBe("Error: down");
  await turn();
  asked[1]?.answer();
  expect(await next).toBe("b!");
});
