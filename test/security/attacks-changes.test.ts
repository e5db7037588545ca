import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Purpose } from "../../src/access/vocabulary.ts";
import { type Call, deliveries, type Delivery, requestOf } from "./attacks/deliveries.ts";
import { argumentsOf } from "./attacks/entry-points.ts";
import * as expected from "./attacks/expected.ts";
import { callers, targets } from "./attacks/persons.ts";
import { prune, type Tree } from "./attacks/selections.ts";
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

/** Of everything that the gateway's database holds of persons. */
async function registerState(): Promise<string> {
  const tables = [
    "subject",
    "sign_in",
    "identifier",
    "match_decision",
    "match_review",
    "consent_event",
    "restriction",
  ];
  const counted = tables.map(
    (table) =>
      `select '${table}' as name, count(*), md5(string_agg(t::text, ' ' order by t::text)) from ${table} t`,
  );
  return JSON.stringify(await stage.gateway.rows(counted.join(" union all ")));
}

describe("no attack changes anything", () => {
  const changing = points.filter(({ root, names }) => root === "Mutation" && names.length > 0);
  const idOf = treeOfPoint(pointOf("linkIdentity"));
  const little = idOf && prune(idOf, (coordinate) => /^(DataSubject\.id|Refusal\..*)$/.test(coordinate));

  test("by whoever may not, whomever it names, however it is delivered", async () => {
    const named = [...Object.values(targets).map(stage.personOf), ...stage.strangers];
    const before = await registerState();
    const asked = changing.flatMap((point) =>
      callers.flatMap((caller) => deliveries.map((delivery, n) => ({ point, caller, delivery, n }))),
    );
    await eachAtOnce(asked, async ({ point, caller, delivery, n }) => {
      const may = expected.reference.mayRead(
        expected.capacityOf(caller, "DATA_SUBJECT_RIGHTS"),
        `Mutation.${point.name}`,
      );
      if (may) return;
      const some = [
        named[n % named.length] ?? expect.fail(),
        ...(caller.self ? [stage.personOf(caller.self)] : []),
      ];
      const calls = some.map((whom, i): Call => ({
        alias: `a${i}`,
        field: point.name,
        given: argumentsOf(point, whom, ""),
        selection: little,
      }));
      const request = requestOf("Mutation", calls, delivery);
      const answer = await stage.attack(caller, request);
      expect(answer.data ?? null).toBeNull();
      const code = caller.as === null ? "UNAUTHENTICATED" : "FORBIDDEN";
      expect(answer.errors?.map(({ extensions }) => extensions.code)).toEqual([code]);
      stage.expectNoLeak(answer, request);
    });
    expect(await registerState()).toBe(before);
  }, 30_000);

  test("by who may, with an id of nobody, an identifier that is none, or a field that they may not see", async () => {
    const officers = callers.filter(({ roles }) => roles.has("DPO"));
    const kari = stage.personOf(targets.kari);
    const before = await registerState();
    for (const point of changing) {
      for (const caller of officers) {
        const ask = async (whom: Pick<Named, "id" | "email">, selection: Tree | null, delivery: Delivery) => {
          const call = { alias: "a", field: point.name, given: argumentsOf(point, whom, ""), selection };
          const request = requestOf("Mutation", [call], delivery);
          const answer = await stage.attack(caller, request);
          stage.expectNoLeak(answer, request);
          expect(answer.data ?? null).toBeNull();
          return answer.errors?.map(({ extensions }) => extensions.code);
        };
        for (const { id, target } of stage.strangers) {
          if (target !== null) continue;
          for (const delivery of deliveries)
            expect(await ask({ id, email: kari.email }, little, delivery)).toEqual(["NOT_FOUND"]);
        }
        expect(await ask(kari, treeOfPoint(point), "variable")).toEqual(["FORBIDDEN"]);
        if (point.names.includes("input.identifier"))
          expect(await ask({ ...kari, email: "no address" }, little, "literal")).toEqual(["BAD_USER_INPUT"]);
      }
    }
    expect(await registerState()).toBe(before);
  }, 30_000);

  test("when it comes by GET, with or without what a browser would be asked for first", async () => {
    const before = await registerState();
    const dpo = callers.find(({ name }) => name === "DPO") ?? expect.fail();
    const kari = stage.personOf(targets.kari);
    for (const point of changing) {
      const call = { alias: "a", field: point.name, given: argumentsOf(point, kari, ""), selection: little };
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
    }
    expect(await registerState()).toBe(before);
  });
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
