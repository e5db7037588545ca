import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  arePassages,
  type Mark,
  omission,
  type Passage,
  veilOf,
  withoutPassages,
} from "../../src/sources/withheld.ts";

/** Emoji of several code points, marks that combine, both halves of the planes. */
const point = fc.constantFrom(..."abc æø 👩‍👧🏽e\u0301\n\u{1d11e}");
const points = fc.array(point, { minLength: 1, maxLength: 40 });

/** A text, and passages in it with a gap between any two. */
const marked = fc
  .tuple(points, fc.array(fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 5 })), { maxLength: 5 }))
  .map(([given, gaps]) => {
    const passages: Passage[] = [];
    let at = 0;
    for (const [gap, length] of gaps) {
      const start = at + gap + 1;
      if (start + length <= given.length) passages.push({ start, length });
      at = start + length;
    }
    return { given, passages };
  });

describe("a text without its passages", () => {
  it("is the text as it was, but for one sign in the place of each", () => {
    fc.assert(
      fc.property(marked, ({ given, passages }) => {
        const parts: string[] = [];
        let at = 0;
        for (const { start, length } of passages) {
          parts.push(given.slice(at, start).join(""));
          at = start + length;
        }
        parts.push(given.slice(at).join(""));
        expect(withoutPassages(given.join(""), passages)).toBe(parts.join(omission));
      }),
    );
  });

  it("has nothing of what is between them that it does not have elsewhere, however they overlap or are ordered", () => {
    fc.assert(
      fc.property(
        points,
        fc.array(fc.tuple(fc.nat(40), fc.nat(40)), { minLength: 1, maxLength: 6 }),
        (given, spans) => {
          // Each code point is another, so that whatever is left is left where it was.
          const unlike = given.map((_, i) => String.fromCodePoint(0x1f300 + i));
          const passages = spans.map(([start, length]) => ({ start, length: length + 1 }));
          const shown = withoutPassages(unlike.join(""), passages);
          const isIn = (i: number) => passages.some(({ start, length }) => i >= start && i < start + length);
          unlike.forEach((each, i) => expect(shown.includes(each)).toBe(!isIn(i)));
        },
      ),
    );
  });
});

it("passages are in the text, have something to read in them, and are in none of the others", () => {
  const text = "a  👩‍👧 b";
  const ok = (...spans: readonly (readonly [number, number])[]) =>
    arePassages(
      text,
      spans.map(([start, length]) => ({ start, length })),
    );
  expect([ok([0, 1]), ok([3, 3], [0, 1]), ok([0, 1], [1, 3]), ok([0, 8])]).toEqual([true, true, true, true]);
  expect([ok([0, 9]), ok([8, 1]), ok([-1, 2]), ok([0, 0]), ok([1, 2]), ok([0, 4], [3, 1])]).toEqual(
    Array(6).fill(false),
  );
  expect(ok([0.5, 1])).toBe(false);
});

describe("a veil", () => {
  const mark: Mark = {
    source: "crm",
    recordType: "conversations",
    field: "body",
    textHash: "#secret",
    passages: [{ start: 0, length: 3 }],
  };
  const veil = veilOf([mark, { ...mark, passages: [{ start: 5, length: 1 }] }], (text) => `#${text}`);

  it("is over that text of that field alone, and leaves the row of others as it is", () => {
    const key = Symbol("key");
    const row = { body: "secret", subject: "secret", n: 1, [key]: "k" };
    expect(veil?.("conversations", row)).toEqual({ ...row, body: `${omission}re${omission}` });
    expect(row.body).toBe("secret");
    expect(veil?.("orders", row)).toEqual(row);
    expect(veil?.("conversations", { body: "secret." })).toEqual({ body: "secret." });
  });

  it("is none where there is nothing to withhold", () => {
    expect(veilOf([], String)).toBeNull();
  });
});
