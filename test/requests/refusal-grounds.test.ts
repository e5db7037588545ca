import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RefusalGround } from "../../src/requests/refusal-grounds.ts";
import { ask, idOf, letter } from "./rights.ts";
import { dpo, kari, openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await idOf(world, kari);
});
afterAll(() => world[Symbol.asyncDispose]());

const explanation = "Dere har fått alt tre ganger i år.";
const turnDown = (id: string, legalGround: string | null) =>
  ask(world, "decideRequest", { id, approve: false, explanation, legalGround }, { as: dpo });
const unproven = { note: "Usignert" };

describe("what a request is turned down on", () => {
  it("is on the list, and fits it as it stands", async () => {
    const access = await letter(world, "ACCESS", kari);
    const nobodys = await letter(world, "PORTABILITY", kari, unproven);
    for (const ground of [null, "", "GDPR Art. 12(5)", "excessive", "constructor", "__proto__"])
      expect(await turnDown(access.id, ground)).toMatchObject({
        code: "INVALID_VALUE",
        rule: "NOT_A_GROUND",
        field: "legalGround",
        message: expect.stringMatching(/MANIFESTLY_UNFOUNDED.*EXCESSIVE.*COMPELLING_GROUNDS/),
      });
    for (const ground of ["COMPELLING_GROUNDS", "IDENTITY_NOT_ESTABLISHED"])
      expect(await turnDown(access.id, ground)).toMatchObject({ rule: "GROUND_DOES_NOT_FIT" });
    expect(await turnDown(nobodys.id, "COMPELLING_GROUNDS")).toMatchObject({ rule: "GROUND_DOES_NOT_FIT" });
    const approving = { id: access.id, approve: true, legalGround: "EXCESSIVE" };
    expect(await ask(world, "decideRequest", approving, { as: dpo })).toMatchObject({
      rule: "GROUND_TO_APPROVE",
      field: "legalGround",
    });
    const { rows } = world.gateway;
    expect(await rows("select from request where refusal_code is not null")).toEqual([]);
  });

  it.each([
    ["ACCESS", "RIGHTS_OF_OTHERS", "NO_LEGAL_GROUND", "GDPR Art. 15(4)", "adversely affect"],
    ["PORTABILITY", "RIGHTS_OF_OTHERS", "NO_LEGAL_GROUND", "GDPR Art. 20(4)", "adversely affect"],
    ["ERASURE", "LEGAL_OBLIGATION", "NO_LEGAL_GROUND", "GDPR Art. 17(3)(b)", "legal obligation"],
    ["RECTIFICATION", "MANIFESTLY_UNFOUNDED", "NO_LEGAL_GROUND", "GDPR Art. 12(5)(b)", "manifestly"],
    ["OBJECTION", "COMPELLING_GROUNDS", "NO_LEGAL_GROUND", "GDPR Art. 21(1)", "override"],
  ] as const)("%s, %s: is told in words, with its article", async (kind, ground, code, article, words) => {
    const { id } = await letter(world, kind, kari);
    await expectTold(id, ground, { code, article, words });
  });

  it("is that nobody has shown who asks, while nobody has", async () => {
    const { id } = await letter(world, "RESTRICTION", kari, unproven);
    const code = "IDENTITY_NOT_VERIFIED";
    await expectTold(id, "IDENTITY_NOT_ESTABLISHED", {
      code,
      article: "GDPR Art. 12(6)",
      words: "established",
    });
  });
});

async function expectTold(
  id: string,
  ground: RefusalGround,
  { code, article, words }: { readonly code: string; readonly article: string; readonly words: string },
) {
  await turnDown(id, ground);
  const told = async (language: string) => {
    const { data } = await world.gateway.query<{ request: { refusal: { message: string } } }>(
      `query($id: ID!) { request(id: $id) { refusal {
        code message legalGround complaintTo { name url } judicialRemedy } } }`,
      { id },
      { as: kari, headers: { "accept-language": language } },
    );
    return data?.request.refusal ?? expect.fail();
  };
  const english = await told("en");
  expect(english).toMatchObject({
    code,
    legalGround: article,
    message: expect.stringContaining(words),
    complaintTo: { name: "Datatilsynet", url: "https://www.datatilsynet.no" },
    judicialRemedy: expect.stringContaining("courts"),
  });
  expect(english.message.endsWith(`\n\n${explanation}`)).toBe(true);
  expect((await told("nn")).message).not.toBe((await told("nb")).message);
  // The words of staff lie under the person's key alone.
  const [row] = await world.gateway.rows("select * from request where id = $1", [id]);
  expect(JSON.stringify(row)).not.toContain("tre ganger");
}
