import { afterAll, beforeAll, expect, test } from "vitest";
import type { Request } from "./attacks/deliveries.ts";
import { type Caller, callers, targets } from "./attacks/persons.ts";
import { setStage, type Stage } from "./attacks/stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

interface Saying {
  readonly how: string;
  /** Of the operation: what it declares, and what stands in the input besides the wish. */
  readonly head?: string;
  readonly named?: string;
  readonly input?: string;
  readonly variables?: (wish: object) => Readonly<Record<string, unknown>>;
}

const other = () => JSON.stringify(stage.personOf(targets.kari).id);
const otherId = () => stage.personOf(targets.kari).id;

/** Ways to say that nobody is named: the signed-in person is meant. */
const ofOneself = (): readonly Saying[] => [
  { how: "nothing" },
  { how: "null", named: "subjectId: null" },
  { how: "null twice", named: "subjectId: null, requestId: null" },
  { how: "a variable that is left out", head: "$id: ID", named: "subjectId: $id" },
  {
    how: "a variable that is null",
    head: "$id: ID",
    named: "subjectId: $id",
    variables: () => ({ id: null }),
  },
  { how: "a default of null", head: "$id: ID = null", named: "subjectId: $id" },
  {
    how: "null in place of a default",
    head: `$id: ID = ${other()}`,
    named: "subjectId: $id",
    variables: () => ({ id: null }),
  },
  {
    how: "another input in place of the default",
    head: `$input: SetConsentInput! = { subjectId: ${other()}, WISH }`,
    input: "$input",
    variables: (input) => ({ input }),
  },
  {
    how: "a variable that nothing uses",
    variables: () => ({ id: otherId(), subjectId: otherId(), input: { subjectId: otherId() } }),
  },
];

/** Ways to name another person, so that a reader who is careless believes that nobody is. */
const ofAnother = (): readonly Saying[] => [
  { how: "an id", named: `subjectId: ${other()}` },
  { how: "an id as a block text", named: `subjectId: """${otherId()}"""` },
  { how: "nothing between quotes", named: 'subjectId: ""' },
  { how: "zero", named: "subjectId: 0" },
  { how: "a default", head: `$id: ID = ${other()}`, named: "subjectId: $id" },
  {
    how: "a default besides an id",
    head: "$id: ID = null",
    named: "subjectId: $id",
    variables: () => ({ id: otherId() }),
  },
  {
    how: "a number",
    head: "$id: ID",
    named: "subjectId: $id",
    variables: () => ({ id: 0 }),
  },
  {
    how: "a default of the whole input",
    head: `$input: SetConsentInput! = { subjectId: ${other()}, WISH }`,
    input: "$input",
  },
  {
    how: "an input in place of the default",
    head: `$input: SetConsentInput! = { WISH }`,
    input: "$input",
    variables: (input) => ({ input: { ...input, subjectId: otherId() } }),
  },
];

let asked = 0;

/** In what is written, WISH stands for a yes or no that is new; each document is its own, so that each is decided anew. */
async function say(caller: Caller, { head, named = "", input, variables }: Saying, beside = "") {
  const wish = { purpose: "PROFILE_TAILORING", given: asked++ % 2 === 0 };
  const field = `setConsent(input: ${input ?? `{ ${named} WISH }`}) { __typename }`;
  const document = `mutation Say${asked}${head ? `(${head})` : ""} { a: ${field} ${beside} }`.replaceAll(
    "WISH",
    `purpose: ${wish.purpose}, given: ${wish.given}`,
  );
  return send(caller, { document, variables: variables?.(wish) ?? {} });
}

async function send(caller: Caller, request: Request) {
  const answer = await stage.attack(caller, request);
  stage.expectNoLeak(answer, request);
  return { data: answer.data ?? null, codes: answer.errors?.map(({ extensions }) => extensions.code) };
}

/** Whose ledger has grown meanwhile. */
async function whoSaid(work: () => Promise<void>): Promise<readonly string[]> {
  const count = async () => {
    const rows = await stage.gateway.rows<{ id: string; n: number }>(
      "select subject_id as id, count(*)::int as n from consent_event group by 1",
    );
    return new Map(rows.map(({ id, n }) => [id, n]));
  };
  const before = await count();
  await work();
  return [...(await count())].flatMap(([id, n]) => (before.get(id) === n ? [] : [id]));
}

const done = { data: { a: { __typename: "SetConsentPayload" } }, codes: undefined };
const refused = ({ as }: Caller) => ({
  data: null,
  codes: [as === null ? "UNAUTHENTICATED" : "FORBIDDEN"],
});
const actsAsSelf = ({ roles }: Caller) => roles.has("SUBJECT");
/** Who may act for another, where a request is named too. */
const isOfficer = ({ roles }: Caller) => roles.has("DPO");

test("whoever names nobody acts for themself, if they are a person, and for nobody else", async () => {
  for (const caller of callers) {
    for (const saying of ofOneself()) {
      const self = actsAsSelf(caller) && caller.self ? [stage.personOf(caller.self).id] : [];
      const said = await whoSaid(async () => {
        const answer = await say(caller, saying);
        expect({ by: caller.name, how: saying.how, ...answer }).toEqual({
          by: caller.name,
          how: saying.how,
          ...(actsAsSelf(caller) ? done : refused(caller)),
        });
      });
      expect(said).toEqual(self);
    }
  }
}, 60_000);

test("whoever names another never acts for themself, and for the other only on a request of theirs", async () => {
  const before = await stage.state();
  for (const caller of callers) {
    for (const saying of ofAnother()) {
      const answer = await say(caller, saying);
      const expected = isOfficer(caller) ? { data: null, codes: ["BAD_USER_INPUT"] } : refused(caller);
      expect({ by: caller.name, how: saying.how, ...answer }).toEqual({
        by: caller.name,
        how: saying.how,
        ...expected,
      });
    }
  }
  expect(await stage.state()).toEqual(before);
}, 60_000);

test("a request is acted on for the person that it is of, who must be named: nobody acts for themself by mistake", async () => {
  const before = await stage.state();
  const kari = stage.personOf(targets.kari);
  for (const caller of callers.filter(actsAsSelf)) {
    const self = stage.personOf(caller.self ?? expect.fail());
    for (const id of [
      kari.requests.request,
      self.requests.request,
      self.requests.closed,
      ...stage.strangers.map(({ requests }) => requests.request),
    ]) {
      for (const named of ["", "subjectId: null"]) {
        const request = `requestId: ${JSON.stringify(id)}`;
        const answer = await say(caller, { how: "", named: `${named} ${request}` });
        expect({ id, ...answer }).toEqual({ id, data: null, codes: ["BAD_USER_INPUT"] });
      }
    }
  }
  expect(await stage.state()).toEqual(before);
}, 30_000);

test("where one of two is refused, neither is done", async () => {
  const before = await stage.state();
  const second = `b: setConsent(input: { subjectId: ${other()}, WISH }) { __typename }`;
  for (const caller of callers.filter((each) => !isOfficer(each)))
    expect(await say(caller, { how: "" }, second)).toEqual(refused(caller));
  expect(await stage.state()).toEqual(before);
});

test("what has been decided of a document for one is not said to another, nor of other variables", async () => {
  const document = `mutation One($id: ID, $given: Boolean!) {
      a: setConsent(input: { subjectId: $id, purpose: PROFILE_TAILORING, given: $given }) { __typename } }
    mutation Two($given: Boolean!) {
      a: setConsent(input: { subjectId: ${other()}, purpose: PROFILE_TAILORING, given: $given }) { __typename } }`;
  const [subject, support] = ["SUBJECT", "SUPPORT"].map(
    (name) => callers.find((caller) => caller.name === name) ?? expect.fail(),
  );
  const ask = async (caller: Caller | undefined, operationName: string, variables: object) => {
    const { data, errors } = await stage.gateway.query(document, variables, {
      as: caller?.as ?? null,
      operationName,
    });
    return data ? "done" : errors?.[0]?.extensions.code;
  };
  const self = stage.personOf(subject?.self ?? expect.fail()).id;
  const said = await whoSaid(async () => {
    expect(await ask(subject, "One", { given: false })).toBe("done");
    expect(await ask(subject, "One", { given: true, id: otherId() })).toBe("FORBIDDEN");
    expect(await ask(support, "One", { given: true })).toBe("FORBIDDEN");
    expect(await ask(subject, "Two", { given: true })).toBe("FORBIDDEN");
    expect(await ask(subject, "One", { given: true })).toBe("done");
    expect(await ask(undefined, "One", { given: false })).toBe("UNAUTHENTICATED");
  });
  expect(said).toEqual([self]);
});
