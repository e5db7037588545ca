import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { followed } from "../http/followed.ts";
import { argumentsOf } from "./attacks/arguments.ts";
import { deliveries, requestOf } from "./attacks/deliveries.ts";
import { type Caller, callers, targets } from "./attacks/persons.ts";
import { project, prune, type Tree } from "./attacks/selections.ts";
import {
  eachAtOnce,
  type Named,
  pointOf,
  type Requests,
  setStage,
  type Stage,
  treeOfPoint,
  whomOf,
} from "./attacks/stage.ts";

const request = pointOf("request");
/** All of a request, and of its person the id alone. */
const selection: Tree =
  prune(
    treeOfPoint(request) ?? expect.fail(),
    (coordinate) => coordinate === "DataSubject.id" || !coordinate.startsWith("DataSubject."),
  ) ?? expect.fail();

let stage: Stage;
/** Whom the attacks are about: the targets, and those callers who are persons themselves. */
let persons: readonly Named[];
/** Each person's requests as they see them in their own branch, by id. */
let seen: ReadonlyMap<string, unknown>;
beforeAll(async () => {
  stage = await setStage();
  const selves = callers.flatMap(({ self }) => self ?? []);
  persons = [...Object.values(targets), ...selves].map(stage.personOf);
  seen = new Map((await Promise.all(persons.map(seenBy))).flat());
});
afterAll(() => stage[Symbol.asyncDispose]());

async function seenBy({ id, email }: Named): Promise<readonly (readonly [string, unknown])[]> {
  const node = prune(selection, (coordinate) => coordinate !== "DataSubjectRequest.subject");
  const asked = requestOf("Query", [{ alias: "a", field: "x", given: [], selection: node }], "literal");
  const fields = asked.document.slice(asked.document.indexOf("a: x") + 4, asked.document.lastIndexOf("}"));
  const { data, text } = await stage.gateway.query<{
    me: { requests: { edges: readonly { node: { id: string } }[] } };
  }>(`{ me { requests(first: 10) { edges { node ${fields} } } } }`, {}, { as: email });
  const edges = data?.me.requests.edges ?? expect.fail(text);
  return edges.map(({ node: found }) => [found.id, { ...found, subject: { id } }]);
}

const every = ({ closed, ...requests }: Requests) => [...everyOpen(requests), closed];

const everyOpen = ({
  request: open,
  undecided,
  unproven,
  letter,
  copy,
  scheduled,
}: Pick<Requests, "request" | "undecided" | "unproven" | "letter" | "copy" | "scheduled">) => [
  open,
  undecided,
  unproven,
  letter,
  copy,
  ...(scheduled === undefined ? [] : [scheduled]),
];

/** Null: it is shown. */
function refusalOf({ as, roles, self }: Caller, id: string): string | null {
  if (as === null) return "UNAUTHENTICATED";
  const isStaff = [...roles].some((role) => role !== "SUBJECT");
  if (isStaff ? !roles.has("DPO") : !roles.has("SUBJECT")) return "FORBIDDEN";
  const own = self ? every(stage.personOf(self).requests) : [];
  return (isStaff ? seen.has(id) : own.includes(id)) ? null : "NOT_FOUND";
}

describe("a request", () => {
  test("is shown to the person and the DPO, and to nobody else, however it is asked for", async () => {
    const ids = [...persons, ...stage.strangers].flatMap((whom) =>
      every(whom.requests).map((id) => ({ whom, id })),
    );
    const asked = callers.flatMap((caller, c) =>
      ids.map((each, n) => ({ ...each, caller, delivery: deliveries[(c + n) % deliveries.length] })),
    );
    const outcomes = new Set<string | null>();
    await eachAtOnce(asked, async ({ caller, whom, id, delivery = "literal" }) => {
      const given = argumentsOf(request, { ...whomOf(whom), request: id }, "");
      const made = requestOf("Query", [{ alias: "a", field: "request", given, selection }], delivery);
      const answer = await stage.attack(caller, made);
      stage.expectNoLeak(answer, made);
      const refusal = refusalOf(caller, id);
      outcomes.add(refusal);
      const { a = null } = (answer.data ?? {}) as { a?: unknown };
      const where = `${caller.name}, ${delivery}: ${whom.name}`;
      expect({
        where,
        shown: a,
        codes: answer.errors?.map(({ extensions }) => extensions.code) ?? [],
      }).toEqual({
        where,
        shown: refusal === null ? project(selection, seen.get(id), "whole") : null,
        codes: refusal === null ? [] : [refusal],
      });
    });
    expect(outcomes).toEqual(new Set([null, "UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND"]));
  }, 60_000);

  test("is followed by the person and the DPO, and by nobody else", async () => {
    const [kari, siv] = [stage.personOf(targets.kari), stage.personOf(targets.siv)];
    const nobody = stage.strangers.map(({ requests }) => requests.closed);
    await eachAtOnce(callers, async (caller) => {
      const own = caller.self ? [stage.personOf(caller.self).requests.closed] : [];
      for (const id of [kari.requests.closed, siv.requests.closed, ...nobody, ...own]) {
        const stream = await followed(stage.gateway, id, { as: caller.as });
        const events = await stream.rest();
        const refusal = refusalOf(caller, id);
        const told = events.map(({ name, data }) =>
          name === "next" ? (data?.errors?.[0]?.extensions.code ?? data?.data?.requestProgress.id) : name,
        );
        expect({ by: caller.name, told }).toEqual({ by: caller.name, told: [refusal ?? id, "complete"] });
        if (refusal !== null) expect(stream.text()).not.toContain(kari.id);
      }
    });
  }, 60_000);
});

describe("the work list", () => {
  const document = `query ($after: String, $filter: RequestFilter) {
    requests(filter: $filter, first: 20, after: $after) {
      totalCount edges { node { id subject { id } } } pageInfo { endCursor } } }`;
  interface Page {
    readonly requests: {
      readonly totalCount: number;
      readonly edges: readonly { readonly node: { readonly id: string; readonly subject: { id: string } } }[];
      readonly pageInfo: { readonly endCursor: string | null };
    };
  }
  const page = (caller: Caller, variables: object = {}) =>
    stage.gateway.query<Page>(document, variables, { as: caller.as });
  const isDpo = ({ roles }: Caller) => roles.has("DPO");

  test("is the DPO's alone, and has whatever is open of everybody", async () => {
    const open = persons.flatMap(({ id, requests }) => everyOpen(requests).map((each) => `${each} of ${id}`));
    for (const caller of callers) {
      const answer = await page(caller);
      if (!isDpo(caller)) {
        const code = caller.as === null ? "UNAUTHENTICATED" : "FORBIDDEN";
        expect([answer.data ?? null, answer.errors?.map(({ extensions }) => extensions.code)]).toEqual([
          null,
          [code],
        ]);
        continue;
      }
      const found: string[] = [];
      for (let next = answer; next.data && next.data.requests.edges.length > 0;) {
        const { edges, pageInfo, totalCount } = next.data.requests;
        expect(totalCount).toBe(open.length);
        found.push(...edges.map(({ node }) => `${node.id} of ${node.subject.id}`));
        next = await page(caller, { after: pageInfo.endCursor });
      }
      expect(found.toSorted()).toEqual(open.toSorted());
    }
  }, 30_000);

  test("shows nothing for a filter that fits nothing, and breaks on none", async () => {
    const dpo = callers.find(({ name }) => name === "DPO") ?? expect.fail();
    for (const filter of [
      { kinds: [] },
      { statuses: [] },
      { kinds: [], statuses: [] },
      { kinds: ["PORTABILITY"] },
    ]) {
      const { data, text } = await page(dpo, { filter });
      expect(data?.requests, text).toMatchObject({ totalCount: 0, edges: [] });
    }
    for (const filter of [
      { kinds: ["constructor"] },
      { statuses: ["__proto__"] },
      { dueBefore: "soon" },
      { dueBefore: "0000-00-00T00:00:00Z" },
      { dueBefore: -1 },
      { nothing: true },
      { kinds: Array.from({ length: 10_000 }, () => "ACCESS").concat("X") },
    ]) {
      const { status, errors } = await page(dpo, { filter });
      expect([status, errors?.[0]?.extensions.code]).toEqual([400, "BAD_USER_INPUT"]);
    }
    for (const filter of [null, {}, { kinds: null }, { dueBefore: "9999-12-31T23:59:59Z" }])
      expect((await page(dpo, { filter })).data?.requests.totalCount).toBe(
        persons.flatMap(({ requests }) => everyOpen(requests)).length,
      );
    expect((await page(dpo, { filter: { dueBefore: "0001-01-01T00:00:00Z" } })).data?.requests.edges).toEqual(
      [],
    );
  });
});

test("a cursor of another's list, or of another list, leads to nothing of theirs", async () => {
  const own = (as: string, after: string | null) =>
    stage.gateway.query<{
      me: { requests: { edges: { cursor: string; node: { id: string } }[] } };
    }>(
      "query ($after: String) { me { requests(first: 10, after: $after) { edges { cursor node { id } } } } }",
      { after },
      { as },
    );
  const [kari, eva] = [stage.personOf(targets.kari), stage.personOf(targets.eva)];
  const edges = (await own(kari.email, null)).data?.me.requests.edges ?? [];
  expect(edges).toHaveLength(every(kari.requests).length);
  for (const { cursor } of edges) {
    const { data } = await own(eva.email, cursor);
    for (const { node } of data?.me.requests.edges ?? []) expect(every(eva.requests)).toContain(node.id);
    const dpo = callers.find(({ name }) => name === "DPO")?.as ?? expect.fail();
    const list = await stage.gateway.query(
      "query ($after: String) { requests(after: $after) { totalCount } }",
      { after: cursor },
      { as: dpo },
    );
    expect(list.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", argument: "after" });
  }
});
