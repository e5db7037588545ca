import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, idOf, letter, look } from "./rights.ts";
import { dpo, kari, openWorld, outcomes, type World } from "./world.ts";

let world: World;
let id: string;
beforeAll(async () => {
  world = await openWorld({ replicas: 2 });
  id = await idOf(world, kari);
});
afterAll(() => world[Symbol.asyncDispose]());

const support = "support@intech.example";
const marketing = "marketing@intech.example";
const object = (purpose: string, reason: string | null = null, as = kari) =>
  ask(world, "objectToProcessing", { purpose, reason }, { as });

async function objections(as = kari) {
  const { data } = await world.gateway.query<{
    me: { objections: { purpose: string; reason: string | null; status: string; endedAt: string | null }[] };
  }>("{ me { objections { purpose reason status endedAt } } }", {}, { as });
  return data?.me.objections;
}

const engagement = async (replica = 0) => {
  const { data, errors } = await world.gateway.query<{ dataSubject: { mailing: object | null } | null }>(
    "query($id: ID!) { dataSubject(id: $id, purpose: NEWSLETTER) { mailing { address } } }",
    { id },
    { as: marketing, replica },
  );
  return data?.dataSubject?.mailing ? "SHOWN" : errors?.[0]?.extensions.code;
};

describe("an objection to direct marketing", () => {
  it("needs no reason, counts from the very next look on every replica, and stops the e-mail tool", async () => {
    expect(await engagement()).toBe("SHOWN");
    const { request } = await object("NEWSLETTER");
    expect(request).toMatchObject({ kind: "OBJECTION", status: "COMPLETED" });
    expect(outcomes({ request })).toEqual({ mailing: "DONE DONE" });
    // Not even the address, which is read without consent otherwise.
    expect(await engagement()).toBe("PROCESSING_RESTRICTED");
    expect(await engagement(1)).toBe("PROCESSING_RESTRICTED");
    const lists = await world.own<{ status: string }>(
      "mailing",
      `select l.status::text from subscriber_lists l join subscribers s on s.id = l.subscriber_id where lower(s.email) = $1`,
      [kari],
    );
    expect(new Set(lists.map(({ status }) => status))).toEqual(new Set(["unsubscribed"]));
    expect(await objections()).toMatchObject([{ purpose: "NEWSLETTER", status: "COMPLETED", endedAt: null }]);
  });

  it("is answered with the one that there is", async () => {
    const first = (await object("NEWSLETTER")).request.id;
    expect((await object("NEWSLETTER")).request.id).toBe(first);
    expect(await objections()).toHaveLength(1);
  });

  it("ends the consent in the ledger, and ends when the person says yes again", async () => {
    const { data } = await world.gateway.query<{ me: { consents: { purpose: string; status: string }[] } }>(
      "{ me { consents { purpose status } } }",
      {},
      { as: kari },
    );
    expect(data?.me.consents[0]).toEqual({ purpose: "NEWSLETTER", status: "WITHDRAWN" });
    await world.gateway.query(
      'mutation { setConsent(input: { purpose: NEWSLETTER, given: true, channel: "PORTAL" }) { __typename } }',
      {},
      { as: kari },
    );
    expect(await engagement()).toBe("SHOWN");
    expect((await objections())?.[0]?.endedAt).toEqual(expect.any(String));
  });
});

describe("any other objection", () => {
  const reason = "Jeg vil ikke at samtalene mine\nbrukes til å forbedre noe.";

  it("closes the purpose, and no other, until staff decide", async () => {
    expect(await look(world, id, "CUSTOMER_SUPPORT", support)).toBe("SHOWN");
    const { request } = await object("CUSTOMER_SUPPORT", reason);
    expect(request).toMatchObject({ kind: "OBJECTION", status: "AWAITING_DECISION", steps: [] });
    expect(await look(world, id, "CUSTOMER_SUPPORT", support)).toBe("PROCESSING_RESTRICTED");
    expect(await look(world, id, "ORDER_FULFILMENT", support)).toBe("SHOWN");
    expect((await objections())?.[0]).toMatchObject({ purpose: "CUSTOMER_SUPPORT", reason });
    expect((await object("CUSTOMER_SUPPORT", "Noe annet")).request.id).toBe(request.id);
    const { data } = await world.gateway.query<{ requests: { edges: { node: { id: string } }[] } }>(
      "{ requests(filter: { kinds: [OBJECTION] }) { edges { node { id } } } }",
      {},
      { as: dpo },
    );
    expect(data?.requests.edges.map(({ node }) => node.id)).toEqual([request.id]);
  });

  it("that is turned down opens the purpose again, and the person is told why and where to complain", async () => {
    const { id: requestId } = (await object("CUSTOMER_SUPPORT", reason)).request;
    const bare = await ask(world, "decideRequest", { id: requestId, approve: false }, { as: dpo });
    expect(bare).toMatchObject({ code: "INVALID_VALUE", field: "explanation", rule: "EMPTY" });
    const explanation = "Samtalene må leses for å svare deg.";
    const decided = await ask(
      world,
      "decideRequest",
      { id: requestId, approve: false, explanation, legalGround: "COMPELLING_GROUNDS" },
      { as: dpo },
    );
    expect(decided.request.status).toBe("RUNNING");
    // The person is told before the purpose is open again (Art. 18(3)), and can see when it will be.
    expect(await look(world, id, "CUSTOMER_SUPPORT", support)).toBe("PROCESSING_RESTRICTED");
    expect(await world.gateway.outside.mails()).toHaveLength(1);
    const ending = decided.request.steps.find(({ recordType }) => recordType === "OBJECTION_ENDED");
    expect(ending).toMatchObject({ state: "PENDING", nextAttemptAt: expect.any(String), lastError: null });
    await world.until(requestId, "REFUSED");
    expect(await look(world, id, "CUSTOMER_SUPPORT", support)).toBe("SHOWN");
    const { data } = await world.gateway.query<{
      request: { refusal: { code: string; message: string; legalGround: string } };
    }>(
      "query($id: ID!) { request(id: $id) { refusal { code message legalGround complaintTo { name url } judicialRemedy } } }",
      { id: requestId },
      { as: kari, headers: { "accept-language": "nn" } },
    );
    expect(data?.request.refusal).toEqual({
      code: "NO_LEGAL_GROUND",
      message: `Det er tvingande rettkomne grunnar til behandlinga, som går føre interessene dine.\n\n${explanation}`,
      legalGround: "GDPR Art. 21(1)",
      complaintTo: { name: "Datatilsynet", url: "https://www.datatilsynet.no" },
      judicialRemedy: "Du kan òg bringe saka inn for domstolane (personvernforordninga artikkel 79).",
    });
    const [mail] = await world.gateway.outside.mails();
    expect(mail?.to).toContain(kari);
    expect(mail?.text).toMatch(/Datatilsynet, https:.*bring the matter before the courts/s);
    expect(mail?.text).not.toContain(explanation);
    const again = await ask(world, "decideRequest", { id: requestId, approve: true }, { as: dpo });
    expect(again).toMatchObject({ code: "WRONG_STATE", rule: "NOT_AWAITING_DECISION" });
  });

  it("that is turned down goes on while the person cannot be told, and one that is raised anew meanwhile is decided anew", async () => {
    const { id: first } = (await object("CUSTOMER_SUPPORT", reason)).request;
    await world.gateway.outside.open("mail", false);
    const turnedDown = { id: first, approve: false, explanation: "Nei.", legalGround: "COMPELLING_GROUNDS" };
    await ask(world, "decideRequest", turnedDown, { as: dpo });
    await world.until(first, "NEEDS_ATTENTION");
    expect(await look(world, id, "CUSTOMER_SUPPORT", support)).toBe("PROCESSING_RESTRICTED");
    const { request: anew } = await object("CUSTOMER_SUPPORT", "Det er kommet noe nytt til.");
    expect(anew).toMatchObject({ status: "AWAITING_DECISION" });
    expect(anew.id).not.toBe(first);
    await world.gateway.outside.open("mail", true);
    await world.until(first, "REFUSED");
    expect(await look(world, id, "CUSTOMER_SUPPORT", support)).toBe("PROCESSING_RESTRICTED");
    await ask(world, "decideRequest", { ...turnedDown, id: anew.id }, { as: dpo });
    await world.until(anew.id, "REFUSED");
    expect(await look(world, id, "CUSTOMER_SUPPORT", support)).toBe("SHOWN");
  });

  it("that is upheld stays", async () => {
    const { request } = await object("CUSTOMER_SUPPORT", reason);
    const upheld = await ask(world, "decideRequest", { id: request.id, approve: true }, { as: dpo });
    expect(upheld.request.status).toBe("COMPLETED");
    expect(await look(world, id, "CUSTOMER_SUPPORT", support)).toBe("PROCESSING_RESTRICTED");
  });

  it("that came by letter is written down by staff", async () => {
    const eva = "eva.enebo@example.com";
    const subjectId = await idOf(world, eva);
    const { id: requestId, status } = await letter(world, "OBJECTION", eva);
    expect(status).toBe("AWAITING_DECISION");
    const input = { subjectId, requestId, purpose: "STATISTICS", reason };
    const { request } = await ask(world, "objectToProcessing", input, { as: dpo });
    expect(request.id).toBe(requestId);
    expect((await objections(eva))?.[0]).toMatchObject({ purpose: "STATISTICS", reason });
    expect(request.timeline.map(({ by, event }) => `${by} ${event}`)).toEqual([
      "DPO RECEIVED",
      "null NOTIFY_DONE",
      "DPO CARRIED_OUT",
    ]);
    // Once more by mistake: it stands there already.
    await ask(world, "objectToProcessing", input, { as: dpo });
    expect(await objections(eva)).toHaveLength(1);
    // A second letter is a request of its own, to be answered by itself.
    const second = await letter(world, "OBJECTION", eva);
    const again = await ask(world, "objectToProcessing", { ...input, requestId: second.id }, { as: dpo });
    expect(again.request).toMatchObject({ id: second.id, status: "AWAITING_DECISION" });
  });
});

describe("a refusal", () => {
  it.each([
    ["of a right says where to complain, and that there are courts", "ORDER_FULFILMENT", "Datatilsynet"],
    ["of an input says what to state differently alone", "TESTING", undefined],
  ])("%s", async (_what, purpose, authority) => {
    const { data } = await world.gateway.query<{
      objectToProcessing: { complaintTo: { name: string } | null; judicialRemedy: string | null };
    }>(
      `mutation { objectToProcessing(input: { purpose: ${purpose} }) { ... on Refusal { complaintTo { name } judicialRemedy } } }`,
      {},
      { as: kari },
    );
    expect(data?.objectToProcessing.complaintTo?.name).toBe(authority);
    expect(data?.objectToProcessing.judicialRemedy).toEqual(
      authority ? expect.stringMatching(/courts/) : null,
    );
  });
});

describe("bad input", () => {
  it.each([
    ["a purpose of a contract", "ORDER_FULFILMENT", "x", "NO_LEGAL_GROUND", "NO_GROUND_TO_OBJECT"],
    ["a purpose of the law", "BOOKKEEPING", "x", "NO_LEGAL_GROUND", "NO_GROUND_TO_OBJECT"],
    ["a purpose of consent", "PROFILE_TAILORING", "x", "NO_LEGAL_GROUND", "WITHDRAW_INSTEAD"],
    ["no reason", "TESTING", null, "INVALID_VALUE", "REASON_MISSING"],
    ["an empty reason", "TESTING", " \n ", "INVALID_VALUE", "EMPTY"],
    ["a book", "TESTING", "a".repeat(4_001), "INVALID_VALUE", "TOO_LONG"],
    ["control characters", "TESTING", "a\u0007b", "INVALID_VALUE", "CONTROL_CHARACTER"],
  ])("%s changes nothing", async (_what, purpose, reason, code, rule) => {
    const before = await world.gateway.rows("select id from request order by id");
    expect(await object(purpose, reason)).toMatchObject({ code, rule });
    expect(await world.gateway.rows("select id from request order by id")).toEqual(before);
    expect((await objections())?.some((each) => each.purpose === purpose)).toBe(false);
  });
});
