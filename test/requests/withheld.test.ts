import { afterAll, beforeAll, expect, it } from "vitest";
import { omission } from "../../src/sources/withheld.ts";
import { ask, idOf } from "./rights.ts";
import { dpo, kari, openWorld, type World } from "./world.ts";

let world: World;
let id: string;
beforeAll(async () => {
  world = await openWorld({
    config: (config) => ({ ...config, exports: { ...config.exports, perDay: 100 } }),
  });
  id = await idOf(world, kari);
});
afterAll(() => world[Symbol.asyncDispose]());

const named = "Per Berg, per.berg@example.com, tlf. 912 00 112";
const text = `Fakturaen skulle gått til kollegaen min ${named}.`;
const shown = `Fakturaen skulle gått til kollegaen min ${omission}.`;
const because = "Avsnittet gjelder en kollega av deg.";
const spans = [{ start: text.indexOf(named), length: named.length }];

interface Answered {
  readonly __typename: string;
  readonly code?: string;
  readonly rule?: string;
  readonly field?: string;
  readonly withheld?: { readonly id: string; readonly spans: number };
}

async function call(
  mutation: "withhold" | "release",
  input: object,
  as = dpo,
): Promise<{ readonly status: number; readonly answer: Answered | undefined; readonly text: string }> {
  const type = mutation === "withhold" ? "WithholdInput!" : "ReleaseInput!";
  const { data, status, text } = await world.gateway.query<Record<string, Answered>>(
    `mutation($input: ${type}) { ${mutation}(input: $input) { __typename
      ... on WithholdPayload { withheld { id source recordType field spans ground because at } }
      ... on Refusal { code rule field message } } }`,
    { input },
    { as },
  );
  return { status, answer: data?.[mutation], text };
}

const withhold = (requestId: string, more: object = {}, as = dpo) =>
  call(
    "withhold",
    {
      subjectId: id,
      requestId,
      source: "crm",
      recordType: "conversations",
      field: "body",
      text,
      spans,
      because,
      ...more,
    },
    as,
  );

const own =
  "crm { conversations(first: 500) { edges { node { subject body } } } } withheld { source recordType field spans ground because }";
const asked = async (root: string, as: string) => {
  const answer = await world.gateway.query<Record<string, any>>(`{ ${root} { ${own} } }`, {}, { as });
  const person = answer.data?.[root.split("(")[0] ?? ""];
  return {
    bodies: person.crm.conversations.edges.map(({ node }: any) => node.body) as string[],
    withheld: person.withheld as unknown[],
    text: answer.text,
  };
};
const seenByKari = () => asked("me", kari);
const seenByStaff = () => asked(`dataSubject(id: "${id}", purpose: DATA_SUBJECT_RIGHTS)`, dpo);

it("works", async () => {
  const { request } = await ask(world, "requestExport", { format: "JSON" }, { as: kari });
  expect((await seenByKari()).bodies).toContain(text);
  const made = await withhold(request.id);
  console.log(made.text);
  const seen = await seenByKari();
  console.log(JSON.stringify(seen.withheld));
  expect(seen.bodies).toContain(shown);
  expect(seen.text).not.toContain("Per Berg");
  expect((await seenByStaff()).bodies).toContain(text);
});
