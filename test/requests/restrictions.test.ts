import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dueAt } from "../../src/requests/deadline.ts";
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
const accounting = "accounting@intech.example";
const reason = "Jeg bestrider at opplysningene er riktige";
const restrict = (input: object = {}, as = kari) =>
  ask(world, "restrictProcessing", { reason, ...input }, { as });

async function restrictions(as = kari) {
  const { data } = await world.gateway.query<{
    me: { restrictions: { sources: string[]; reason: string; until: string | null; legalGround: string }[] };
  }>("{ me { restrictions { sources reason until legalGround } } }", {}, { as });
  return data?.me.restrictions ?? [];
}

const marked = async (email = kari) =>
  (
    await world.own<{ sperret: boolean }>("crm", "select sperret from kontakt where lower(epost) = $1", [
      email,
    ])
  )[0]?.sperret;

const subscribed = async (email = kari) => {
  const lists = await world.own<{ status: string }>(
    "mailing",
    `select l.status::text from subscriber_lists l join subscribers s on s.id = l.subscriber_id where lower(s.email) = $1`,
    [email],
  );
  return lists.some(({ status }) => status !== "unsubscribed");
};

const consent = async (as = kari) => {
  const { data } = await world.gateway.query<{ me: { consents: { status: string }[] } }>(
    "{ me { consents { status } } }",
    {},
    { as },
  );
  return data?.me.consents[0]?.status;
};

describe("a restriction of everything", () => {
  it("leaves but the readers of a restricted person, on every replica, from the very next look", async () => {
    expect(await look(world, id, "CUSTOMER_SUPPORT", support)).toBe("SHOWN");
    const { request } = await restrict();
    expect(request).toMatchObject({ kind: "RESTRICTION", status: "COMPLETED" });
    for (const replica of [0, 1]) {
      expect(await look(world, id, "CUSTOMER_SUPPORT", support, replica)).toBe("PROCESSING_RESTRICTED");
      expect(await look(world, id, "BOOKKEEPING", accounting, replica)).toBe("SHOWN");
      expect(await look(world, id, "DATA_SUBJECT_RIGHTS", dpo, replica)).toBe("SHOWN");
    }
    expect(outcomes({ request })).toEqual({
      crm: "DONE RESTRICTED",
      learning: "DONE RESTRICTED",
      mailing: "DONE DONE",
      events: "DONE RESTRICTED",
      website: "DONE RESTRICTED",
    });
    expect(request.steps.find(({ source }) => source === "learning")?.outcome.detail).toMatch(
      /enforced here/,
    );
  });

  it("is asked for twice by whoever clicks twice, and is one", async () => {
    const [first, second] = await Promise.all([restrict(), restrict()]);
    expect(first.request.id).toBe(second.request.id);
    expect((await restrict({ sources: null })).request.id).toBe(first.request.id);
    expect(await restrictions()).toHaveLength(1);
  });

  it("is marked where a system can bear a mark, and nobody is written to", async () => {
    expect(await marked()).toBe(true);
    expect(await subscribed()).toBe(false);
  });

  it("is no withdrawal of a consent", async () => {
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await consent()).toBe("GIVEN");
  });

  it("is shown to the person with its reason", async () => {
    expect(await restrictions()).toEqual([
      {
        sources: ["crm", "learning", "mailing", "events", "website"],
        reason,
        until: null,
        legalGround: "GDPR Art. 18(1)",
      },
    ]);
  });

  it("may be lifted by the person at once, and what was stopped goes on", async () => {
    const { request } = await ask(world, "liftRestriction", {}, { as: kari });
    expect(request.status).toBe("COMPLETED");
    // Nothing was done in the others, so there is nothing to undo.
    expect(outcomes({ request })).toEqual({
      "gateway RESTRICTION_LIFTED": "DONE DONE",
      crm: "DONE DONE",
      mailing: "DONE DONE",
    });
    expect(await look(world, id, "CUSTOMER_SUPPORT", support)).toBe("SHOWN");
    expect(await marked()).toBe(false);
    expect(await subscribed()).toBe(true);
    expect((await restrictions())[0]?.until).toEqual(expect.any(String));
    expect(await ask(world, "liftRestriction", {}, { as: kari })).toMatchObject({
      code: "WRONG_STATE",
      rule: "NOT_RESTRICTED",
    });
  });
});

describe("a restriction in one system", () => {
  it("closes that one alone, and goes on where another is freed", async () => {
    await restrict({ sources: ["crm", "events"] });
    expect(await look(world, id, "CUSTOMER_SUPPORT", support)).toBe("PROCESSING_RESTRICTED");
    const { data } = await world.gateway.query<{ dataSubject: { learning: object | null } }>(
      "query($id: ID!) { dataSubject(id: $id, purpose: TRAINING_DELIVERY) { learning { name } } }",
      { id },
      { as: "training@intech.example" },
    );
    expect(data?.dataSubject.learning).not.toBeNull();
    await ask(world, "liftRestriction", { sources: ["events"] }, { as: kari });
    expect((await restrictions()).filter(({ until }) => until === null)).toMatchObject([
      { sources: ["crm"] },
    ]);
    expect(await look(world, id, "CUSTOMER_SUPPORT", support)).toBe("PROCESSING_RESTRICTED");
    expect(await marked()).toBe(true);
    await ask(world, "liftRestriction", { sources: ["crm"] }, { as: kari });
    expect(await look(world, id, "CUSTOMER_SUPPORT", support)).toBe("SHOWN");
    expect(await marked()).toBe(false);
  });

  it("reaches a system that is down when it is back", async () => {
    await world.gateway.open("crm", false);
    const { request } = await restrict({ sources: ["crm"] });
    expect(outcomes({ request })).toEqual({ crm: "PENDING PENDING" });
    await world.gateway.open("crm", true);
    await world.until(request.id, "COMPLETED");
    expect(await marked()).toBe(true);
    await ask(world, "liftRestriction", {}, { as: kari });
  });
});

describe("staff who lift a restriction", () => {
  it("have the person told first, and only then is it lifted", async () => {
    const restricted = (await restrict()).request;
    const mailsBefore = (await world.gateway.outside.mails()).length;
    const because = "Adressen er rettet.";
    const input = { subjectId: id, requestId: restricted.id, because };
    const { request } = await ask(world, "liftRestriction", input, { as: dpo });
    expect(request.status).toBe("RUNNING");
    expect(await look(world, id, "CUSTOMER_SUPPORT", support)).toBe("PROCESSING_RESTRICTED");
    const mails = await world.gateway.outside.mails();
    expect(mails).toHaveLength(mailsBefore + 1);
    const { data } = await world.gateway.query<{
      request: { timeline: { note: string | null }[]; steps: { nextAttemptAt: string | null }[] };
    }>(
      "query($id: ID!) { request(id: $id) { timeline { note } steps { nextAttemptAt } } }",
      { id: request.id },
      { as: kari },
    );
    expect(data?.request.timeline[0]?.note).toBe(because);
    // When it will be lifted.
    expect(data?.request.steps[1]?.nextAttemptAt).toEqual(expect.any(String));
    await world.until(request.id, "COMPLETED");
    expect(await look(world, id, "CUSTOMER_SUPPORT", support)).toBe("SHOWN");
    expect(await marked()).toBe(false);
    const [told, lifted] = await world.gateway.rows<{ finished_at: Date }>(
      "select finished_at from request_step where request_id = $1 and source = 'gateway' order by position",
      [request.id],
    );
    expect(Number(lifted?.finished_at) - Number(told?.finished_at)).toBeGreaterThanOrEqual(1_000);
  });

  it("lift nothing while the person cannot be told", async () => {
    await world.gateway.outside.open("mail", false);
    const restricted = (await restrict()).request;
    const input = { subjectId: id, requestId: restricted.id };
    const { request } = await ask(world, "liftRestriction", input, { as: dpo });
    await world.until(request.id, "NEEDS_ATTENTION");
    expect(await look(world, id, "CUSTOMER_SUPPORT", support)).toBe("PROCESSING_RESTRICTED");
    await world.gateway.outside.open("mail", true);
    await world.until(request.id, "COMPLETED");
    expect(await look(world, id, "CUSTOMER_SUPPORT", support)).toBe("SHOWN");
  });
});

describe("a letter", () => {
  const siri = "siv.stille@example.com";

  it("counts from the day that it came", async () => {
    const { id: requestId } = await letter(world, "RESTRICTION", kari);
    const [row] = await world.gateway.rows<{ received_at: Date; due_at: Date }>(
      "select received_at, due_at from request where id = $1",
      [requestId],
    );
    expect(Date.now() - Number(row?.received_at)).toBeGreaterThanOrEqual(86_400_000);
    expect(row?.due_at).toEqual(dueAt(row?.received_at ?? new Date()));
  });

  it("carried out for somebody who has never signed in is theirs, and can be read, when they do", async () => {
    const reader = "stor.leser@example.com";
    const made = await letter(world, "RESTRICTION", reader);
    const [row] = await world.gateway.rows<{ subject_id: string }>(
      "select subject_id from request where id = $1",
      [made.id],
    );
    const input = { subjectId: row?.subject_id, requestId: made.id, reason };
    const { request } = await ask(world, "restrictProcessing", input, { as: dpo });
    // Whoever has no address that they have shown to be theirs is answered by post.
    const unsent = request.steps.filter(({ state }) => state === "FAILED");
    expect(unsent).toMatchObject([{ source: "gateway", action: "NOTIFY", recordType: "DONE" }]);
    expect(request.status).toBe("NEEDS_ATTENTION");
    const posted = { id: made.id, stepId: unsent[0]?.id, because: "Svarte per brev" };
    expect((await ask(world, "confirmStep", posted, { as: dpo })).request.status).toBe("COMPLETED");
    const objected = (await letter(world, "OBJECTION", reader)).id;
    await ask(
      world,
      "objectToProcessing",
      { subjectId: row?.subject_id, requestId: objected, purpose: "TESTING", reason },
      { as: dpo },
    );
    const attached = (await letter(world, "RECTIFICATION", reader)).id;
    const text = "Jeg leste ikke dette.";
    await ask(
      world,
      "addStatement",
      { subjectId: row?.subject_id, requestId: attached, source: "mailing", recordType: "deliveries", text },
      { as: dpo },
    );
    const { data, text: body } = await world.gateway.query<{
      me: {
        id: string;
        requests: { edges: { node: { id: string; timeline: { note: string | null }[] } }[] };
        restrictions: { reason: string }[];
        objections: { reason: string }[];
        mailing: { statements: { text: string }[] };
      };
    }>(
      "{ me { id requests { edges { node { id timeline { note } } } } restrictions { reason } objections { reason } mailing { statements { text } } } }",
      {},
      { as: reader },
    );
    expect(data?.me.id, body).not.toBe(row?.subject_id);
    expect(data?.me.requests.edges.map(({ node }) => node.id).sort()).toEqual(
      [made.id, objected, attached].sort(),
    );
    expect(data?.me.requests.edges[0]?.node.timeline[0]?.note).toMatch(/^Ringte tilbake/);
    expect(data?.me.restrictions).toEqual([{ reason }]);
    expect(data?.me.objections).toEqual([{ reason }]);
    expect(data?.me.mailing.statements).toEqual([{ text }]);
  });

  it("is written down though a system is down, and the answer names that system", async () => {
    await world.gateway.open("crm", false);
    const input = {
      kind: "ACCESS",
      channel: "PHONE",
      receivedAt: new Date().toISOString(),
      identifiers: [{ kind: "EMAIL", value: kari }],
      identityEstablishedBy: "Ringte tilbake",
    };
    const { data, errors } = await world.gateway.query<{ registerRequest: { request: { subject: object } } }>(
      "mutation($input: RegisterRequestInput!) { registerRequest(input: $input) { ... on RequestPayload { request { subject { id } } } } }",
      { input },
      { as: dpo },
    );
    await world.gateway.open("crm", true);
    expect(data?.registerRequest.request.subject).toEqual({ id });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "SOURCE_UNAVAILABLE", source: "crm" });
  });

  it("does nothing before it is established who wrote it; then it can be carried out", async () => {
    const { id: requestId, status } = await letter(world, "RESTRICTION", siri, {});
    expect(status).toBe("AWAITING_IDENTITY");
    const input = { subjectId: await idOf(world, siri), requestId, reason };
    const refused = await ask(world, "restrictProcessing", input, { as: dpo });
    expect(refused).toMatchObject({ code: "IDENTITY_NOT_VERIFIED", rule: "IDENTITY_NOT_ESTABLISHED" });
    const approved = await ask(world, "decideRequest", { id: requestId, approve: true }, { as: dpo });
    expect(approved).toMatchObject({ rule: "IDENTITY_NOT_ESTABLISHED" });
    const established = { id: requestId, establishedBy: "Ringte tilbake" };
    const ready = await ask(world, "establishIdentity", established, { as: dpo });
    expect(ready.request.status).toBe("AWAITING_DECISION");
    expect(await ask(world, "establishIdentity", established, { as: dpo })).toMatchObject({
      code: "WRONG_STATE",
      rule: "IDENTITY_NOT_ASKED_FOR",
    });
    const done = await ask(world, "restrictProcessing", input, { as: dpo });
    expect(done.request.timeline.map(({ by, event }) => `${by} ${event}`)).toEqual(
      expect.arrayContaining([
        "DPO RECEIVED",
        "DPO IDENTITY_ESTABLISHED",
        "DPO CARRIED_OUT",
        "null COMPLETED",
      ]),
    );
  });

  it("of somebody who does not show who they are is turned down, and ends", async () => {
    const { id: requestId } = await letter(world, "PORTABILITY", kari, {});
    const input = {
      id: requestId,
      approve: false,
      explanation: "Vi fikk ikke vite hvem du er.",
      legalGround: "IDENTITY_NOT_ESTABLISHED",
    };
    const { request } = await ask(world, "decideRequest", input, { as: dpo });
    expect(request.status).toBe("REFUSED");
    const trail = await world.gateway.rows<{ event: string }>(
      "select event from audit_entry where detail = 'TURNED_DOWN'",
    );
    expect(trail.map(({ event }) => event)).toEqual(["DECIDED"]);
  });
});

describe("bad input", () => {
  it.each([
    ["no reason", { reason: "" }, "EMPTY", "reason"],
    ["an unknown system", { sources: ["crm", "payroll"] }, "UNKNOWN_SOURCE", "sources"],
    ["a system that every object has", { sources: ["constructor"] }, "UNKNOWN_SOURCE", "sources"],
    ["no system", { sources: [] }, "EMPTY", "sources"],
    ["one system twice", { sources: ["crm", "crm"] }, "STATED_TWICE", "sources"],
  ])("%s changes nothing", async (_what, input, rule, field) => {
    const before = await restrictions();
    expect(await restrict(input)).toMatchObject({ code: "INVALID_VALUE", rule, field });
    expect(await restrictions()).toEqual(before);
  });

  it("a day of receipt in the future, or no identifier, registers nothing", async () => {
    const input = {
      kind: "ACCESS",
      channel: "PHONE",
      receivedAt: new Date(Date.now() + 86_400_000).toISOString(),
      identifiers: [{ kind: "EMAIL", value: kari }],
    };
    const future = await ask(world, "registerRequest", input, { as: dpo });
    expect(future).toMatchObject({ code: "INVALID_VALUE", rule: "RECEIVED_IN_FUTURE", field: "receivedAt" });
    const nobody = { ...input, receivedAt: new Date().toISOString(), identifiers: [] };
    expect(await ask(world, "registerRequest", nobody, { as: dpo })).toMatchObject({ rule: "EMPTY" });
  });
});
