import { afterAll, beforeAll, expect, it } from "vitest";
import { accountNamespace } from "../../src/demo/identity/settings.ts";
import { createPeople } from "../../src/subjects/people.ts";
import { openRegister } from "../setup/register.ts";
import { ask, idOf, letter } from "./rights.ts";
import { dpo, kari, openWorld, type Payload, rectify, request, type World } from "./world.ts";

let world: World;
beforeAll(async () => void (world = await openWorld()));
afterAll(() => world[Symbol.asyncDispose]());

const meta = "Meta Platforms Ireland Ltd";

interface Answered {
  readonly outcomes: readonly { readonly source: string; readonly result: string }[];
}

async function setConsent(given: boolean): Promise<Answered["outcomes"]> {
  const answer = await world.gateway.query<{ setConsent: Answered }>(
    `mutation($input: SetConsentInput!) { setConsent(input: $input) {
      ... on SetConsentPayload { outcomes { source result } } } }`,
    { input: { purpose: "PARTNER_MARKETING", given } },
    { as: kari },
  );
  if (!answer.data) throw new Error(answer.text);
  return answer.data.setConsent.outcomes;
}

async function told(): Promise<readonly string[]> {
  const { data } = await world.gateway.query<{
    me: { recipients: { name: string; told: { event: string }[] }[] };
  }>("{ me { recipients { name told { event } } } }", {}, { as: kari });
  return (data?.me.recipients ?? []).flatMap(({ name, told: all }) =>
    all.map(({ event }) => `${name} ${event}`),
  );
}

const events = async () => (await world.gateway.outside.notices()).map(({ event }) => event);

async function eventually(read: () => Promise<readonly string[]>, count: number): Promise<readonly string[]> {
  for (const end = Date.now() + 15_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const found = await read();
    if (found.length >= count || Date.now() > end) return found;
  }
}

it("whoever never had the person's data is told nothing of her", async () => {
  const { request } = await rectify(world, [{ field: "JOB_TITLE", value: "Leiar" }]);
  expect(request.steps.filter(({ action }) => action === "NOTIFY")).toEqual([]);
  expect(await events()).toEqual([]);
});

it("a yes reaches the partner, with whom it is about", async () => {
  expect(await setConsent(true)).toEqual([{ source: meta, result: "DONE" }]);
  const [notice] = await world.gateway.outside.notices();
  expect(notice).toMatchObject({ event: "CONSENT_GIVEN", purpose: "PARTNER_MARKETING", deliveries: 1 });
  expect(notice?.identifiers).toContainEqual({ kind: "EMAIL", value: kari });
  expect(await told()).toEqual([`${meta} CONSENT_GIVEN`]);
});

it("what is corrected after that reaches it as well", async () => {
  await rectify(world, [{ field: "PHONE", value: "+47 400 00 009" }]);
  await eventually(events, 2);
  expect((await world.gateway.outside.notices())[1]).toMatchObject({
    event: "RECTIFICATION",
    changes: [{ field: "PHONE", value: "+4740000009" }],
  });
});

it("what it was never given, and by what it does not know her, it is not told", async () => {
  const { request } = await rectify(world, [{ field: "ORGANISATION", value: "Nordmann AS" }]);
  expect(request.steps.filter(({ action }) => action === "NOTIFY")).toEqual([]);
  for (const { identifiers } of await world.gateway.outside.notices())
    expect(new Set(identifiers.map(({ kind }) => kind))).toEqual(new Set(["EMAIL"]));
});

it("a withdrawal waits for a partner that is down, and is told once", async () => {
  await world.gateway.outside.open("partner", false);
  expect(await setConsent(false)).toEqual([{ source: meta, result: "PENDING" }]);
  expect(await events()).toHaveLength(2);
  await world.gateway.outside.open("partner", true);
  expect(await eventually(events, 3)).toEqual(["CONSENT_GIVEN", "RECTIFICATION", "CONSENT_WITHDRAWN"]);
  expect((await world.gateway.outside.notices()).map(({ deliveries }) => deliveries)).toEqual([1, 1, 1]);
  expect(await eventually(told, 3)).toContain(`${meta} CONSENT_WITHDRAWN`);
});

it("after a withdrawal it is told that what it had is wrong, and not what would be right", async () => {
  await rectify(world, [{ field: "PHONE", value: "+47 400 00 010" }]);
  await eventually(events, 4);
  expect((await world.gateway.outside.notices())[3]?.changes).toEqual([{ field: "PHONE" }]);
});

it("a restriction, and its end, reach it", async () => {
  const restrict =
    "mutation($input: RestrictProcessingInput!) { restrictProcessing(input: $input) { __typename } }";
  await world.gateway.query(restrict, { input: { reason: "Feil adresse" } }, { as: kari });
  await world.gateway.query("mutation { liftRestriction(input: {}) { __typename } }", {}, { as: kari });
  expect((await eventually(events, 6)).slice(4)).toEqual(["RESTRICTION", "RESTRICTION_LIFTED"]);
});

it("that one of two systems is free again does not, before the other is as well", async () => {
  const restrict =
    "mutation($input: RestrictProcessingInput!) { restrictProcessing(input: $input) { __typename } }";
  const input = { reason: "Feil adresse", sources: ["crm", "learning"] };
  await world.gateway.query(restrict, { input }, { as: kari });
  const lift = async (source: string) => {
    const { data } = await world.gateway.query<{ liftRestriction: { request: Payload["request"] } }>(
      `mutation { liftRestriction(input: { sources: ["${source}"] }) { ... on RequestPayload { request { ${request} } } } }`,
      {},
      { as: kari },
    );
    return data?.liftRestriction.request;
  };
  const part = await lift("learning");
  expect(part?.status).toBe("COMPLETED");
  expect(part?.steps.find(({ source }) => source === meta)).toMatchObject({
    action: "NOTIFY",
    state: "SKIPPED",
    outcome: { result: "ABSENT", detail: expect.stringMatching(/still restricted/) },
  });
  await lift("crm");
  expect((await eventually(events, 8)).slice(6)).toEqual(["RESTRICTION", "RESTRICTION_LIFTED"]);
});

it("an objection to its purpose reaches it at once", async () => {
  const object =
    "mutation($input: ObjectToProcessingInput!) { objectToProcessing(input: $input) { __typename } }";
  await world.gateway.query(object, { input: { purpose: "PARTNER_MARKETING" } }, { as: kari });
  const [notice] = (await world.gateway.outside.notices()).slice(8);
  expect(notice).toMatchObject({ event: "OBJECTION", purpose: "PARTNER_MARKETING" });
});

it("an address that is new since the withdrawal is none of its business", async () => {
  const { id: requestId } = await letter(world, "RESTRICTION", kari);
  const subjectId = await idOf(world, kari);
  const [, payload = ""] = (await world.gateway.token(kari)).split(".");
  const { sub } = JSON.parse(Buffer.from(payload, "base64url").toString()) as { sub: string };
  await using register = await openRegister(world.gateway);
  // As when the issuer has verified another address in place of the one before.
  await createPeople(register).ofCaller({
    sub,
    namespace: accountNamespace,
    name: null,
    roles: new Set(["SUBJECT"]),
    identifiers: [{ kind: "EMAIL", value: "kari.ny@example.com" }],
    authenticatedAt: null,
    authenticationContext: null,
  });
  const before = (await events()).length;
  await ask(world, "restrictProcessing", { subjectId, requestId, reason: "Feil adresse" }, { as: dpo });
  expect(await eventually(events, before + 1)).toHaveLength(before + 1);
  const [notice] = (await world.gateway.outside.notices()).slice(before);
  expect(notice?.identifiers).toEqual([{ kind: "EMAIL", value: kari }]);
});

it("the notice names authorities that may order data, of which categories, and what test data is made from", async () => {
  const { data, text } = await world.gateway.query<{
    me: {
      notice: {
        purposes: readonly { purpose: string; categories: readonly string[] }[];
        recipients: readonly { name: string; role: string }[];
      };
    };
  }>(
    `{ me { notice { purposes { purpose categories }
       recipients { name role country purposes since lastAt told { at } legalGround categories } } } }`,
    {},
    { as: kari, headers: { "accept-language": "nn" } },
  );
  const { purposes, recipients } = data?.me.notice ?? expect.fail(text);
  expect(recipients.filter(({ role }) => role === "AUTHORITY")).toEqual([
    {
      name: "Offentlege styresmakter i Noreg som pålegg utlevering",
      role: "AUTHORITY",
      country: "NO",
      purposes: ["DISCLOSURE_TO_AUTHORITIES"],
      since: null,
      lastAt: null,
      told: [],
      legalGround: null,
      categories: [],
    },
  ]);
  const of = (wanted: string) => purposes.find(({ purpose }) => purpose === wanted)?.categories;
  expect(of("DISCLOSURE_TO_AUTHORITIES")).toEqual(expect.arrayContaining(["PURCHASE", "SPECIAL_NEED"]));
  expect(of("TESTING")).toEqual(expect.arrayContaining(["IDENTITY", "PURCHASE", "TECHNICAL"]));
  expect(of("TESTING")).not.toContain("SPECIAL_NEED");
});

it("how the partner is reached is neither shown nor logged, nor whom it was told of", async () => {
  const { text } = await world.gateway.query(
    "{ me { notice { recipients { name role country purposes } transfers { name transferSafeguard } } } }",
    {},
    { as: kari },
  );
  expect(text).toContain(meta);
  const said = [text, ...world.gateway.lines].join("\n");
  for (const secret of ["s3cret", "/notices", "40000009", kari]) expect(said).not.toContain(secret);
});
