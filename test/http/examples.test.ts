import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dpo, kari } from "../requests/world.ts";
import { type Gateway, startGateway } from "../setup/gateway.ts";
import { openStream } from "./event-stream.ts";

const folder = new URL("../../docs/examples/", import.meta.url);
const files = (await readdir(folder)).filter((name) => name.endsWith(".graphql"));

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({
    // Whom the gateway does not reach is told by hand: a step fails at once, and is there to be confirmed.
    config: ({ organisation, ...config }) => ({
      ...config,
      // An erasure that has been asked for can be taken back.
      erasure: { ...config.erasure, graceSeconds: 3_600 },
      organisation: {
        ...organisation,
        recipients: organisation.recipients?.map(({ name, role, country, purposes }) => ({
          name,
          role,
          country,
          purposes,
        })),
      },
    }),
  });
});
afterAll(() => gateway[Symbol.asyncDispose]());

type Variables = Readonly<Record<string, string>>;

/** What has happened before, for an example that is about it; resolves with what its reader fills in. */
const before: Readonly<Record<string, () => Promise<Variables>>> = {
  "agree-to-privacy-policy.graphql": () => policyInForce(),
  "approve-retention-review.graphql": () => retentionReview(),
  "cancel.graphql": async () => {
    // What one has shown is what another erases: nothing else may go meanwhile.
    await retentionReviewsEnded();
    return erasureToBegin(kari);
  },
  "confirm.graphql": () => failedStep("eva.enebo@example.com"),
  "confirm-identity.graphql": () => letterWithCode(),
  "decide.graphql": () => objection("ola.nordmann@example.com"),
  "disclosures.graphql": async () => ({ subjectId: await idOf(kari) }),
  "entities.graphql": async () => ({ subjectId: await idOf(kari) }),
  "erase.graphql": async () => ({ planHash: await planHashOf(kari) }),
  "establish-identity.graphql": () => letterOfNobody(),
  "extend-deadline.graphql": () => objection("ingrid.aas@example.com"),
  "follow-request.graphql": () => correction(kari),
  "lift.graphql": async () => {
    await carryOut(
      'mutation { restrictProcessing(input: { reason: "It is contested" }) { __typename } }',
      kari,
    );
    return {};
  },
  "prolong-secrecy.graphql": async () => ({ id: await secretDisclosure(kari) }),
  "record-disclosure.graphql": async () => ({ subjectId: await idOf(kari) }),
  "link-identity.graphql": async () => ({ subjectId: await idOf("ingrid.aas@example.com") }),
  "open-retention-review.graphql": async () => {
    await retentionReviewsEnded();
    return {};
  },
  "register-request.graphql": async () => ({ receivedAt: new Date(Date.now() - 86_400_000).toISOString() }),
  "reappearances.graphql": () => reappearance("ola.nordmann@example.com"),
  "request.graphql": () => correction(kari),
  "retention-review.graphql": () => retentionReview(),
  "retry.graphql": () => failedStep("stor.leser@example.com"),
  "send-identity-code.graphql": () => letterOfNobody("CONSENT_WITHDRAWAL"),
  "settle-reappearance.graphql": () => reappearance("eva.enebo@example.com"),
  "withhold.graphql": () => letterOf(kari),
  "staff-read.graphql": async () => ({ subjectId: await idOf("ingrid.aas@example.com") }),
};

test.each(files)("%s is carried out as whom it names", async (file) => {
  const document = await readFile(new URL(file, folder), "utf8");
  const [, as = kari] = /^#.*?(\w+@intech\.example)/.exec(document) ?? [];
  const strongly = /^#.* --mfa\b/m.test(document);
  const variables = (await before[file]?.()) ?? {};
  for (const data of await answersTo(document, variables, { as, ...(strongly && { strongly }) })) {
    expect(Object.values(data).flat()).not.toContain(null);
    expect(Object.values(data)).not.toContainEqual(expect.objectContaining({ __typename: "Refusal" }));
  }
});

test("what is done before an example is done for one that is there", () => {
  expect(files).toEqual(expect.arrayContaining(Object.keys(before)));
});

type Data = Readonly<Record<string, unknown>>;

/** One answer, or the events of a subscription. */
async function answersTo(document: string, variables: Variables, asked: As): Promise<readonly Data[]> {
  if (!/^subscription /m.test(document)) return [await carryOut<Data>(document, asked, variables)];
  const token = await gateway.token(asked.as);
  const body = { query: document, variables };
  const stream = await openStream<Data>(`${gateway.url}/graphql/stream`, { token, body });
  const events = (await stream.rest()).filter(({ name }) => name === "next");
  expect(events.flatMap(({ data }) => data?.errors ?? [])).toEqual([]);
  expect(events.length).toBeGreaterThan(0);
  return events.map(({ data }) => data?.data ?? expect.fail("an event without data"));
}

interface As {
  readonly as: string;
  /** Where the example says how to sign in so. */
  readonly strongly?: true;
}

async function carryOut<D>(document: string, who: string | As, variables: object = {}): Promise<D> {
  const asked = typeof who === "string" ? { as: who } : who;
  const { status, data, errors, text } = await gateway.query<D>(document, variables, asked);
  expect(errors).toBeUndefined();
  expect(status).toBe(200);
  return data ?? expect.fail(text);
}

async function idOf(email: string): Promise<string> {
  return (await carryOut<{ me: { id: string } }>("{ me { id } }", email)).me.id;
}

interface Latest {
  readonly me: {
    readonly requests: {
      readonly edges: readonly {
        readonly node: { readonly id: string; readonly steps: readonly { id: string; state: string }[] };
      }[];
    };
  };
}

async function secretDisclosure(email: string): Promise<string> {
  const subjectId = await idOf(email);
  await carryOut(
    `mutation { recordDisclosure(input: { subjectId: "${subjectId}", authority: "PST", legalGround: "§ 210",
      categories: [CONTACT], secrecyUntil: "2998-01-01" }) { __typename } }`,
    "dpo@intech.example",
  );
  const { disclosures } = await carryOut<{
    disclosures: readonly { id: string; secrecyUntil: string | null }[];
  }>(`{ disclosures(subjectId: "${subjectId}") { id secrecyUntil } }`, "dpo@intech.example");
  return disclosures.find(({ secrecyUntil }) => secrecyUntil === "2998-01-01")?.id ?? expect.fail();
}

async function latestRequest(email: string) {
  const { me } = await carryOut<Latest>(
    "{ me { requests(first: 1) { edges { node { id steps { id state } } } } } }",
    email,
  );
  return me.requests.edges[0]?.node ?? expect.fail(`${email} has asked for nothing`);
}

/** One at a time: an example that has one carried out, or leaves one open, is not in the way of the next. */
async function retentionReviewsEnded(): Promise<void> {
  const open = () =>
    gateway.rows("select 1 from retention_review where ended_at is null and status <> 'AWAITING_DECISION'");
  await expect.poll(open, { timeout: 30_000 }).toHaveLength(0);
}

async function retentionReview(): Promise<Variables> {
  await retentionReviewsEnded();
  const open = "mutation { openRetentionReview(input: {}) { ... on RetentionReview { id } } }";
  return (await carryOut<{ openRetentionReview: { id: string } }>(open, dpo)).openRetentionReview;
}

async function correction(email: string): Promise<Variables> {
  const change = `{ field: JOB_TITLE, value: "Forsker ${Math.random()}" }`;
  await carryOut(`mutation { rectify(input: { changes: [${change}] }) { __typename } }`, email);
  return { id: (await latestRequest(email)).id };
}

async function planHashOf(email: string): Promise<string> {
  const plan = "{ me { erasurePlan { hash } } }";
  return (await carryOut<{ me: { erasurePlan: { hash: string } } }>(plan, email)).me.erasurePlan.hash;
}

async function erasureToBegin(email: string): Promise<Variables> {
  const input = `{ planHash: "${await planHashOf(email)}" }`;
  await carryOut(`mutation { requestErasure(input: ${input}) { __typename } }`, {
    as: email,
    strongly: true,
  });
  return { id: (await latestRequest(email)).id };
}

async function objection(email: string): Promise<Variables> {
  const input = '{ purpose: TESTING, reason: "I am not for that" }';
  await carryOut(`mutation { objectToProcessing(input: ${input}) { __typename } }`, email);
  return { id: (await latestRequest(email)).id };
}

async function failedStep(email: string): Promise<Variables> {
  const input = "{ purpose: PARTNER_MARKETING, given: true }";
  await carryOut(`mutation { setConsent(input: ${input}) { __typename } }`, email);
  const { id, steps } = await latestRequest(email);
  const failed = steps.find(({ state }) => state === "FAILED") ?? expect.fail("nothing has failed");
  const work = await carryOut<{ requests: { edges: readonly { node: { id: string } }[] } }>(
    "{ requests(filter: { statuses: [NEEDS_ATTENTION] }) { edges { node { id } } } }",
    dpo,
  );
  expect(work.requests.edges.map(({ node }) => node.id)).toContain(id);
  return { id, stepId: failed.id };
}

/** As the gateway notes that somebody who was erased is there again. */
async function reappearance(email: string): Promise<Variables> {
  const [again] = await gateway.rows<{ id: string }>(
    `insert into reappearance (id, subject_id, source, record_hash, seen_at)
     values (gen_random_uuid(), $1, 'crm', md5($2), now()) returning id`,
    [await idOf(email), email],
  );
  return again ?? expect.fail();
}

async function policyInForce(): Promise<Variables> {
  const { privacyPolicy } = await carryOut<{ privacyPolicy: { version: string } }>(
    "{ privacyPolicy { version } }",
    kari,
  );
  return { version: privacyPolicy.version };
}

async function letterWithCode(): Promise<Variables> {
  const { id = "" } = await letterOfNobody("PORTABILITY");
  const send = `mutation { sendIdentityCode(input: { id: "${id}", source: "mailing" }) { __typename } }`;
  await carryOut(send, dpo);
  const mail = (await gateway.outside.mails()).findLast(({ text }) => text.includes(id));
  const code = /^\d{8}$/m.exec(mail?.text ?? "")?.[0] ?? expect.fail("no code came");
  return { id, code };
}

async function letterOfNobody(kind = "ACCESS"): Promise<Variables> {
  const input = `{ kind: ${kind}, channel: POST, receivedAt: "2026-11-20T12:00:00Z",
    identifiers: [{ kind: EMAIL, value: "eva.enebo@example.com" }] }`;
  const { registerRequest } = await carryOut<{ registerRequest: { request: { id: string } } }>(
    `mutation { registerRequest(input: ${input}) { ... on RequestPayload { request { id } } } }`,
    dpo,
  );
  return { id: registerRequest.request.id };
}

async function letterOf(email: string): Promise<Variables> {
  const input = `{ kind: ACCESS, channel: POST, receivedAt: "2026-11-20T12:00:00Z",
    identifiers: [{ kind: EMAIL, value: "${email}" }], identityEstablishedBy: "Called back" }`;
  const { registerRequest } = await carryOut<{ registerRequest: { request: { id: string } } }>(
    `mutation { registerRequest(input: ${input}) { ... on RequestPayload { request { id } } } }`,
    dpo,
  );
  return { subjectId: await idOf(email), requestId: registerRequest.request.id };
}
