import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Purpose } from "../../src/access/vocabulary.ts";
import { type Call, deliveries, type Delivery, requestOf } from "./attacks/deliveries.ts";
import { argumentsOf, type EntryPoint } from "./attacks/entry-points.ts";
import * as expected from "./attacks/expected.ts";
import { type Caller, callers, targets } from "./attacks/persons.ts";
import { coordinatesIn, countFields, project, prune, type Tree } from "./attacks/selections.ts";
import {
  eachAtOnce,
  type Named,
  pointOf,
  points,
  setStage,
  type Stage,
  treeOfPoint,
} from "./attacks/stage.ts";

const purposes = Object.values(Purpose);

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const outcomesByName: Readonly<Record<string, typeof expected.dataSubject>> = {
  dataSubject: expected.dataSubject,
  findDataSubjects: expected.findDataSubjects,
};

test("every way in that takes an id is known to the suite", () => {
  const naming = points.filter(({ names }) => names.length > 0);
  expect(Object.fromEntries(naming.map(({ name, names }) => [name, names]))).toEqual({
    dataSubject: ["id"],
    findDataSubjects: ["identifier"],
    linkIdentity: ["input.subjectId", "input.identifier"],
    unlinkIdentity: ["input.subjectId"],
    privacyPolicy: ["version"],
  });
});

test("the secrets are many, and of every target", () => {
  expect(stage.secrets.length).toBeGreaterThan(150);
  expect(stage.secrets).toEqual(
    expect.arrayContaining(
      Object.values(targets)
        .slice(0, 3)
        .map(({ email }) => email),
    ),
  );
});

describe("everything at once, for every role and purpose", () => {
  const asked = points
    .filter(({ name }) => !["controller", "privacyPolicy"].includes(name))
    .flatMap((point) => {
      const reasons = point.field.args.some(({ name }) => name === "purpose") ? purposes : [null];
      return callers.flatMap((caller) => reasons.map((purpose) => ({ point, caller, purpose })));
    });

  test.each([["variable"], ["in turn"]] as const)(
    "is refused field by field, delivered by %s",
    async (how) => {
      const kari = stage.personOf(targets.kari);
      const refusals = new Set<string>();
      await eachAtOnce(asked, async ({ point, caller, purpose }, n) => {
        const delivery = how === "variable" ? how : (deliveries[n % deliveries.length] ?? "literal");
        const own = point.name === "me";
        const fixed = own || point.root === "Mutation" ? "DATA_SUBJECT_RIGHTS" : null;
        const capacity = expected.capacityOf(caller, purpose ?? fixed, own);
        const selection = treeOfPoint(point);
        const coordinates = [`${point.root}.${point.name}`, ...(selection ? coordinatesIn(selection) : [])];
        const refused = expected.refusedOf(capacity, coordinates);
        // What may be read is the next test's.
        if (refused.length === 0) return;
        const given = argumentsOf(point, kari, purpose ?? "");
        const request = requestOf(
          point.root,
          [{ alias: "a", field: point.name, given, selection }],
          delivery,
        );
        const answer = await stage.attack(caller, request);
        const code = caller.as === null ? "UNAUTHENTICATED" : "FORBIDDEN";
        const where = `${point.name} by ${caller.name} for ${purpose}, ${delivery}`;
        expect({ where, status: answer.status, data: answer.data ?? null, errors: answer.errors }).toEqual({
          where,
          status: caller.as === null ? 401 : 403,
          data: null,
          errors: [
            {
              message: expect.any(String),
              extensions: caller.as === null ? { code } : { code, coordinates: refused },
            },
          ],
        });
        stage.expectNoLeak(answer, request);
        refusals.add(`${point.name} ${caller.name}`);
      });
      expect(refusals.size).toBeGreaterThan(5 * callers.length);
    },
    60_000,
  );
});

interface Allowed {
  readonly caller: Caller;
  readonly purpose: Purpose;
  readonly selection: Tree;
}

/** For whom a way in is open at all, with all that they may select through it. */
function allowedThrough(point: EntryPoint): readonly Allowed[] {
  const tree = treeOfPoint(point) ?? expect.fail();
  return callers.flatMap((caller) =>
    purposes.flatMap((purpose): Allowed[] => {
      const capacity = expected.capacityOf(caller, purpose);
      if (!expected.reference.mayRead(capacity, `Query.${point.name}`)) return [];
      const open = prune(tree, (coordinate) => expected.reference.mayRead(capacity, coordinate));
      const selection =
        point.name === "dataSubject"
          ? expected.personSelection(tree, capacity)
          : open && {
              ...open,
              fields: open.fields.map((branch) => ({
                ...branch,
                below:
                  branch.name === "subject" && branch.below
                    ? expected.personSelection(branch.below, capacity)
                    : branch.below,
              })),
            };
      return selection ? [{ caller, purpose, selection }] : [];
    }),
  );
}

/** As many at once as an operation may hold. */
function inOperations(named: readonly Named[], selection: Tree): readonly (readonly Named[])[] {
  const size = Math.max(1, Math.min(8, Math.floor(450 / (countFields(selection) + 1))));
  return Array.from({ length: Math.ceil(named.length / size) }, (_, i) =>
    named.slice(i * size, (i + 1) * size),
  );
}

async function expectShown(
  point: EntryPoint,
  { caller, purpose, selection }: Allowed,
  named: readonly Named[],
  delivery: Delivery,
): Promise<void> {
  const outcomeOf = outcomesByName[point.name] ?? expect.fail(point.name);
  const capacity = expected.capacityOf(caller, purpose);
  for (const some of inOperations(named, selection)) {
    const calls = some.map((whom, n): Call => {
      return { alias: `a${n}`, field: point.name, given: argumentsOf(point, whom, purpose), selection };
    });
    const request = requestOf("Query", calls, delivery);
    const answer = await stage.attack(caller, request);
    const outcomes = some.map(({ target, whole }, n) =>
      outcomeOf(selection, target, whole, capacity, `a${n}`),
    );
    const { data, errors = [] } = answer;
    const shown = calls.map(({ alias }) =>
      project(selection, (data as Record<string, unknown>)?.[alias], "answer"),
    );
    const where = `${caller.name} for ${purpose}, ${delivery}: ${some.map(({ name }) => name).join()}`;
    expect({
      where,
      shown,
      errors: Object.fromEntries(errors.map(({ path, extensions }) => [path?.join("."), extensions.code])),
    }).toEqual({
      where,
      shown: outcomes.map((outcome) => outcome.data),
      errors: Object.assign({}, ...outcomes.map((outcome) => outcome.errors)),
    });
    stage.expectNoLeak(answer, request);
  }
}

describe.each(["dataSubject", "findDataSubjects"])(
  "what the policy allows through %s, and no more",
  (name) => {
    const point = pointOf(name);
    const open = allowedThrough(point);
    const whoFor = ({ self }: Caller) => [
      ...(self ? [stage.personOf(self)] : []),
      ...Object.values(targets).map(stage.personOf),
      ...stage.strangers,
    ];

    test("is open to some, with something to see", () => {
      expect(open.length).toBeGreaterThan(15);
      expect(new Set(open.map(({ caller }) => caller.name)).size).toBeGreaterThan(10);
    });

    test("every id", async () => {
      await eachAtOnce(open, (allowed) => expectShown(point, allowed, whoFor(allowed.caller), "variable"));
    }, 60_000);

    test("however it is delivered", async () => {
      const turns = open.flatMap((allowed, n) =>
        // Who is who too has nothing to do with how it is delivered.
        allowed.caller.self ? [] : deliveries.map((delivery, m) => ({ allowed, delivery, n: n + m })),
      );
      await eachAtOnce(turns, async ({ allowed, delivery, n }) => {
        const all = whoFor(allowed.caller);
        const some = [all[n % all.length], all[(n + 1) % all.length]].filter((each) => each !== undefined);
        await expectShown(point, allowed, some, delivery);
      });
    }, 60_000);
  },
);
