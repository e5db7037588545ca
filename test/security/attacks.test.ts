import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Purpose } from "../../src/access/vocabulary.ts";
import { allowedThrough, expectShown } from "./attacks/allowed.ts";
import { deliveries, requestOf } from "./attacks/deliveries.ts";
import { argumentsOf } from "./attacks/arguments.ts";
import * as expected from "./attacks/expected.ts";
import { naming } from "./attacks/naming.ts";
import { type Caller, callers, targets } from "./attacks/persons.ts";
import { coordinatesIn, countFields } from "./attacks/selections.ts";
import { eachAtOnce, pointOf, points, setStage, type Stage, treeOfPoint, whomOf } from "./attacks/stage.ts";

const purposes = Object.values(Purpose);

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

test("every way in that takes an id is known to the suite", () => {
  const places = points.flatMap(({ name, names }) => names.map((place) => `${name}(${place})`));
  const known = Object.entries(naming).flatMap(([name, each]) =>
    Object.keys(each).map((place) => `${name}(${place})`),
  );
  expect(places.toSorted()).toEqual(known.toSorted());
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
    .filter(({ name, root }) => root !== "Subscription" && !["controller", "privacyPolicy"].includes(name))
    .flatMap((point) => {
      const takesPurpose =
        point.name === "_entities" || point.field.args.some(({ name }) => name === "purpose");
      const reasons = takesPurpose ? purposes : [null];
      return callers.flatMap((caller, c) =>
        reasons.map((purpose, p) => {
          // By every caller each delivery once, for every other purpose: the callers share them out.
          const turn = (p + c) % 2 === 0 || purpose === null;
          return {
            point,
            caller,
            purpose,
            delivery: turn ? deliveries[(c + (p >> 1)) % deliveries.length] : null,
          };
        }),
      );
    });

  test.each([["variable"], ["in turn"]] as const)(
    "is refused field by field, delivered by %s",
    async (how) => {
      const refusals = new Set<string>();
      await eachAtOnce(asked, async ({ point, caller, purpose, ...turn }) => {
        const delivery = how === "variable" ? how : turn.delivery;
        if (!delivery) return;
        const capacity = expected.enteringBy(point, caller, purpose);
        const selection = treeOfPoint(point);
        const coordinates = [`${point.root}.${point.name}`, ...(selection ? coordinatesIn(selection) : [])];
        const refused = expected.refusedOf(capacity, coordinates);
        // What may be read is the next test's.
        if (refused.length === 0) return;
        const given = argumentsOf(point, whomOf(stage.victimOf(point)), purpose ?? "");
        const request = {
          ...requestOf(point.root, [{ alias: "a", field: point.name, given, selection }], delivery),
          purpose,
        };
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

describe.each(["dataSubject", "findDataSubjects", "_entities"])(
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
      await eachAtOnce(open, (allowed) =>
        expectShown(stage, point, allowed, whoFor(allowed.caller), "variable"),
      );
    }, 60_000);

    test("however it is delivered", async () => {
      const turns = open.flatMap((allowed, n) =>
        // Who is who too has nothing to do with how it is delivered.
        allowed.caller.self ? [] : deliveries.map((delivery, m) => ({ allowed, delivery, n: n + m })),
      );
      await eachAtOnce(turns, async ({ allowed, delivery, n }) => {
        const all = whoFor(allowed.caller);
        const some = [all[n % all.length], all[(n + 1) % all.length]].filter((each) => each !== undefined);
        await expectShown(stage, point, allowed, some, delivery);
      });
    }, 60_000);

    // A request states one purpose for all references in it.
    if (name === "_entities") return;
    test("nothing, where another field of the operation is refused", async () => {
      await eachAtOnce(open, async ({ caller, purpose, selection }, n) => {
        const coordinates = [`Query.${name}`, ...coordinatesIn(selection)];
        const refusedFor = (each: Purpose) =>
          expected.refusedOf(expected.capacityOf(caller, each), coordinates);
        const other = purposes.find((each) => each !== purpose && refusedFor(each).length > 0);
        if (other === undefined || countFields(selection) > 300) return;
        const calls = [
          {
            alias: "a",
            field: name,
            given: argumentsOf(point, whomOf(stage.personOf(targets.kari)), purpose),
            selection,
          },
          {
            alias: "b",
            field: name,
            given: argumentsOf(point, whomOf(stage.personOf(targets.anne)), other),
            selection,
          },
        ];
        const delivery = deliveries[n % deliveries.length] ?? "literal";
        const request = requestOf("Query", n % 2 === 0 ? calls : calls.toReversed(), delivery);
        const answer = await stage.attack(caller, request);
        expect([answer.status, answer.data ?? null]).toEqual([403, null]);
        expect(answer.errors?.map(({ extensions }) => extensions)).toEqual([
          { code: "FORBIDDEN", coordinates: refusedFor(other) },
        ]);
        stage.expectNoLeak(answer, request);
      });
    }, 60_000);
  },
);

test("the work list leads to those who wait in it, and to nobody else", async () => {
  const anne = stage.personOf(targets.anne);
  const document = `query ($purpose: Purpose!) { matchReviews(purpose: $purpose) { edges { node {
    source subject { id crm { name } } candidates { name } } } } }`;
  const seen = new Set<string>();
  for (const caller of callers) {
    for (const purpose of purposes) {
      const may = expected.reference.mayRead(expected.capacityOf(caller, purpose), "Query.matchReviews");
      const request = { document, variables: { purpose } };
      const answer = await stage.attack(caller, request);
      stage.expectNoLeak(answer, request);
      if (!may) {
        expect([answer.status, answer.data ?? null]).toEqual([caller.as === null ? 401 : 403, null]);
        continue;
      }
      seen.add(`${caller.name} for ${purpose}`);
      const candidates = [{ name: "Anne Berg" }, { name: "Per Berg" }];
      const node = { source: "crm", subject: { id: anne.id, crm: null }, candidates };
      expect(answer.data).toEqual({ matchReviews: { edges: [{ node }] } });
      expect(answer.errors?.map(({ extensions }) => extensions.code)).toEqual(["IDENTITY_AMBIGUOUS"]);
    }
  }
  expect([...seen].sort()).toEqual([
    "DPO for DATA_SUBJECT_RIGHTS",
    "EVENTS+DPO for DATA_SUBJECT_RIGHTS",
    "MARKETING+DPO for DATA_SUBJECT_RIGHTS",
    "SUBJECT+DPO for DATA_SUBJECT_RIGHTS",
    "SUBJECT+SUPPORT for CUSTOMER_SUPPORT",
    "SUPPORT for CUSTOMER_SUPPORT",
    "SUPPORT+DPO for CUSTOMER_SUPPORT",
    "SUPPORT+DPO for DATA_SUBJECT_RIGHTS",
  ]);
});
