import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Caller, callers, targets } from "./attacks/persons.ts";
import { eachAtOnce, type Named, setStage, type Stage } from "./attacks/stage.ts";

let stage: Stage;
/** Before any attack; so it is to be after each. */
let before: Awaited<ReturnType<Stage["state"]>>;
beforeAll(async () => {
  stage = await setStage();
  before = await stage.state();
});
afterAll(() => stage[Symbol.asyncDispose]());

const callerBy = (name: string) => callers.find((caller) => caller.name === name) ?? expect.fail(name);
const selfOf = ({ self }: Caller): Named | null => self && stage.personOf(self);
const isPerson = ({ roles }: Caller) => roles.has("SUBJECT");
const isOfficer = ({ roles }: Caller) => roles.has("DPO");
const isStaff = ({ roles }: Caller) => [...roles].some((role) => role !== "SUBJECT");

interface Refused {
  readonly rule: string;
  readonly existing: { readonly id: string; readonly subject: { readonly id: string } } | null;
}
interface Answered extends Partial<Refused> {
  readonly request?: { readonly id: string; readonly status: string };
}

const shown = `... on Refusal { rule existing { id subject { id } } } ... on RequestPayload { request { id status } }`;

async function change(
  caller: Pick<Caller, "as">,
  mutation: string,
  input: object,
): Promise<Answered | string> {
  const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input!`;
  const request = {
    document: `mutation ($input: ${type}) { a: ${mutation}(input: $input) { ${shown} } }`,
    variables: { input },
  };
  const answer = await stage.attack(caller, request);
  stage.expectNoLeak(answer, request);
  const { a = null } = (answer.data ?? {}) as { a?: Answered | null };
  return a ?? answer.errors?.[0]?.extensions.code ?? expect.fail(answer.text);
}

const saidBy = (answer: Answered | string) => (typeof answer === "string" ? answer : (answer.rule ?? "DONE"));

/** Whom an attack names, on which of their requests, and whose plan it quotes. */
interface Attack {
  readonly whom: Named | null;
  readonly of: Named;
  readonly on: "letter" | "request" | "closed" | "unproven" | "undecided" | "scheduled" | null;
  readonly plan: string;
  readonly sources: readonly string[] | null;
}

function attacksOf(caller: Caller): readonly Attack[] {
  const [kari, eva] = [stage.personOf(targets.kari), stage.personOf(targets.eva)];
  const [merged, unknown] = stage.strangers;
  const self = selfOf(caller) ?? eva;
  const all = [null, kari, self, eva, merged, unknown].filter((whom) => whom !== undefined);
  const requests = [null, "letter", "request", "closed", "unproven", "undecided", "scheduled"] as const;
  const plans = [
    [kari.plan, null],
    [kari.plan, ["crm"]],
    [self.plan, null],
    ["0".repeat(64), null],
  ] as const;
  return all.flatMap((whom) =>
    [kari, self].flatMap((of) =>
      requests.flatMap((on) => plans.map(([plan, sources]): Attack => ({ whom, of, on, plan, sources }))),
    ),
  );
}

/** What stands against it; null: nothing does. */
function against(caller: Caller, { whom, of, on, plan, sources }: Attack): string | null {
  const requestId = on && of.requests[on];
  if (caller.as === null) return "UNAUTHENTICATED";
  if (whom === null) {
    if (!isPerson(caller)) return "FORBIDDEN";
    return requestId ? "BAD_USER_INPUT" : "ERASURE_OPEN";
  }
  if (!isOfficer(caller)) return "FORBIDDEN";
  if (!requestId) return "BAD_USER_INPUT";
  const person = whom.name === "merged" ? stage.personOf(targets.kari) : whom;
  if (whom.name === "unknown" || person.id !== of.id) return "NOT_FOUND";
  if (on === "closed") return "REQUEST_CLOSED";
  if (on === "unproven") return "IDENTITY_NOT_ESTABLISHED";
  if (on === "request" || on === "undecided") return "OF_ANOTHER_KIND";
  if (person.requests.scheduled !== undefined) return "ERASURE_OPEN";
  return plan === person.plan && sources === null ? null : "PLAN_HAS_CHANGED";
}

describe("requestErasure", () => {
  test("erases nobody whom the caller may not, whomever and whatever it names, signed in as strongly as can be", async () => {
    const asked = callers.flatMap((caller) => attacksOf(caller).map((attack) => ({ caller, attack })));
    const met = new Map<string, number>();
    let allowed = 0;
    await eachAtOnce(asked, async ({ caller, attack }) => {
      const expected = against(caller, attack);
      if (expected === null) return void (allowed += 1);
      const { whom, of, on, plan, sources } = attack;
      const answer = await change(caller, "requestErasure", {
        ...(whom && { subjectId: whom.id }),
        ...(on && of.requests[on] && { requestId: of.requests[on] }),
        planHash: plan,
        sources,
      });
      const where = `${caller.name}: ${whom?.name} on ${on} of ${of.name}`;
      expect({ where, said: saidBy(answer) }).toEqual({ where, said: expected });
      met.set(expected, (met.get(expected) ?? 0) + 1);
    });
    expect(await stage.state()).toEqual(before);
    expect(allowed).toBeGreaterThan(0);
    expect([...met.keys()].toSorted()).toEqual([
      "BAD_USER_INPUT",
      "ERASURE_OPEN",
      "FORBIDDEN",
      "IDENTITY_NOT_ESTABLISHED",
      "NOT_FOUND",
      "OF_ANOTHER_KIND",
      "PLAN_HAS_CHANGED",
      "REQUEST_CLOSED",
      "UNAUTHENTICATED",
    ]);
  }, 120_000);

  test("shows with its refusal the request of whom it was asked for, and of nobody else", async () => {
    for (const caller of callers.filter(isPerson)) {
      const self = selfOf(caller) ?? expect.fail();
      const answer = await change(caller, "requestErasure", { planHash: self.plan });
      const existing = { id: self.requests.scheduled, subject: { id: self.id } };
      expect(answer).toEqual({ rule: "ERASURE_OPEN", existing });
    }
    expect(await stage.state()).toEqual(before);
  });
});

describe("cancelRequest", () => {
  test("takes nobody's erasure back but the caller's own, or as DPO", async () => {
    const persons = [
      ...Object.values(targets).map(stage.personOf),
      ...callers.flatMap((caller) => selfOf(caller) ?? []),
      ...stage.strangers,
    ];
    const asked = callers.flatMap((caller) => persons.map((whom) => ({ caller, whom })));
    let allowed = 0;
    await eachAtOnce(asked, async ({ caller, whom }) => {
      const id = whom.requests.scheduled;
      if (id === undefined) return;
      const isKnown = whom.target !== null;
      const isOwn = isPerson(caller) && !isStaff(caller) && selfOf(caller)?.id === whom.id;
      if (isKnown && (isOwn || isOfficer(caller))) return void (allowed += 1);
      const code = isOfficer(caller) || (isPerson(caller) && !isStaff(caller)) ? "NOT_FOUND" : "FORBIDDEN";
      expect(saidBy(await change(caller, "cancelRequest", { id }))).toBe(
        caller.as === null ? "UNAUTHENTICATED" : code,
      );
    });
    expect(allowed).toBeGreaterThan(10);
    expect(await stage.state()).toEqual(before);
  }, 60_000);

  test("takes nothing back that is no erasure, or none that waits", async () => {
    const kari = stage.personOf(targets.kari);
    const { request, undecided, unproven, closed } = kari.requests;
    for (const as of [kari.email, callerBy("DPO").as]) {
      for (const id of [request, undecided, unproven, closed]) {
        const existing = { id, subject: { id: kari.id } };
        expect(await change({ as }, "cancelRequest", { id })).toEqual({ rule: "HAS_BEGUN", existing });
      }
      expect(await change({ as }, "cancelRequest", { id: kari.id })).toBe("NOT_FOUND");
    }
    expect(await stage.state()).toEqual(before);
  });
});

// Last: what it does stays.
describe("had it been allowed", () => {
  const ended = async (id: string): Promise<string> => {
    for (const end = Date.now() + 30_000; Date.now() < end;) {
      const [row] = await stage.gateway.rows<{ status: string }>("select status from request where id = $1", [
        id,
      ]);
      if (row && row.status.startsWith("COMPLETED")) return row.status;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return expect.fail("it has not ended");
  };
  const isForgotten = async (id: string) => {
    const [row] = await stage.gateway.rows<{ forgotten_at: Date | null }>(
      "select forgotten_at from subject where id = $1",
      [id],
    );
    return row?.forgotten_at != null;
  };
  const made = (answer: Answered | string): string =>
    (typeof answer === "string" ? null : answer.request?.id) ?? expect.fail(saidBy(answer));

  test("a person takes an erasure back, and asks for one again, of themself alone", async () => {
    const caller = callerBy("SUBJECT");
    const self = selfOf(caller) ?? expect.fail();
    const id = self.requests.scheduled ?? expect.fail();
    expect(await change(caller, "cancelRequest", { id })).toEqual({ request: { id, status: "CANCELLED" } });
    const weak = await stage.gateway.query<{ a: { rule: string } }>(
      "mutation ($hash: ID!) { a: requestErasure(input: { planHash: $hash }) { ... on Refusal { rule } } }",
      { hash: self.plan },
      { as: caller.as },
    );
    expect(weak.data?.a.rule).toBe("STEP_UP");
    const request = made(await change(caller, "requestErasure", { planHash: self.plan }));
    await ended(request);
    expect(await isForgotten(self.id)).toBe(true);
    const others = [...Object.values(targets), ...callers.flatMap((each) => each.self ?? [])]
      .map(stage.personOf)
      .filter((person) => person.id !== self.id);
    for (const person of others)
      expect([person.name, await isForgotten(person.id)]).toEqual([person.name, false]);
  }, 60_000);

  test("the DPO erases on a letter that asks for it, and nobody but the person and the DPO reads the receipt", async () => {
    const kari = stage.personOf(targets.kari);
    const { letter } = kari.requests;
    const merged = stage.strangers[0]?.id;
    const input = { subjectId: merged, requestId: letter, planHash: kari.plan };
    expect(made(await change(callerBy("DPO"), "requestErasure", input))).toBe(letter);
    await ended(letter);
    expect(await isForgotten(kari.id)).toBe(true);
    for (const caller of [...callers, { ...callerBy("SUBJECT"), as: kari.email, self: targets.kari }]) {
      const request = {
        document: "query ($id: ID!) { request(id: $id) { receipt timeline { note } } }",
        variables: { id: letter },
      };
      const answer = await stage.attack(caller, request);
      stage.expectNoLeak(answer, request);
      const may = isOfficer(caller) || caller.as === kari.email;
      expect([caller.name, answer.text.includes("eyJ")]).toEqual([caller.name, may]);
    }
  }, 60_000);
});
