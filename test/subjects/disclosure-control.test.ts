import fc from "fast-check";
import { expect, test } from "vitest";
import type { CountedGroup } from "../../src/sources/contract.ts";
import { type ShownGroup, shownGroups } from "../../src/subjects/disclosure-control.ts";

const groupsOf = (counts: readonly number[]): CountedGroup[] =>
  counts.map((persons, n) => ({ name: `group ${n}`, at: null, persons }));

const smallest = fc.integer({ min: 2, max: 25 });
/** Often around the size that decides, as well as far from it. */
const counts = fc.array(fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 100_000 })), {
  maxLength: 12,
});
const draws = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));

function show(
  persons: readonly number[],
  minimumGroupSize: number,
  draw: () => number,
  namedBy: "ORGANISATION" | "PERSONS" = "ORGANISATION",
): readonly ShownGroup[] {
  return shownGroups(groupsOf(persons), { minimumGroupSize, namedBy, draw });
}

const drawFrom = (stream: Iterator<number>) => () => Number(stream.next().value);

test("no group of fewer is shown, and with each that is not goes the smallest of the others", () => {
  fc.assert(
    fc.property(counts, smallest, draws, (persons, minimum, stream) => {
      const shown = show(persons, minimum, drawFrom(stream));
      expect(shown.map(({ name }) => name)).toEqual(groupsOf(persons).map(({ name }) => name));
      const hidden = persons.filter((_, n) => shown[n]?.count === null);
      const tooSmall = persons.filter((count) => count < minimum);
      const others = persons.filter((count) => count >= minimum);
      const along = tooSmall.length > 0 && others.length > 0 ? [Math.min(...others)] : [];
      expect(hidden.toSorted((a, b) => a - b)).toEqual([...tooSmall.toSorted((a, b) => a - b), ...along]);
    }),
  );
});

test("a shown count is less than the smallest group away from the truth, and fits at least as many counts", () => {
  fc.assert(
    fc.property(counts, smallest, draws, (persons, minimum, stream) => {
      for (const [n, { count }] of show(persons, minimum, drawFrom(stream)).entries()) {
        if (count === null) continue;
        expect(count % minimum).toBe(0);
        expect(count).toBeGreaterThanOrEqual(minimum);
        expect(Math.abs(count - (persons[n] ?? Number.NaN))).toBeLessThan(minimum);
        const fitting = Array.from({ length: 2 * minimum - 1 }, (_, i) => count - minimum + 1 + i).filter(
          (one) => one >= minimum && possible(one, minimum).has(count),
        );
        expect(fitting.length).toBeGreaterThanOrEqual(minimum);
      }
    }),
  );
});

/** What can be shown of a group alone, whatever is drawn. */
function possible(persons: number, minimum: number): ReadonlySet<number | null | undefined> {
  const drawn = Array.from({ length: minimum }, (_, n) => n / minimum);
  return new Set(drawn.map((draw) => show([persons], minimum, () => draw)[0]?.count));
}

test("counts are right on average", () => {
  fc.assert(
    fc.property(smallest, fc.integer({ min: 0, max: 1_000 }), (minimum, more) => {
      const persons = minimum + more;
      const drawn = Array.from({ length: minimum }, (_, n) => n / minimum);
      const shown = drawn.map((draw) => show([persons], minimum, () => draw)[0]?.count ?? Number.NaN);
      expect(shown.reduce((sum, count) => sum + count, 0) / minimum).toBeCloseTo(persons, 6);
    }),
  );
});

test("whoever knows the sum to the person, and each shown group, still cannot tell a suppressed one", () => {
  fc.assert(
    fc.property(counts, smallest, draws, (persons, minimum, stream) => {
      fc.pre(persons.some((count) => count >= minimum));
      const shown = show(persons, minimum, drawFrom(stream));
      const hidden = persons.filter((_, n) => shown[n]?.count === null);
      if (hidden.length === 0) return;
      const left = hidden.reduce((sum, count) => sum + count, 0);
      // Each may be anything that is too small: the others take up what is left.
      expect(hidden.length).toBeGreaterThan(1);
      expect(left).toBeGreaterThanOrEqual(minimum - 1);
    }),
  );
});

test("whoever knows the rule as well as we do finds any small count behind what is suppressed", () => {
  const minimum = 3;
  const most = 8;
  const behind = new Map<string, Set<number>[]>();
  for (const persons of worlds(4, most)) {
    for (const shown of publications(persons, minimum)) {
      const published = JSON.stringify(shown.map(({ count }) => count));
      const fitting = behind.get(published) ?? persons.map(() => new Set<number>());
      persons.forEach((count, n) => fitting[n]?.add(count));
      behind.set(published, fitting);
    }
  }
  expect(behind.size).toBeGreaterThan(20);
  for (const [published, fitting] of behind) {
    const shown = JSON.parse(published) as (number | null)[];
    shown.forEach((count, n) => {
      if (count !== null) return;
      for (const small of [0, 1, 2]) expect.soft(fitting[n], `${published}, group ${n}`).toContain(small);
      // Nor that it is small at all.
      expect.soft(Math.max(...(fitting[n] ?? [])), published).toBeGreaterThanOrEqual(minimum);
    });
  }
});

function* worlds(groups: number, most: number): Generator<readonly number[]> {
  for (let n = 0; n < (most + 1) ** groups; n++)
    yield Array.from({ length: groups }, (_, i) => Math.floor(n / (most + 1) ** i) % (most + 1));
}

/** All that can be shown of the same persons: each group rounded down, or up. */
function* publications(persons: readonly number[], minimum: number): Generator<readonly ShownGroup[]> {
  for (let drawn = 0; drawn < 2 ** persons.length; drawn++) {
    let group = 0;
    yield show(persons, minimum, () => ((drawn >> group++) & 1 ? 0 : 0.999));
  }
}

test("names that tell of persons are not shown of small groups, nor how many they are", () => {
  fc.assert(
    fc.property(counts, smallest, draws, (persons, minimum, stream) => {
      const shown = show(persons, minimum, drawFrom(stream), "PERSONS");
      const tooSmall = groupsOf(persons).filter((group) => group.persons < minimum);
      const names = shown.map(({ name }) => name);
      for (const { name } of tooSmall) expect(names).not.toContain(name);
      expect(shown.filter(({ count }) => count === null)).toEqual(
        tooSmall.length > 0 ? [{ name: null, at: null, count: null }] : [],
      );
    }),
  );
});

test("what is drawn depends on the group and how many it has, and is asked for what is shown alone", () => {
  const asked: CountedGroup[] = [];
  const draw = (group: CountedGroup) => (asked.push(group), 0.5);
  shownGroups(groupsOf([3, 12, 27]), { minimumGroupSize: 10, namedBy: "ORGANISATION", draw });
  expect(asked).toEqual([{ name: "group 2", at: null, persons: 27 }]);
});
