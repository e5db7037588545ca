import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { argumentsOf, type Whom } from "./attacks/arguments.ts";
import { type Caller, callers, targets } from "./attacks/persons.ts";
import { actsFor, wishes } from "./attacks/naming.ts";
import { points, setStage, type Stage, whomOf } from "./attacks/stage.ts";
import { plain } from "./attacks/values.ts";
import { type Hostile, mark } from "./hostile/inputs.ts";
import { others } from "./hostile/others.ts";
import { policies } from "./hostile/policies.ts";
import { change, rectifying } from "./hostile/rectifying.ts";

let stage: Stage;
let before: Awaited<ReturnType<Stage["state"]>>;
beforeAll(async () => {
  stage = await setStage({ logLevel: "trace" });
  before = await stage.state();
});
afterAll(() => stage[Symbol.asyncDispose]());

const all = [...rectifying, ...others, ...policies];

interface Answered {
  readonly code: string;
  readonly rule: string | null;
  readonly field: string | null;
  readonly message: string;
}

async function send(caller: Caller, { mutation, input }: Pick<Hostile, "mutation" | "input">, whom: Whom) {
  const point = points.find(({ name }) => name === mutation) ?? expect.fail(mutation);
  const [given] = argumentsOf(point, whom, "");
  const document = `mutation Hostile($input: ${given?.type ?? ""}) {
    ${mutation}(input: $input) { __typename ... on Refusal { code rule field message } } }`;
  const variables = { input: { ...(plain(given?.value) as object), ...input } };
  return stage.attack(caller, { document, variables });
}

async function expectRefused(caller: Caller, hostile: Hostile, whom: Whom): Promise<void> {
  const { mutation, expected } = hostile;
  const { data, errors, text, status } = await send(caller, hostile, whom);
  expect(text).not.toContain(mark);
  if ("error" in expected) {
    expect([status, data ?? null], text).toEqual([400, null]);
    expect(new Set(errors?.map(({ extensions }) => extensions.code))).toEqual(new Set([expected.error]));
    const named = `${errors?.[0]?.extensions["argument"]} ${errors?.[0]?.message}`;
    if (expected.at !== undefined) expect(named).toContain(expected.at);
    return;
  }
  const answered = data as Readonly<Record<string, Answered & { __typename: string }>> | null | undefined;
  const { __typename, message, ...told } = answered?.[mutation] ?? expect.fail(text);
  expect({ __typename, ...told }).toEqual({ __typename: "Refusal", ...expected });
  expect(message.length).toBeGreaterThan(10);
}

describe.each(Object.keys(wishes).filter((name) => all.some(({ mutation }) => mutation === name)))(
  "hostile input to %s",
  (name) => {
    const hostile = all.filter(({ mutation }) => mutation === name);
    const dpo = callers.find((caller) => caller.name === "DPO") ?? expect.fail();
    const subject = callers.find((caller) => caller.name === "SUBJECT") ?? expect.fail();

    test.each(hostile)("$what", async (each) => {
      // What nobody else may say for the person.
      const caller = name === "agreeToPrivacyPolicy" ? subject : dpo;
      await expectRefused(caller, each, whomOf(stage.personOf(targets.kari)));
      // The person's own: nobody is named.
      if (actsFor(name) && name !== "withhold")
        await expectRefused(subject, each, { email: subject.as ?? "", plan: "none" });
    });

    test("has changed nothing, and stands in no line of the log", async () => {
      expect(await stage.state()).toEqual(before);
      expect(stage.gateway.lines.length).toBeGreaterThan(hostile.length);
      expect(stage.gateway.lines.join("").toLowerCase()).not.toMatch(/zebra|fisk/);
    });
  },
);

describe("hostile input to all of them", () => {
  const kari = targets.kari.email;
  const post = async (body: string) =>
    stage.gateway.send({
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${await stage.gateway.token(kari)}`,
      },
      body,
    });
  const rectify = "mutation ($input: RectifyInput!) { rectify(input: $input) { __typename } }";

  test.each([
    [
      "10,000 changes",
      JSON.stringify({ changes: Array.from({ length: 10_000 }, () => change) }),
      "LIMIT_EXCEEDED",
    ],
    ["a prototype", `{"changes":[],"__proto__":{"subjectId":"${mark}"}}`, "BAD_USER_INPUT"],
    ["a constructor", `{"changes":[],"constructor":{"prototype":{"subjectId":"${mark}"}}}`, "BAD_USER_INPUT"],
    ["what is twice", `{"changes":[],"changes":"${mark}"}`, "BAD_USER_INPUT"],
    ["a list as the input", `[{"changes":[]},"${mark}"]`, "BAD_USER_INPUT"],
    ["a text as the input", `"${mark}"`, "BAD_USER_INPUT"],
    ["null as the input", "null", "BAD_USER_INPUT"],
  ])("%s is refused before it is read", async (_, input, code) => {
    const { status, data, errors, text } = await post(
      `{"query":${JSON.stringify(rectify)},"variables":{"input":${input}}}`,
    );
    expect([status >= 400 && status < 500, data ?? null], text).toEqual([true, null]);
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual([code]);
    expect(text).not.toContain(mark);
  });

  test("more of them than one operation may hold are refused as a whole", async () => {
    const fields = Array.from(
      { length: 500 },
      (_, n) => `a${n}: rectify(input: { changes: [{ field: NAME, value: "${mark}" }] }) { __typename }`,
    );
    const { data, errors } = await post(JSON.stringify({ query: `mutation { ${fields.join(" ")} }` }));
    expect([data ?? null, errors?.[0]?.extensions.code]).toEqual([null, "LIMIT_EXCEEDED"]);
  });

  test("has changed nothing, and stands in no line of the log", async () => {
    expect(await stage.state()).toEqual(before);
    expect(stage.gateway.lines.join("").toLowerCase()).not.toMatch(/zebra|fisk/);
  });
});
