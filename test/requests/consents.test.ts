import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Gateway } from "../setup/gateway.ts";
import { letter } from "./rights.ts";
import { dpo, kari, openWorld, refusal, type World } from "./world.ts";

let world: World;
beforeAll(async () => void (world = await openWorld({ replicas: 2 })));
afterAll(() => world[Symbol.asyncDispose]());

interface Answered {
  readonly __typename: string;
  readonly code: string;
  readonly rule: string | null;
  readonly consent: {
    readonly status: string;
    readonly history: readonly { status: string; channel: string; policyVersion: string }[];
  };
  readonly outcomes: readonly { readonly source: string; readonly result: string }[];
  readonly request: { readonly id: string; readonly kind: string; readonly purpose: string | null } | null;
}

async function setConsent(
  input: object,
  asked: Parameters<Gateway["query"]>[2] = { as: kari },
): Promise<Answered> {
  const answer = await world.gateway.query<{ setConsent: Answered }>(
    `mutation($input: SetConsentInput!) { setConsent(input: $input) { __typename ${refusal}
      ... on SetConsentPayload { consent { status history { status channel policyVersion } } outcomes { source result } request { id kind purpose status } } } }`,
    { input },
    asked,
  );
  if (!answer.data) throw new Error(`${answer.status} ${answer.text}`);
  return answer.data.setConsent;
}

const yes = { purpose: "NEWSLETTER", given: true };
const no = { purpose: "NEWSLETTER", given: false };

async function idOf(email: string): Promise<string> {
  const { data } = await world.gateway.query<{ me: { id: string } }>("{ me { id } }", {}, { as: email });
  return data?.me.id ?? "";
}

/** What marketing is answered that asks for a person's e-mail engagement. */
async function engagement(email: string, replica = 0): Promise<string | undefined> {
  const { data, errors } = await world.gateway.query<{ dataSubject: { mailing: object | null } | null }>(
    `query($id: ID!) { dataSubject(id: $id, purpose: NEWSLETTER) { mailing { deliveries(first: 1) { edges { node { openedAt } } } } } }`,
    { id: await idOf(email) },
    { as: "marketing@intech.example", replica },
  );
  return data?.dataSubject?.mailing ? "SHOWN" : errors?.[0]?.extensions.code;
}

const subscriptions = async (email = kari) =>
  (
    await world.own<{ status: string }>(
      "mailing",
      `select l.status::text from subscriber_lists l join subscribers s on s.id = l.subscriber_id where lower(s.email) = $1`,
      [email],
    )
  ).map(({ status }) => status);

async function eventually<T>(read: () => Promise<T>, is: (value: T) => boolean): Promise<T> {
  for (const end = Date.now() + 15_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const value = await read();
    if (is(value) || Date.now() > end) return value;
  }
}

describe("a withdrawal", () => {
  it("counts from the very next look, on every replica, and unsubscribes in the e-mail tool", async () => {
    await world.own("mailing", "update subscriber_lists set status = 'confirmed'");
    expect(await engagement(kari)).toBe("SHOWN");
    const withdrawn = await setConsent(no);
    expect(withdrawn.consent.status).toBe("WITHDRAWN");
    expect(withdrawn.outcomes).toEqual([{ source: "mailing", result: "DONE" }]);
    expect(await engagement(kari)).toBe("CONSENT_REQUIRED");
    expect(await engagement(kari, 1)).toBe("CONSENT_REQUIRED");
    expect(new Set(await subscriptions())).toEqual(new Set(["unsubscribed"]));
  });

  it("is as easily taken back, and adds to the ledger alone", async () => {
    const given = await setConsent(yes);
    expect(given.consent).toMatchObject({ status: "GIVEN" });
    expect(given.outcomes).toEqual([{ source: "mailing", result: "DONE" }]);
    expect(given.consent.history.map(({ status }) => status)).toEqual(["GIVEN", "WITHDRAWN", "GIVEN"]);
    expect(await engagement(kari)).toBe("SHOWN");
    expect(new Set(await subscriptions())).toEqual(new Set(["confirmed"]));
    const again = await setConsent(yes);
    expect(again.consent.history).toHaveLength(3);
    // Whoever asks twice is answered with what became of the first.
    expect(again.outcomes).toEqual(given.outcomes);
    expect(again.request).toEqual(given.request);
    expect(given.request).toMatchObject({ kind: "CONSENT", purpose: "NEWSLETTER", status: "COMPLETED" });
  });

  it("counts at once though the e-mail tool is down, and reaches it later", async () => {
    await world.gateway.open("mailing", false);
    const withdrawn = await setConsent(no);
    expect(withdrawn.outcomes).toEqual([{ source: "mailing", result: "PENDING" }]);
    expect(await engagement(kari)).toBe("CONSENT_REQUIRED");
    await world.gateway.open("mailing", true);
    const all = await eventually(subscriptions, (found) =>
      found.every((status) => status === "unsubscribed"),
    );
    expect(new Set(all)).toEqual(new Set(["unsubscribed"]));
  });

  it("and a yes in quick succession leave the tool as the last of them said", async () => {
    await world.gateway.open("mailing", false);
    await setConsent(yes);
    await setConsent(no);
    await setConsent(yes);
    await world.gateway.open("mailing", true);
    await eventually(
      () =>
        world.gateway.rows(
          "select 1 from request_step where action = 'SUPPRESS' and state in ('PENDING', 'RUNNING')",
        ),
      (rows) => rows.length === 0,
    );
    expect(new Set(await subscriptions())).toEqual(new Set(["confirmed"]));
    expect(await engagement(kari)).toBe("SHOWN");
  });
});

describe("a yes to a policy that is not the current one any more", () => {
  it("is renewed by a yes to the current one", async () => {
    const subjectId = await idOf("ola.nordmann@example.com");
    await world.gateway.rows(
      `insert into consent_event (id, subject_id, purpose, status, at, by_role, channel, policy_version)
       values (gen_random_uuid(), $1, 'PROFILE_TAILORING', 'GIVEN', '2017-01-01', 'SUBJECT', 'PORTAL', '2016-01-01')`,
      [subjectId],
    );
    const tailoring = { purpose: "PROFILE_TAILORING", given: true };
    for (const _ of ["once", "twice"]) {
      const { consent } = await setConsent(tailoring, { as: "ola.nordmann@example.com" });
      expect(consent.history.map(({ policyVersion }) => policyVersion)).toEqual(["2016-01-01", "2018-05-30"]);
    }
  });
});

describe("a link followed in the e-mail tool", () => {
  it("ends the consent here", async () => {
    const [reader] = await world.own<{ uuid: string }>(
      "mailing",
      "select uuid from subscribers where lower(email) = $1",
      [kari],
    );
    expect(await engagement(kari)).toBe("SHOWN");
    await world.own(
      "mailing",
      `update subscriber_lists set status = 'unsubscribed', updated_at = now()
       where subscriber_id = (select id from subscribers where uuid = $1)`,
      [reader?.uuid],
    );
    expect(
      await eventually(
        () => engagement(kari),
        (code) => code === "CONSENT_REQUIRED",
      ),
    ).toBe("CONSENT_REQUIRED");
    const [latest] = await world.gateway.rows<{ channel: string; status: string }>(
      "select channel, status from consent_event where subject_id = $1 order by at desc limit 1",
      [await idOf(kari)],
    );
    expect(latest).toEqual({ channel: "mailing", status: "WITHDRAWN" });
  });

  it("is no reason to end a yes that is said later", async () => {
    expect((await setConsent(yes)).consent.status).toBe("GIVEN");
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await engagement(kari)).toBe("SHOWN");
  });

  it("never says yes for anybody", async () => {
    const eva = "eva.enebo@example.com";
    await idOf(eva);
    await world.own("mailing", "update subscriber_lists set status = 'confirmed', updated_at = now()");
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await engagement(eva)).toBe("CONSENT_REQUIRED");
  });
});

describe("bad input", () => {
  it.each([
    [
      "a purpose of a contract",
      { purpose: "ORDER_FULFILMENT", given: true },
      "NO_LEGAL_GROUND",
      "NOT_BY_CONSENT",
    ],
    ["a purpose of the law", { purpose: "BOOKKEEPING", given: false }, "NO_LEGAL_GROUND", "NOT_BY_CONSENT"],
    ["an unknown policy", { ...yes, policyVersion: "1999" }, "INVALID_VALUE", "NOT_THE_CURRENT_POLICY"],
    ["another channel than the person's own", { ...yes, channel: "POST" }, "INVALID_VALUE", "OTHER_CHANNEL"],
    ["an unknown channel", { ...yes, channel: "pigeon post" }, "INVALID_VALUE", "UNKNOWN_CHANNEL"],
    [
      "a channel that every object has",
      { ...yes, channel: "constructor" },
      "INVALID_VALUE",
      "UNKNOWN_CHANNEL",
    ],
  ])("%s changes nothing", async (_what, input, code, rule) => {
    const ledger = "select * from consent_event order by id";
    const before = await world.gateway.rows(ledger);
    expect(await setConsent(input)).toMatchObject({ code, rule });
    expect(await world.gateway.rows(ledger)).toEqual(before);
  });

  it("staff name the person and the request, and others may not at all", async () => {
    const document = `mutation($input: SetConsentInput!) { setConsent(input: $input) { __typename } }`;
    const subjectId = await idOf(kari);
    const bare = await world.gateway.query(document, { input: { ...no, subjectId } }, { as: dpo });
    expect(bare.errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      argument: "input.requestId",
    });
    const other = { ...no, subjectId, requestId: crypto.randomUUID() };
    expect(
      (await world.gateway.query(document, { input: other }, { as: dpo })).errors?.[0]?.extensions.code,
    ).toBe("NOT_FOUND");
    for (const as of ["support@intech.example", "eva.enebo@example.com"])
      expect((await world.gateway.query(document, { input: other }, { as })).status).toBe(403);
  });
});

describe("a telephone call", () => {
  it("is written down by staff, and withdraws as the person would", async () => {
    await setConsent(yes);
    const call = await letter(world, "CONSENT_WITHDRAWAL", kari, {
      channel: "PHONE",
      identityEstablishedBy: "Ringte tilbake",
    });
    const input = { ...no, subjectId: await idOf(kari), requestId: call.id };
    const { consent, outcomes, request } = await setConsent(input, { as: dpo });
    expect(consent.history.at(-1)).toMatchObject({ status: "WITHDRAWN", channel: "PHONE" });
    expect(outcomes).toEqual([{ source: "mailing", result: "DONE" }]);
    expect(request).toMatchObject({ id: call.id, purpose: "NEWSLETTER" });
    expect(await engagement(kari)).toBe("CONSENT_REQUIRED");
    expect(await setConsent(input, { as: dpo })).toMatchObject({
      code: "WRONG_STATE",
      rule: "REQUEST_CLOSED",
    });
  });

  it("that asks for what is so already is answered, too", async () => {
    const call = await letter(world, "CONSENT_WITHDRAWAL", kari);
    const before = await world.gateway.rows("select id from consent_event order by id");
    await setConsent({ ...no, subjectId: await idOf(kari), requestId: call.id }, { as: dpo });
    expect(await world.gateway.rows("select id from consent_event order by id")).toEqual(before);
    expect(await world.until(call.id, "COMPLETED")).toBe("COMPLETED");
  });
});

describe("the ledger", () => {
  it("is only ever added to", async () => {
    for (const sql of [
      "update consent_event set status = 'GIVEN'",
      "update consent_event set at = now()",
      "delete from consent_event",
      "truncate consent_event",
    ])
      await expect(world.gateway.rows(sql)).rejects.toThrow("only ever added to");
  });

  it("holds what was shown, and gives a receipt that the published key verifies", async () => {
    const { data } = await world.gateway.query<{
      me: {
        id: string;
        consents: {
          purpose: string;
          status: string;
          wording: string;
          howToWithdraw: string;
          receipt: string | null;
          history: { wording: string | null }[];
        }[];
      };
    }>(
      "{ me { id consents { purpose status wording howToWithdraw receipt history { wording } } } }",
      {},
      { as: kari, headers: { "accept-language": "nn" } },
    );
    const consents = data?.me.consents ?? [];
    expect(consents.map(({ purpose }) => purpose)).toEqual([
      "NEWSLETTER",
      "PURCHASE_BASED_MARKETING",
      "PARTNER_MARKETING",
      "PROFILE_TAILORING",
    ]);
    expect(consents[2]).toMatchObject({ status: "NOT_ASKED", receipt: null });
    expect(consents[0]?.wording).toMatch(/^Ja, eg vil ha nyheitsbrev/);
    expect(consents[0]?.howToWithdraw).toMatch(/når som helst/);
    const receipt = consents[0]?.receipt ?? "";
    const jwks = (await (await fetch(`${world.gateway.url}/.well-known/jwks.json`)).json()) as JSONWebKeySet;
    expect(JSON.stringify(jwks)).not.toContain('"d"');
    const { payload } = await compactVerify(receipt, createLocalJWKSet(jwks));
    const record = JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>;
    expect(record).toMatchObject({
      schema_version: "ISO/IEC TS 27560:2023",
      pii_principal_id: data?.me.id,
      pii_processing: {
        privacy_notice: "2018-05-30",
        // As it was written down of the call, in whichever language the receipt is asked for.
        language: "nb",
        purposes: [
          {
            purpose: "NEWSLETTER",
            purpose_description: expect.stringMatching(/^Ja, jeg vil ha nyhetsbrev/),
            lawful_basis: "CONSENT",
            pii_information: expect.arrayContaining([{ pii_type: "EMAIL_ENGAGEMENT" }]),
            pii_controllers: ["983 040 225"],
            storage_locations: ["NO"],
            retention_period: expect.arrayContaining(["P2Y after sentAt"]),
            recipient_third_parties: [],
            withdrawal_method: expect.stringMatching(/^Du kan trekke tilbake samtykket når som helst/),
            privacy_rights: expect.arrayContaining([expect.stringMatching(/^Å trekke tilbake et samtykke/)]),
          },
        ],
      },
      party_identification: [
        { party_role: "PII controller", party_name: "Intech AS" },
        { party_role: "authority", party_name: "Datatilsynet", party_url: "https://www.datatilsynet.no" },
      ],
    });
    expect(record["events"]).toContainEqual(
      expect.objectContaining({
        event_state: "consent withdrawn",
        event_time: expect.any(String),
        entity_id: data?.me.id,
        entity_role: "SUBJECT",
        channel: "PORTAL",
        privacy_notice: "2018-05-30",
        wording: expect.any(String),
      }),
    );
    expect(record["events"]).toContainEqual(
      expect.objectContaining({ entity_id: "983 040 225", entity_role: "DPO", channel: "PHONE" }),
    );
    expect(JSON.stringify(record)).not.toMatch(/kari|example\.com/i);
    const [header, , signature] = receipt.split(".");
    const forged = Buffer.from(JSON.stringify({ ...record, pii_principal_id: "another" })).toString(
      "base64url",
    );
    await expect(
      compactVerify(`${header}.${forged}.${signature}`, createLocalJWKSet(jwks)),
    ).rejects.toThrow();
  });
});
