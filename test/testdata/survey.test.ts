import fc from "fast-check";
import { expect, it } from "vitest";
import { surveyOf } from "../../src/testdata/survey.ts";
import { ofShape, shapeOf } from "../../src/testdata/shape.ts";
import { Shuffle } from "../../src/testdata/shuffle.ts";

const held = fc.array(fc.tuple(fc.constantFrom("a", "bb", "c1", "D", null), fc.nat(12)), { maxLength: 80 });

it("a text is drawn only where so many persons have it, or is one of nobody", () => {
  fc.assert(
    fc.property(held, fc.integer({ min: 2, max: 6 }), (values, among) => {
      const survey = surveyOf("string");
      // As they are read: one person after another.
      for (const [value, person] of values.toSorted(([, a], [, b]) => a - b)) survey.add(value, person);
      const draw = survey.draws(among);
      for (let n = 0; n < 50; n++) {
        const drawn = draw(Math.random);
        const holders = new Set(values.filter(([value]) => value === drawn).map(([, person]) => person));
        if (drawn !== null && ["a", "bb", "c1", "D"].includes(String(drawn)) && String(drawn).length > 1)
          expect(holders.size).toBeGreaterThanOrEqual(among);
      }
    }),
  );
});

it("a number is drawn only from between what so many persons have", () => {
  const numbers = fc.array(fc.tuple(fc.integer({ min: 0, max: 1_000_000 }), fc.nat(20)), { maxLength: 80 });
  fc.assert(
    fc.property(numbers, fc.integer({ min: 2, max: 6 }), (values, among) => {
      const survey = surveyOf("integer");
      for (const [value, person] of values) survey.add(value, person);
      const draw = survey.draws(among);
      const persons = new Set(values.map(([, person]) => person));
      for (let n = 0; n < 20; n++) {
        const drawn = draw(Math.random);
        if (persons.size < among) expect(drawn).toBeNull();
        if (drawn === null) continue;
        const [above, below] = [
          new Set(values.filter(([value]) => value >= Number(drawn)).map(([, person]) => person)),
          new Set(values.filter(([value]) => value <= Number(drawn)).map(([, person]) => person)),
        ];
        expect(above.size).toBeGreaterThan(0);
        expect(below.size).toBeGreaterThan(0);
      }
    }),
  );
});

it("what one person has a thousand times, one person has", () => {
  const survey = surveyOf("string");
  for (let n = 0; n < 1_000; n++) survey.add("Seilflyging", 1);
  expect(survey.draws(2)(Math.random)).toBeNull();
  const numbers = surveyOf("number");
  for (let n = 0; n < 1_000; n++) numbers.add(n, 1);
  expect(numbers.draws(2)(Math.random)).toBeNull();
});

it.each([
  ["kari.moe@example.com", "a+.a+@a+.a+"],
  ["KARI@EXAMPLE.COM", "A+@A+.A+"],
  ["+47 900 12 345", "+00 000 00 000"],
  ["Åse Østby-Ng", "Aa+ Aa+-Aa+"],
  ["", ""],
])("%s is written like %s, and so is what is made up", (text, shape) => {
  expect(shapeOf(text)).toBe(shape);
  expect(shapeOf(ofShape(shape, Math.random))).toBe(shape);
});

it("nothing is lost or doubled when the order is changed", () => {
  const shuffle = new Shuffle<number>(Math.random);
  const all = Array.from({ length: 5_000 }, (_, n) => n);
  const out = all.flatMap((n) => shuffle.put(n) ?? []);
  out.push(...shuffle.rest());
  expect(out.toSorted((a, b) => a - b)).toEqual(all);
  expect(out).not.toEqual(all);
});

it.each([
  [["2020-01-31", "1999-12-01"], /^(1999|20[012]\d)-\d\d-\d\d$/, true],
  [["12.50", "-3.25"], /^-?\d+\.\d\d$/, false],
  [["2020-01-31T12:00:00.000Z", "2021-01-31T12:00:00.000Z"], /^202\d-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/, true],
])("a text such as %j is made up as what it is", (texts, form, isDate) => {
  const survey = surveyOf("string");
  for (let person = 0; person < 40; person++) survey.add(texts[person % 2] ?? null, person);
  const draw = survey.draws(3);
  for (let n = 0; n < 20; n++) {
    const drawn = String(draw(Math.random));
    expect(drawn).toMatch(form);
    if (isDate) expect(Date.parse(drawn)).not.toBeNaN();
  }
});
