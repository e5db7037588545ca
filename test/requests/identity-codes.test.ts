import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { setClock } from "../setup/clock.ts";
import type { Asked } from "../setup/gateway.ts";
import { ask, idOf, letter } from "./rights.ts";
import { dpo, kari, openWorld, type Payload, rectify, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => setClock(world.gateway, null));

const eva = "eva.enebo@example.com";
const ola = "ola.nordmann@example.com";
const ingrid = "ingrid.aas@example.com";
const unproven = { note: "Brev på fire sider" };
const newLetter = (kind: string, email: string, more: object = {}) =>
  letter(world, kind, email, { ...unproven, ...more });
const send = (id: string, source: string, more: object = {}) =>
  ask(world, "sendIdentityCode", { id, source, ...more }, { as: dpo });

interface Confirmed {
  readonly __typename: string;
  readonly status?: string;
  readonly rule?: string;
}

async function confirm(id: string, code?: string, asked: Asked = {}): Promise<Confirmed> {
  const { data, text } = await world.gateway.query<{ confirmIdentity: Confirmed }>(
    `mutation($input: ConfirmIdentityInput!) { confirmIdentity(input: $input) {
      __typename ... on IdentityConfirmed { requestId status } ... on Refusal { code rule field complaintTo { name } } } }`,
    { input: { id, ...(code !== undefined && { code }) } },
    asked,
  );
  return data?.confirmIdentity ?? expect.fail(text);
}

const notAccepted = {
  __typename: "Refusal",
  code: "IDENTITY_NOT_VERIFIED",
  rule: "CODE_NOT_ACCEPTED",
  field: null,
  complaintTo: { name: "Datatilsynet" },
};
const confirmed = (requestId: string) => ({
  __typename: "IdentityConfirmed",
  requestId,
  status: "AWAITING_DECISION",
});

/** The newest that came to a mailbox. */
async function codeIn(mailbox: string): Promise<string> {
  const mails = await world.gateway.outside.mails();
  const mail = mails.findLast(({ to }) => to.toLowerCase().includes(mailbox));
  return /^\d{8}$/m.exec(mail?.text ?? "")?.[0] ?? expect.fail(`no code came to ${mailbox}`);
}
/** Not the one that was sent. */
const wrong = (code: string) => `${code.startsWith("1") ? 2 : 1}${code.slice(1)}`;

const eventsOf = ({ request }: Pick<Payload, "request">) =>
  request.timeline.map(({ by, event, detail }) => [by ?? "-", event, detail].join(" "));

async function kept(id: string) {
  const { rows } = world.gateway;
  const [request] = await rows<{ status: string; subject_id: string }>(
    "select * from request where id = $1",
    [id],
  );
  const codes = await rows<{ sealed_address: Buffer | null }>(
    "select * from identity_code where request_id = $1 order by made_at",
    [id],
  );
  const steps = await rows<{ state: string; sealed_work: Buffer | null; detail: string | null }>(
    "select state, sealed_work, detail from request_step where request_id = $1 order by place",
    [id],
  );
  return { ...request, codes, steps };
}

async function attempts(): Promise<readonly string[]> {
  const rows = await world.gateway.rows<{ event: string; actor_role: string; subject_ref: string | null }>(
    "select event, actor_role, subject_ref from audit_entry where event like 'IDENTITY%' order by at",
  );
  return rows.map(
    ({ event, actor_role, subject_ref }) => `${event} ${actor_role} ${subject_ref ?? "nobody"}`,
  );
}

describe("before it is established who asks", () => {
  it("nothing that acts on the request is done", async () => {
    const { id } = await newLetter("ACCESS", "turid.moe@example.com");
    const { subject_id: subjectId } = await kept(id);
    const acts: Readonly<Record<string, object>> = {
      setConsent: { purpose: "NEWSLETTER", given: false, channel: "POST" },
      objectToProcessing: { purpose: "NEWSLETTER" },
      restrictProcessing: { reason: "Bestridt" },
      liftRestriction: {},
      requestErasure: { planHash: "none" },
      rectify: { changes: [{ field: "PHONE", value: "+4790000001" }] },
      addStatement: { source: "learning", recordType: "courses", text: "Feil" },
      requestExport: { format: "JSON" },
      withhold: {
        source: "crm",
        recordType: "conversations",
        field: "body",
        text: "x",
        spans: [],
        because: "x",
      },
      release: { id: crypto.randomUUID() },
    };
    interface Field {
      readonly name: string;
      readonly args: readonly { type: { ofType: { inputFields: readonly { name: string }[] } } }[];
    }
    const { data } = await world.gateway.query<{ type: { fields: readonly Field[] } }>(
      '{ type: __type(name: "Mutation") { fields { name args { type { ofType { inputFields { name } } } } } } }',
      {},
      { as: dpo },
    );
    const acting = (data?.type.fields ?? []).filter(({ args }) =>
      args[0]?.type.ofType.inputFields.some(({ name }) => name === "requestId"),
    );
    // One that is new is to be here as well.
    expect(acting.map(({ name }) => name).toSorted()).toEqual(Object.keys(acts).toSorted());
    const ruleOf = async (mutation: string, input: object) => {
      const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input!`;
      const { data: answer } = await world.gateway.query<Record<string, { rule: string }>>(
        `mutation($input: ${type}) { ${mutation}(input: $input) { ... on Refusal { rule } } }`,
        { input },
        { as: dpo },
      );
      return answer?.[mutation]?.rule;
    };
    for (const [mutation, input] of Object.entries(acts))
      expect([mutation, await ruleOf(mutation, { subjectId, requestId: id, ...input })]).toEqual([
        mutation,
        "IDENTITY_NOT_ESTABLISHED",
      ]);
    expect(await ruleOf("decideRequest", { id, approve: true })).toBe("IDENTITY_NOT_ESTABLISHED");
    expect(await ruleOf("retryRequest", { id })).toBe("NOTHING_TO_RETRY");
    expect(await ruleOf("cancelRequest", { id })).toBe("HAS_BEGUN");
    expect((await kept(id)).status).toBe("AWAITING_IDENTITY");
  });
});

describe("a code to the address that a system holds", () => {
  it("shows who asks, once, and makes the address theirs", async () => {
    const [{ kundenr: value = "" } = {}] = await world.own<{ kundenr: string }>(
      "crm",
      "select kundenr from kontakt where lower(epost) = $1",
      [kari],
    );
    // By what nobody can show to be theirs.
    const identifiers = [{ kind: "CUSTOMER_NUMBER", value }];
    const { id } = await newLetter("ACCESS", kari, { identifiers });
    const sent = await send(id, "crm");
    expect(sent.request.status).toBe("AWAITING_IDENTITY");
    expect(eventsOf(sent)).toEqual([
      "DPO RECEIVED ACCESS",
      "DPO IDENTITY_CODE_MADE crm",
      "- NOTIFY_DONE gateway",
    ]);
    const code = await codeIn(kari);
    expect((await world.gateway.outside.mails()).at(-1)?.text).toContain(id);
    // Nothing that it could be read from is left.
    expect((await kept(id)).steps).toEqual([{ state: "DONE", sealed_work: null, detail: null }]);
    const before = await attempts();
    for (const [at, typed] of [
      [id, wrong(code)],
      [id, ""],
      [id, "9".repeat(9_000)],
      [crypto.randomUUID(), code],
      ["' or true --", code],
    ] as const)
      expect(await confirm(at, typed)).toEqual(notAccepted);
    expect(await confirm(id)).toEqual(notAccepted);
    // As it is read out on the telephone.
    const spoken = ` ${code.slice(0, 4)} ${code.slice(4)}`;
    expect(await confirm(id, spoken, { as: dpo })).toEqual(confirmed(id));
    expect(await confirm(id, code)).toEqual(notAccepted);
    const { subject_id, codes } = await kept(id);
    expect(codes.map(({ sealed_address }) => sealed_address)).toEqual([null]);
    expect((await attempts()).slice(before.length)).toEqual([
      ...Array.from({ length: 3 }, () => `IDENTITY_NOT_CONFIRMED SUBJECT ${subject_id}`),
      ...Array.from({ length: 3 }, () => "IDENTITY_NOT_CONFIRMED SUBJECT nobody"),
      `IDENTITY_CONFIRMED DPO ${subject_id}`,
      "IDENTITY_NOT_CONFIRMED SUBJECT nobody",
    ]);
    // They can be written to now.
    const turnedDown = { approve: false, legalGround: "EXCESSIVE", explanation: "Du fikk alt i går." };
    await ask(world, "decideRequest", { id, ...turnedDown }, { as: dpo });
    await world.until(id, "REFUSED");
    expect((await world.gateway.outside.mails()).at(-1)).toMatchObject({
      to: expect.stringContaining(kari),
      text: expect.not.stringContaining("i går"),
    });
    // Whoever signs in with the address is the same person.
    expect(await idOf(world, kari)).not.toBe(subject_id);
    expect((await kept(id)).subject_id).toBe(await idOf(world, kari));
  });

  it("counts for ten minutes and five tries, and no more once there is another", async () => {
    const { id } = await newLetter("RECTIFICATION", ingrid);
    await send(id, "crm");
    const first = await codeIn(ingrid);
    await send(id, "crm");
    const second = await codeIn(ingrid);
    expect(await confirm(id, first === second ? wrong(first) : first)).toEqual(notAccepted);
    // Several at once are counted each.
    await Promise.all(Array.from({ length: 4 }, () => confirm(id, wrong(second))));
    expect(await confirm(id, second)).toEqual(notAccepted);
    await send(id, "crm");
    const third = await codeIn(ingrid);
    await setClock(world.gateway, new Date(Date.now() + 10 * 60_000));
    expect(await confirm(id, third)).toEqual(notAccepted);
    await expect(send(id, "crm")).rejects.toThrow(/429.*RATE_LIMITED/s);
    const soon = await world.gateway.query(
      'mutation($id: ID!) { sendIdentityCode(input: { id: $id, source: "crm" }) { __typename } }',
      { id },
      { as: dpo },
    );
    expect(Number(soon.headers.get("retry-after"))).toBeGreaterThan(2_900);
    await setClock(world.gateway, new Date(Date.now() + 3_601_000));
    await send(id, "crm");
    // Whoever types it in twice has shown it once.
    const fourth = await codeIn(ingrid);
    const both = await Promise.all([confirm(id, fourth), confirm(id, fourth)]);
    expect(both.map(({ __typename }) => __typename).toSorted()).toEqual(["IdentityConfirmed", "Refusal"]);
  });

  it("waits for the mail server, and is not sent when it does not count any more", async () => {
    const { id } = await newLetter("ACCESS", eva);
    await world.gateway.outside.open("mail", false);
    const waiting = await send(id, "mailing");
    expect(waiting.request).toMatchObject({ status: "AWAITING_IDENTITY", steps: [{ state: "PENDING" }] });
    const { steps, codes } = await kept(id);
    expect([steps[0]?.sealed_work, codes[0]?.sealed_address]).not.toContain(null);
    // What is established otherwise does not wait for it.
    const other = await newLetter("RECTIFICATION", eva);
    await send(other.id, "mailing");
    await ask(world, "establishIdentity", { id: other.id, establishedBy: "Ringte tilbake" }, { as: dpo });
    const { subject_id: subjectId } = await kept(other.id);
    const changes = [{ field: "NAME", value: "Eva Marie Enebo" }];
    await rectify(world, changes, { as: dpo }, { subjectId, requestId: other.id });
    expect(
      await world.own("mailing", "select from subscribers where lower(email) = $1 and name = $2", [
        eva,
        "Eva Marie Enebo",
      ]),
    ).toHaveLength(1);
    // Another in its place.
    await send(id, "mailing");
    await world.gateway.outside.open("mail", true);
    const retried = await ask(world, "retryRequest", { id }, { as: dpo });
    expect(retried.request).toMatchObject({ status: "AWAITING_IDENTITY" });
    await expect
      .poll(async () => (await kept(id)).steps, { timeout: 10_000 })
      .toEqual([
        { state: "SKIPPED", sealed_work: null, detail: "CODE_NOT_SENT" },
        { state: "DONE", sealed_work: null, detail: null },
      ]);
    expect((await world.gateway.outside.mails()).filter(({ to }) => to.includes(eva))).toHaveLength(1);
    expect(await confirm(id, await codeIn(eva))).toEqual(confirmed(id));
    expect((await kept(id)).status).toBe("AWAITING_DECISION");
  });

  it("is not sent where several may read it, where there is none, or where it cannot be known", async () => {
    // Anne's mailbox in the CRM is Per's as well, and none of the two is anybody yet.
    const anne = await newLetter("ACCESS", "anne.berg@example.com");
    const ofAnne = (await kept(anne.id)).subject_id ?? "";
    const link = `mutation($input: LinkIdentityInput!) { linkIdentity(input: $input) { __typename } }`;
    const [{ kundenr = "" } = {}] = await world.own<{ kundenr: string }>(
      "crm",
      "select kundenr from kontakt where navn like 'Anne%' and lower(epost) = 'familien.berg@example.com'",
    );
    const identifier = { kind: "CUSTOMER_NUMBER", value: kundenr };
    const linking = { subjectId: ofAnne, source: "crm", identifier, because: "Kundenummeret sto i brevet" };
    await world.gateway.query(link, { input: linking }, { as: dpo });
    expect(await send(anne.id, "crm")).toMatchObject({
      code: "IDENTITY_AMBIGUOUS",
      rule: "ADDRESS_OF_SEVERAL",
      field: "source",
    });
    const { id } = await newLetter("ERASURE", ola);
    for (const [source, more, rule] of [
      ["crm", {}, "NO_RECORD_THERE"],
      ["gateway", {}, "UNKNOWN_SOURCE"],
      ["events", { kind: "PHONE" }, "NOT_WRITTEN_TO"],
    ] as const)
      expect(await send(id, source, more)).toMatchObject({ code: "INVALID_VALUE", rule });
    const turid = "turid.moe@example.com";
    const nowhere = await newLetter("PORTABILITY", turid);
    await world.own("crm", "update kontakt set epost = null where lower(epost) = 'turid.moe@example.org'");
    expect(await send(nowhere.id, "crm")).toMatchObject({
      code: "INVALID_VALUE",
      rule: "NO_ADDRESS_THERE",
      field: "source",
    });
    await world.gateway.open("mailing", false);
    await expect(send(id, "events")).rejects.toThrow(/SOURCE_UNAVAILABLE/);
    await world.gateway.open("mailing", true);
    await ask(world, "establishIdentity", { id, establishedBy: "Ringte tilbake" }, { as: dpo });
    expect(await send(id, "events")).toMatchObject({ rule: "IDENTITY_NOT_ASKED_FOR" });
    expect((await kept(id)).codes).toEqual([]);
    expect((await kept(anne.id)).codes).toEqual([]);
  });
});

it("no code goes to an address that only a correction says is the person's", async () => {
  const victim = "bjørn.østby@example.com";
  const [row] = await world.own<{ kundenr: string }>(
    "crm",
    "select kundenr from kontakt where lower(epost) = $1",
    [victim],
  );
  const identifiers = [{ kind: "CUSTOMER_NUMBER", value: row?.kundenr }];
  // Staff were talked into it on the telephone.
  const talked = await newLetter("RECTIFICATION", victim, { identifiers, identityEstablishedBy: "Ringte" });
  const { subject_id: subjectId } = await kept(talked.id);
  const changes = [{ field: "EMAIL", value: "hentet@example.net", sources: ["crm"] }];
  await rectify(world, changes, { as: dpo }, { subjectId, requestId: talked.id });
  const { id } = await newLetter("ACCESS", victim, { identifiers });
  expect(await send(id, "crm")).toMatchObject({
    code: "IDENTITY_NOT_VERIFIED",
    rule: "ADDRESS_ON_THEIR_WORD",
    field: "source",
  });
  expect((await world.gateway.outside.mails()).filter(({ to }) => to === "hentet@example.net")).toEqual([]);
});

describe("a strong sign-in", () => {
  it("shows who asks, of the person's own request alone", async () => {
    const stor = "stor.leser@example.com";
    const { id } = await newLetter("ACCESS", stor);
    const before = await attempts();
    expect(await confirm(id)).toEqual(notAccepted);
    expect(await confirm(id, undefined, { as: kari, strongly: true })).toEqual(notAccepted);
    expect(await confirm(id, undefined, { as: dpo, strongly: true })).toEqual(notAccepted);
    expect((await attempts()).slice(before.length)).toEqual([
      "IDENTITY_NOT_CONFIRMED SUBJECT nobody",
      "IDENTITY_NOT_CONFIRMED SUBJECT nobody",
      "IDENTITY_NOT_CONFIRMED DPO nobody",
    ]);
    expect(await confirm(id, undefined, { as: stor })).toMatchObject({
      code: "STEP_UP_REQUIRED",
      rule: "STEP_UP_TO_CONFIRM",
    });
    expect(await confirm(id, undefined, { as: stor, strongly: true })).toEqual(confirmed(id));
    const { data } = await world.gateway.query<{ request: Payload["request"] }>(
      "query($id: ID!) { request(id: $id) { timeline { by event detail } } }",
      { id },
      { as: stor },
    );
    expect(eventsOf({ request: data?.request ?? expect.fail() })).toEqual([
      "DPO RECEIVED ACCESS",
      "SUBJECT IDENTITY_ESTABLISHED SIGN_IN",
    ]);
    expect(await confirm(id, undefined, { as: stor, strongly: true })).toEqual(notAccepted);
  });
});
