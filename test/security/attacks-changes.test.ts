import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Purpose } from "../../src/access/vocabulary.ts";
import { argumentsOf, type Whom } from "./attacks/arguments.ts";
import { type Call, deliveries, type Delivery, requestOf } from "./attacks/deliveries.ts";
import type { EntryPoint } from "./attacks/entry-points.ts";
import * as expected from "./attacks/expected.ts";
import { actsFor, type Meaning, wishes } from "./attacks/naming.ts";
import { type Caller, callers, type Target, targets } from "./attacks/persons.ts";
import { coordinatesIn, prune, type Tree } from "./attacks/selections.ts";
import {
  eachAtOnce,
  means,
  type Named,
  pointOf,
  points,
  setStage,
  type Stage,
  treeOfPoint,
  whomOf,
} from "./attacks/stage.ts";

const purposes = Object.values(Purpose);

let stage: Stage;
/** Before any attack; so it is to be after each. */
let before: Awaited<ReturnType<Stage["state"]>>;
beforeAll(async () => {
  stage = await setStage();
  before = await stage.state();
});
afterAll(() => stage[Symbol.asyncDispose]());

const mutations = points.filter(({ root }) => root === "Mutation");
/** Open to everybody, signed in or not: what is guessed decides, and not who guesses. */
const confirming = pointOf("confirmIdentity");
/** For oneself alone. */
const answering = pointOf("agreeToPrivacyPolicy");
const changing = mutations.filter((point) => point !== confirming);
const officers = callers.filter(({ roles }) => roles.has("DPO"));

/** What whoever may call a mutation may select of its answer. */
function littleOf(point: EntryPoint): Tree | null {
  const tree = treeOfPoint(point);
  return (
    tree && prune(tree, (coordinate) => /\.(id|code|rule|status|subject|request|consent)$/.test(coordinate))
  );
}

async function ask(
  point: EntryPoint,
  caller: Caller,
  whom: Whom,
  delivery: Delivery,
  selection: Tree | null,
) {
  const call: Call = { alias: "a", field: point.name, given: argumentsOf(point, whom, ""), selection };
  const request = requestOf("Mutation", [call], delivery);
  const answer = await stage.attack(caller, request);
  stage.expectNoLeak(answer, request);
  return { data: answer.data ?? null, codes: answer.errors?.map(({ extensions }) => extensions.code) };
}

interface Misnamed {
  readonly how: string;
  readonly whom: Whom;
  readonly code: string;
}

/** Who or what is not there, not theirs, or not stated. */
function misnamed(point: EntryPoint): readonly Misnamed[] {
  const [kari, eva] = [stage.personOf(targets.kari), stage.personOf(targets.eva)];
  const nobody = stage.strangers.filter(({ target }) => target === null);
  const right = whomOf(stage.victimOf(point));
  const cases = (code: string, meaning: Meaning | null, listed: Readonly<Record<string, Partial<Whom>>>) =>
    meaning === null || means(point, meaning)
      ? Object.entries(listed).map(([how, changed]): Misnamed => ({
          how,
          code,
          whom: { ...right, ...changed },
        }))
      : [];
  const each = (what: string, change: (stranger: Named) => Partial<Whom>) =>
    Object.fromEntries(nobody.map((stranger) => [`${what} that is ${stranger.name}`, change(stranger)]));
  const missing = cases(
    "NOT_FOUND",
    "person",
    each("a person", ({ id }) => ({ id })),
  );
  for (const meaning of [
    "request",
    "undecided",
    "unproven",
    "step",
    "reappearance",
    "letter",
    "copy",
    "mark",
    "scheduled",
    "review",
    "secret",
  ] as const) {
    const change = ({ requests }: Named) => ({ [meaning]: requests[meaning] });
    missing.push(...cases("NOT_FOUND", meaning, each(`a ${meaning}`, change)));
  }
  return [
    ...missing,
    ...cases("NOT_FOUND", "step", {
      "a step of another's request": { step: eva.requests.step },
      "a step of another request of theirs": { step: kari.requests.closedStep },
      "another's request with a step of theirs": { request: eva.requests.request },
    }),
    ...cases("BAD_USER_INPUT", "identifier", { "an identifier that is none": { email: "no address" } }),
    ...(actsFor(point.name) ? misnamedRequests : []).flatMap(([code, listed]) =>
      cases(code, null, asLetters(listed(kari, eva, each))),
    ),
  ];
}

/** Whichever of the two a mutation acts on. */
const asLetters = (listed: Readonly<Record<string, Partial<Whom>>>) =>
  Object.fromEntries(
    Object.entries(listed).map(([how, whom]) => [
      how,
      "request" in whom ? { ...whom, letter: whom.request, copy: whom.request } : whom,
    ]),
  );

type Listed = (
  kari: Named,
  eva: Named,
  each: (what: string, change: (stranger: Named) => Partial<Whom>) => Readonly<Record<string, Partial<Whom>>>,
) => Readonly<Record<string, Partial<Whom>>>;

/** Of a mutation that acts for somebody. */
const misnamedRequests: readonly (readonly [code: string, Listed])[] = [
  [
    "NOT_FOUND",
    (kari, { requests }) => ({
      "another's request": { request: requests.request },
      "another's request that is closed": { request: requests.closed },
      "a person's id as their request's": { request: kari.id },
    }),
  ],
  [
    // It is asked for before anybody is looked up, and so tells nothing of the id.
    "BAD_USER_INPUT",
    (_kari, _eva, each) => ({
      "no request": { request: undefined },
      ...each("no request, a person", ({ id }) => ({ id, request: undefined })),
    }),
  ],
];

const onRequests = ["request", "undecided", "unproven", "letter", "copy", "scheduled"] as const;

/** What stands against a mutation on a request that has ended. */
const ended: Readonly<Record<string, string>> = {
  decideRequest: "NOT_AWAITING_DECISION",
  establishIdentity: "IDENTITY_NOT_ASKED_FOR",
  sendIdentityCode: "IDENTITY_NOT_ASKED_FOR",
  retryRequest: "NOTHING_TO_RETRY",
  confirmStep: "NOT_FAILED",
  // What an ended request has brought about may be undone; of Kari nothing is restricted.
  liftRestriction: "NOT_RESTRICTED",
  cancelRequest: "HAS_BEGUN",
};

test("every mutation is known to the suite, with something to wish for", () => {
  expect(Object.keys(wishes).toSorted()).toEqual(mutations.map(({ name }) => name).toSorted());
});

describe.each(changing)("no attack by $name changes anything", (point) => {
  test("by whoever may not, whomever it names, however it is delivered", async () => {
    const named = [...Object.values(targets).map(stage.personOf), ...stage.strangers].filter(
      ({ requests }) => !means(point, "scheduled") || requests.scheduled !== undefined,
    );
    // Each caller by a third of the deliveries; which, differs from mutation to mutation.
    const asked = callers.flatMap((caller, c) =>
      deliveries.flatMap((delivery, n) =>
        (c + n + changing.indexOf(point)) % 3 === 0 ? [{ caller, delivery, n: c + n }] : [],
      ),
    );
    let refused = 0;
    await eachAtOnce(asked, async ({ caller, delivery, n }) => {
      const capacity = expected.enteringBy(point, caller, null);
      if (expected.reference.mayRead(capacity, `Mutation.${point.name}`)) return;
      refused += 1;
      const some = [
        named[n % named.length] ?? expect.fail(),
        ...(caller.self ? [stage.personOf(caller.self)] : []),
      ];
      const calls = some.map((whom, i): Call => ({
        alias: `a${i}`,
        field: point.name,
        given: argumentsOf(point, whomOf(whom), ""),
        selection: littleOf(point),
      }));
      const request = requestOf("Mutation", calls, delivery);
      const answer = await stage.attack(caller, request);
      expect(answer.data ?? null).toBeNull();
      const code = caller.as === null ? "UNAUTHENTICATED" : "FORBIDDEN";
      expect(answer.errors?.map(({ extensions }) => extensions.code)).toEqual([code]);
      stage.expectNoLeak(answer, request);
    });
    // Whoever is a person, whatever else they are, may answer for themself.
    expect(refused).toBeGreaterThan((point === answering ? 3 : 4) * deliveries.length);
    expect(await stage.state()).toEqual(before);
  }, 30_000);

  test("by who may, who names somebody or something that is not there, or not theirs", async () => {
    // By all of them together, each delivery of each case.
    const asked = officers.flatMap((caller, o) =>
      misnamed(point).flatMap((each, c) =>
        deliveries.flatMap((delivery, n) =>
          (n + c) % officers.length === o ? [{ ...each, caller, delivery }] : [],
        ),
      ),
    );
    await eachAtOnce(asked, async ({ how, whom, code, caller, delivery }) => {
      const { data, codes } = await ask(point, caller, whom, delivery, littleOf(point));
      expect({ how, by: caller.name, delivery, data, codes }).toEqual({
        how,
        by: caller.name,
        delivery,
        data: null,
        codes: [code],
      });
    });
    expect(await stage.state()).toEqual(before);
  }, 30_000);

  test("by who may, on a request that is closed, or with a field that they may not see", async () => {
    const kari = stage.personOf(targets.kari);
    const tree = treeOfPoint(point) ?? expect.fail();
    for (const caller of officers) {
      const refusedOn = async (request: string, step?: string) => {
        const whom = {
          ...whomOf(kari),
          request,
          undecided: request,
          unproven: request,
          letter: request,
          copy: request,
          scheduled: request,
          ...(step && { step }),
        };
        const { data, codes } = await ask(point, caller, whom, "variable", littleOf(point));
        expect(codes).toBeUndefined();
        return data;
      };
      if (onRequests.some((meaning) => means(point, meaning))) {
        const { closed, closedStep, unproven } = kari.requests;
        const rule = ended[point.name] ?? "REQUEST_CLOSED";
        const code = rule === "HAS_BEGUN" ? "NOT_CANCELLABLE" : "WRONG_STATE";
        expect(await refusedOn(closed, closedStep)).toEqual({ a: { code, rule } });
        if (actsFor(point.name))
          expect(await refusedOn(unproven)).toEqual({
            a: { code: expect.any(String), rule: "IDENTITY_NOT_ESTABLISHED" },
          });
      }
      const capacity = expected.enteringBy(point, caller, null);
      if (expected.refusedOf(capacity, coordinatesIn(tree)).length === 0) continue;
      expect(await ask(point, caller, whomOf(stage.victimOf(point)), "variable", tree)).toEqual({
        data: null,
        codes: ["FORBIDDEN"],
      });
    }
    expect(await stage.state()).toEqual(before);
  }, 30_000);

  test("when it comes by GET, with or without what a browser would be asked for first", async () => {
    const dpo = callers.find(({ name }) => name === "DPO") ?? expect.fail();
    const given = argumentsOf(point, whomOf(stage.victimOf(point)), "");
    const call = { alias: "a", field: point.name, given, selection: littleOf(point) };
    const { document } = requestOf("Mutation", [call], "literal");
    for (const headers of [
      {},
      { "apollo-require-preflight": "true" },
      { "content-type": "application/json" },
    ]) {
      const authorization = `Bearer ${await stage.gateway.token(dpo.as ?? expect.fail())}`;
      const path = `?query=${encodeURIComponent(document)}`;
      const { status, data } = await stage.gateway.send({ path, headers: { authorization, ...headers } });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(data ?? null).toBeNull();
    }
    expect(await stage.state()).toEqual(before);
  });
});

describe("no guess at who wrote a letter changes anything", () => {
  const notAccepted = { code: "IDENTITY_NOT_VERIFIED", rule: "CODE_NOT_ACCEPTED" };
  const { code } = wishes["confirmIdentity"] ?? {};

  test("by anybody, at any request, with a code or without: the answer is one and the same", async () => {
    const persons = [...Object.values(targets).map(stage.personOf), ...stage.strangers];
    const asked = callers.flatMap((caller, c) =>
      deliveries.flatMap((delivery, n) => [{ caller, delivery, n: c + n }]),
    );
    await eachAtOnce(asked, async ({ caller, delivery, n }) => {
      const whom = persons[n % persons.length] ?? expect.fail();
      const { requests } = whom;
      // Who has signed in strongly may say so of their own.
      const isOwn = caller.self !== null && stage.personOf(caller.self) === whom;
      const all = [requests.unproven, requests.undecided, requests.closed, requests.letter, requests.request];
      const calls = all.map((id, i): Call => ({
        alias: `a${i}`,
        field: confirming.name,
        given: [
          {
            name: "input",
            type: "ConfirmIdentityInput!",
            value: { id, ...((n % 2 === 0 || isOwn) && { code }) },
          },
        ],
        selection: littleOf(confirming),
      }));
      const request = requestOf("Mutation", calls, delivery);
      const answer = await stage.attack(caller, request);
      stage.expectNoLeak(answer, request);
      expect(answer.errors).toBeUndefined();
      expect(Object.values(answer.data ?? {})).toEqual(all.map(() => notAccepted));
    });
    expect(await stage.state()).toEqual(before);
  }, 60_000);
});

describe("who is named in no way", () => {
  test("a purpose that is missing, null or none of them is refused before anything is asked", async () => {
    const kari = stage.personOf(targets.kari);
    const query = (purpose: string, head = "") =>
      `query${head} { dataSubject(id: ${JSON.stringify(kari.id)}${purpose}) { id crm { name } } }`;
    for (const { as } of callers.filter(({ roles }) => roles.has("SUPPORT") || roles.has("DPO"))) {
      for (const [document, variables] of [
        [query(""), {}],
        [query(", purpose: null"), {}],
        [query(", purpose: ANYTHING"), {}],
        [query(', purpose: "CUSTOMER_SUPPORT"'), {}],
        [query(", purpose: [CUSTOMER_SUPPORT]"), {}],
        [query(", purpose: $p", "($p: Purpose!)"), {}],
        [query(", purpose: $p", "($p: Purpose!)"), { p: null }],
        [query(", purpose: $p", "($p: Purpose!)"), { p: "constructor" }],
        [query(", purpose: $p", "($p: Purpose)"), { p: "CUSTOMER_SUPPORT" }],
      ] as const) {
        const answer = await stage.gateway.query(document, variables, { as });
        expect(answer.errors?.map(({ extensions }) => extensions.code)).toEqual(["BAD_USER_INPUT"]);
        expect([answer.status, answer.data ?? null]).toEqual([400, null]);
        stage.expectNoLeak(answer, { document, variables });
      }
    }
  });

  test("`me` is nobody to staff, and one's own id opens nothing to a person who is no staff", async () => {
    for (const { as, roles, self } of callers) {
      if (as === null) continue;
      const { data } = await stage.gateway.query("{ me { id } }", {}, { as });
      expect(data).toEqual({ me: self && roles.has("SUBJECT") ? { id: stage.personOf(self).id } : null });
    }
    const subject = callers.find(({ name }) => name === "SUBJECT")?.as ?? expect.fail();
    for (const purpose of purposes) {
      const document = `query ($id: ID!) { dataSubject(id: $id, purpose: ${purpose}) { id } }`;
      const { status, errors, data } = await stage.gateway.query(
        document,
        { id: stage.personOf({ email: subject }).id },
        { as: subject },
      );
      expect([status, errors?.[0]?.extensions.code, data ?? null]).toEqual([403, "FORBIDDEN", null]);
    }
  });

  test("an id of a person is no version of the privacy policy", async () => {
    for (const { as } of callers) {
      const { id } = stage.personOf(targets.kari);
      const document = "query ($id: ID) { privacyPolicy(version: $id) { version text } }";
      const answer = await stage.gateway.query(document, { id }, { as });
      expect(answer.errors?.map(({ extensions }) => extensions.code)).toEqual(["NOT_FOUND"]);
      stage.expectNoLeak(answer, { document, variables: { id } });
    }
  });
});

/** Of Siv all is restricted, so that there is something to lift; what others suffer Kari is not to have done with. */
const suffering: Readonly<Record<string, Target>> = {
  liftRestriction: targets.siv,
  retryRequest: targets.eva,
  confirmStep: targets.anne,
  unlinkIdentity: targets.siv,
  cancelRequest: targets.eva,
};

/**
 * What Kari's erasure would put an end to comes before it, the answer to a version before the next is published, and a review
 * is approved before another takes its place.
 */
const ending = ["openRetentionReview", "publishPrivacyPolicy", "requestErasure"];
const erasingLast = changing.toSorted((a, b) => ending.indexOf(a.name) - ending.indexOf(b.name));

// Last: what it writes stays.
test.each(erasingLast)("had it been allowed, $name would have changed something", async (point) => {
  const who = point === answering ? "SUBJECT" : "DPO";
  const by = callers.find(({ name }) => name === who) ?? expect.fail();
  const target = suffering[point.name] ?? targets.kari;
  // What has been changed of the person is in the plan as well.
  const whom = { ...whomOf(stage.personOf(target)), plan: await stage.planOf(target) };
  const until = await stage.state();
  const { data, codes } = await ask(point, by, whom, "literal", littleOf(point));
  expect([codes, JSON.stringify(data)]).toEqual([undefined, expect.not.stringContaining('"code"')]);
  expect(await stage.state()).not.toEqual(until);
});
