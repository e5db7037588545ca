import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inTransaction } from "../../src/store/tables.ts";
import { createPeople, remember } from "../../src/subjects/people.ts";
import type { Gateway } from "../setup/gateway.ts";
import { openRegister } from "../setup/register.ts";
import { idOf } from "./rights.ts";
import { dpo, kari, openWorld, refusal, type World } from "./world.ts";

let world: World;
beforeAll(async () => void (world = await openWorld({ replicas: 2 })));
afterAll(() => world[Symbol.asyncDispose]());

type Asked = Parameters<Gateway["query"]>[2];

const ola = "ola.nordmann@example.com";
const ingrid = "ingrid.aas@example.com";
const eva = "eva.enebo@example.com";

interface Published {
  readonly __typename: string;
  readonly version: string;
  readonly publishedAt: string;
  readonly code?: string;
  readonly rule?: string;
}

async function carryOut<T>(document: string, variables: object, asked: Asked): Promise<T> {
  const answer = await world.gateway.query<T>(document, variables, asked);
  if (!answer.data || answer.errors) throw new Error(`${answer.status} ${answer.text}`);
  return answer.data;
}

const policy = (version: string, more: object = {}) => ({
  version,
  text: `Personvernerklæring ${version}.\nVi lagrer minst mulig.`,
  language: "nb",
  changes: `I ${version}: Vi sletter etter to år.`,
  requiresConsent: false,
  ...more,
});

async function publish(input: object, asked: Asked = { as: dpo }): Promise<Published> {
  const { publishPrivacyPolicy } = await carryOut<{ publishPrivacyPolicy: Published }>(
    `mutation($input: PublishPrivacyPolicyInput!) { publishPrivacyPolicy(input: $input) { __typename ${refusal}
      ... on PrivacyPolicy { version publishedAt changes requiresConsent tellsPersons } } }`,
    { input },
    asked,
  );
  return publishPrivacyPolicy;
}

interface Standing {
  readonly __typename: string;
  readonly version: string;
  readonly toldAt: string | null;
  readonly agreedAt: string | null;
  readonly declinedAt: string | null;
  readonly open: boolean;
  readonly rule?: string;
}
const standing = "version toldAt agreedAt declinedAt open";

async function versionsOf(as: string, replica = 0): Promise<readonly Standing[]> {
  const { me } = await carryOut<{ me: { policyVersions: readonly Standing[] } }>(
    `{ me { policyVersions { ${standing} } } }`,
    {},
    { as, replica },
  );
  return me.policyVersions;
}
const standsOn = async (as: string, version: string, replica = 0) =>
  (await versionsOf(as, replica)).find((each) => each.version === version) ?? expect.fail(version);

async function agree(input: object, asked: Asked): Promise<Standing> {
  const { agreeToPrivacyPolicy } = await carryOut<{ agreeToPrivacyPolicy: Standing }>(
    `mutation($input: AgreeToPrivacyPolicyInput!) { agreeToPrivacyPolicy(input: $input) { __typename ${refusal}
      ... on PersonPolicyVersion { ${standing} } } }`,
    { input },
    asked,
  );
  return agreeToPrivacyPolicy;
}

interface Reach {
  readonly told: number;
  readonly waiting: number;
  readonly failed: number;
  readonly untold: number;
  readonly complete: boolean;
  readonly agreed: number;
  readonly declined: number;
}
async function reachOf(version: string, as = dpo): Promise<Reach> {
  const { privacyPolicies } = await carryOut<{
    privacyPolicies: readonly { version: string; reach: Reach }[];
  }>(
    "{ privacyPolicies { version reach { told waiting failed untold complete agreed declined } } }",
    {},
    { as },
  );
  return privacyPolicies.find((each) => each.version === version)?.reach ?? expect.fail(version);
}
const patiently = { timeout: 20_000 };
async function complete(version: string): Promise<void> {
  await expect.poll(async () => (await reachOf(version)).complete, patiently).toBe(true);
}

const mailsTo = async (address: string, version: string) =>
  (await world.gateway.outside.mails()).filter(
    ({ to, text }) => to === address && text.includes(`, ${version}.`),
  );

describe("a version that is published", () => {
  it("is in force at once on every replica, and the earlier ones are there still", async () => {
    for (const email of [kari, ola]) await idOf(world, email);
    const before = Date.now();
    const published = await publish(policy("2026-12-01", { tellPersons: false }));
    expect(published).toMatchObject({ __typename: "PrivacyPolicy", tellsPersons: false });
    expect(Date.parse(published.publishedAt)).toBeGreaterThanOrEqual(before - 1_000);
    for (const replica of [0, 1]) {
      const { data } = await world.gateway.query<Record<string, { version: string; changes: string | null }>>(
        `{ now: privacyPolicy { version changes } before: privacyPolicy(version: "2018-05-30") { version changes } }`,
        {},
        { replica },
      );
      expect(data).toEqual({
        now: { version: "2026-12-01", changes: "I 2026-12-01: Vi sletter etter to år." },
        before: { version: "2018-05-30", changes: null },
      });
      const notice = await carryOut<{ me: { notice: { policyVersion: string } } }>(
        "{ me { notice { policyVersion } } }",
        {},
        { as: kari, replica },
      );
      expect(notice.me.notice.policyVersion).toBe("2026-12-01");
    }
  });

  it("is what a yes is said to, and an earlier one is not", async () => {
    const setConsent = (policyVersion?: string) =>
      carryOut<{ setConsent: { rule?: string; consent?: { policyVersion: string } } }>(
        `mutation($input: SetConsentInput!) { setConsent(input: $input) { ${refusal} ... on SetConsentPayload { consent { policyVersion } } } }`,
        { input: { purpose: "PROFILE_TAILORING", given: true, ...(policyVersion && { policyVersion }) } },
        { as: kari, replica: 1, headers: { "accept-language": "nb" } },
      );
    expect((await setConsent("2018-05-30")).setConsent.rule).toBe("NOT_THE_CURRENT_POLICY");
    expect((await setConsent()).setConsent.consent?.policyVersion).toBe("2026-12-01");
  });

  it("is told of to nobody where that is not wanted, and asks for no answer", async () => {
    await complete("2026-12-01");
    expect(await reachOf("2026-12-01")).toMatchObject({ told: 0, waiting: 0, untold: 0 });
    expect(await standsOn(kari, "2026-12-01")).toMatchObject({ toldAt: null, open: false });
  });

  it("is refused where it contradicts what stands, and changes nothing", async () => {
    const refused = async (input: object) => {
      const { rule, code } = await publish(input);
      return `${code} ${rule}`;
    };
    expect(await refused(policy("2026-12-01", { text: "Noe helt annet." }))).toBe(
      "WRONG_STATE VERSION_EXISTS",
    );
    expect(await refused(policy("2018-05-30"))).toBe("WRONG_STATE VERSION_EXISTS");
    expect(await refused({ ...policy("2026-12-01"), version: "2026-12-02" })).toBe(
      "WRONG_STATE TEXT_UNCHANGED",
    );
    expect(await refused(policy("2026-12-02", { text: " \n" }))).toBe("INVALID_VALUE EMPTY");
    expect(await refused(policy("2026-12-02", { changes: "" }))).toBe("INVALID_VALUE EMPTY");
    expect(await refused(policy("2026-12-02", { language: "sv" }))).toBe("INVALID_VALUE UNKNOWN_LANGUAGE");
    expect(await refused(policy("../2026"))).toBe("INVALID_VALUE NOT_A_VERSION");
    expect(await refused(policy("2026-12-02", { requiresConsent: true, tellPersons: false }))).toBe(
      "INVALID_VALUE CONSENT_UNTOLD",
    );
    const rows = await world.gateway.rows("select version from privacy_policy");
    expect(rows).toHaveLength(2);
  });

  it("is published once, where two would publish it at the same moment", async () => {
    const twice = await Promise.all(
      [0, 1, 0, 1].map((replica) =>
        publish(policy("2026-12-02", { tellPersons: false }), { as: dpo, replica }),
      ),
    );
    expect(twice.map(({ __typename, rule }) => rule ?? __typename).sort()).toEqual([
      "PrivacyPolicy",
      "VERSION_EXISTS",
      "VERSION_EXISTS",
      "VERSION_EXISTS",
    ]);
  });

  it("is never changed, by whoever has the database either", async () => {
    await expect(world.gateway.rows("update privacy_policy set text = 'x'")).rejects.toThrow(
      "only ever added to",
    );
    await expect(world.gateway.rows("delete from privacy_policy")).rejects.toThrow("only ever added to");
    await expect(world.gateway.rows("truncate privacy_policy cascade")).rejects.toThrow("only ever added to");
  });

  it("is in the trail, by whom and which", async () => {
    const entries = await world.gateway.rows(
      "select actor_role, subject_ref, coordinates, detail from audit_entry where event = 'PUBLISHED' order by sequence",
    );
    expect(entries).toEqual(
      ["2026-12-01", "2026-12-02"].map((detail) => ({
        actor_role: "DPO",
        subject_ref: null,
        coordinates: ["Mutation.publishPrivacyPolicy"],
        detail,
      })),
    );
  });
});

describe("a version that requires consent", () => {
  const version = "2027-01-01";

  it("is messaged once to each person who can be written to, in their language, and open for each", async () => {
    // A person whose processing is restricted, and one who has shown no address.
    await idOf(world, ingrid);
    await world.gateway.rows(
      `insert into restriction (id, subject_id, sources, sealed_reason, since) values (gen_random_uuid(), $1, '{}', '\\x', now())`,
      [await idOf(world, ingrid)],
    );
    await world.gateway.query(
      "mutation { setConsent(input: { purpose: NEWSLETTER, given: true }) { __typename } }",
      {},
      {
        as: ola,
        headers: { "accept-language": "en" },
      },
    );
    await world.gateway.outside.open("mail", false);
    await publish(policy(version, { language: "nn", requiresConsent: true }));
    expect(await standsOn(kari, version, 1)).toMatchObject({ toldAt: null, agreedAt: null, open: true });
    const failures = () => world.gateway.lines.filter((line) => line.includes("tried again soon")).length;
    await expect.poll(failures, patiently).toBeGreaterThan(1);
    expect(await reachOf(version)).toMatchObject({ told: 0, failed: 0, complete: false });
    await world.gateway.outside.open("mail", true);
    await complete(version);

    const [mail, ...more] = await mailsTo(kari, version);
    expect(more).toEqual([]);
    expect(mail?.subject).toBe("Personvernerklæringen vår er endret, og vi trenger svaret ditt");
    expect(mail?.text).toContain("I 2027-01-01: Vi sletter etter to år.");
    expect((await mailsTo(ola, version)).map(({ subject }) => subject)).toEqual([
      "Our privacy policy has changed, and we need your answer",
    ]);
    // Whose language nobody knows is told in that of the version.
    expect((await mailsTo(ingrid, version)).map(({ subject }) => subject)).toEqual([
      "Personvernerklæringa vår er endra, og vi treng svaret ditt",
    ]);
    const { told, untold } = await reachOf(version, "auditor@intech.example");
    expect(told).toBe(3);
    expect(untold).toBeGreaterThan(0);
    expect((await standsOn(kari, version)).toldAt).not.toBeNull();
  });

  it("is closed by a yes, which is recorded once, and by a no", async () => {
    const agreed = await agree({ version }, { as: kari });
    expect(agreed).toMatchObject({ __typename: "PersonPolicyVersion", declinedAt: null, open: false });
    const again = await agree({ version }, { as: kari, replica: 1 });
    expect(again).toEqual(agreed);
    expect(await agree({ version, agrees: false }, { as: ola })).toMatchObject({
      agreedAt: null,
      open: false,
    });
    expect(await reachOf(version)).toMatchObject({ agreed: 1, declined: 1 });
    const rows = await world.gateway.rows("select 1 from policy_answer");
    expect(rows).toHaveLength(2);
  });

  it("can be taken back as easily, and both are kept", async () => {
    expect(await agree({ version, agrees: false }, { as: kari })).toMatchObject({
      agreedAt: null,
      open: false,
    });
    expect(await agree({ version }, { as: kari })).toMatchObject({ declinedAt: null });
    const rows = await world.gateway.rows<{ agreed: boolean }>(
      "select agreed from policy_answer where subject_id = $1 order by at",
      [await idOf(world, kari)],
    );
    expect(rows.map(({ agreed }) => agreed)).toEqual([true, false, true]);
    await expect(world.gateway.rows("update policy_answer set agreed = true")).rejects.toThrow(
      "only ever added to",
    );
    await expect(world.gateway.rows("delete from policy_answer")).rejects.toThrow("only ever added to");
  });

  it("gives no purpose a consent", async () => {
    const given = await world.gateway.rows(
      "select 1 from consent_event where policy_version = $1 and status = 'GIVEN'",
      [version],
    );
    expect(given).toEqual([]);
  });

  it("is open for whoever is met later, who is not messaged", async () => {
    expect(await standsOn(eva, version)).toMatchObject({ toldAt: null, open: true });
    expect(await mailsTo(eva, version)).toEqual([]);
  });

  it("is answered to by what is in force alone", async () => {
    for (const other of ["2018-05-30", "2099-01-01", "", "\u0000"])
      expect(await agree({ version: other }, { as: eva })).toMatchObject({ rule: "NOT_THE_CURRENT_POLICY" });
  });

  it("stays to be answered where a smaller version follows on it", async () => {
    const next = "2027-02-01";
    await publish(policy(next, { tellPersons: false }));
    expect((await versionsOf(eva)).map(({ version: each, open }) => [each, open])).toEqual([
      [next, true],
      [version, false],
      ["2026-12-02", false],
      ["2026-12-01", false],
      ["2018-05-30", false],
    ]);
    expect(await standsOn(kari, next)).toMatchObject({ open: false });
    expect(await agree({ version: next }, { as: eva })).toMatchObject({ open: false });
  });
});

describe("whom staff had found, and who has shown an address by a code", () => {
  const siv = "siv.stille@example.com";

  it("is told, and not again once they sign in and are one with whom was found", async () => {
    const identifier = { kind: "EMAIL", value: siv } as const;
    await using register = await openRegister(world.gateway);
    const found = await createPeople(register).enrolFound(identifier);
    await inTransaction(register.store, (db) => remember(db, register, found.id, "CONFIRMED", [identifier]));
    const version = "2027-02-15";
    await publish(policy(version));
    await complete(version);
    const { toldAt } = await standsOn(siv, version);
    expect(toldAt).not.toBeNull();
    expect(await idOf(world, siv)).not.toBe(found.id);
    expect(await mailsTo(siv, version)).toHaveLength(1);
  });
});

async function erasureOf(as: string): Promise<string> {
  const { me } = await carryOut<{ me: { erasurePlan: { hash: string } } }>(
    "{ me { erasurePlan { hash } } }",
    {},
    { as },
  );
  const { requestErasure } = await carryOut<{ requestErasure: { request: { id: string } } }>(
    `mutation($input: RequestErasureInput!) { requestErasure(input: $input) { ${refusal} ... on RequestPayload { request { id } } } }`,
    { input: { planHash: me.erasurePlan.hash } },
    { as, strongly: true },
  );
  return requestErasure.request.id;
}

describe("whoever is erased", () => {
  it("is told of nothing any more, and what they answered stays without a word of theirs", async () => {
    const id = await idOf(world, ola);
    await world.until(await erasureOf(ola), "COMPLETED", "COMPLETED_WITH_RETENTION");
    const version = "2027-03-01";
    await publish(policy(version));
    await complete(version);
    expect(await mailsTo(ola, version)).toEqual([]);
    const rows = await world.gateway.rows(
      "select 1 from policy_notice where subject_id = $1 and version = $2",
      [id, version],
    );
    expect(rows).toEqual([]);
    expect((await mailsTo(kari, version)).map(({ subject }) => subject)).toEqual([
      "Personvernerklæringen vår er endret",
    ]);
    expect(await reachOf("2027-01-01")).toMatchObject({ agreed: 1, declined: 1, told: 3 });
  });
});

describe("whoever is being erased", () => {
  it("is told of nothing meanwhile, nor after", async () => {
    const version = "2027-04-01";
    await carryOut(
      "mutation { setConsent(input: { purpose: PARTNER_MARKETING, given: true }) { __typename } }",
      {},
      { as: eva },
    );
    // It is not over before the partner is told.
    await world.gateway.outside.open("partner", false);
    const id = await erasureOf(eva);
    await publish(policy(version));
    await expect.poll(async () => (await mailsTo(kari, version)).length, patiently).toBe(1);
    await expect.poll(async () => (await reachOf(version)).waiting, patiently).toBe(1);
    expect(await mailsTo(eva, version)).toEqual([]);
    await world.gateway.outside.open("partner", true);
    await world.until(id, "COMPLETED", "COMPLETED_WITH_RETENTION");
    await complete(version);
    expect(await mailsTo(eva, version)).toEqual([]);
  });
});

describe("who may", () => {
  it.each([kari, "support@intech.example", "marketing@intech.example", "auditor@intech.example", null])(
    "publish: not %s",
    async (as) => {
      const { data, errors } = await world.gateway.query(
        "mutation($input: PublishPrivacyPolicyInput!) { publishPrivacyPolicy(input: $input) { __typename } }",
        { input: policy("2030-01-01") },
        { as },
      );
      expect(data ?? null).toBeNull();
      expect(errors?.map(({ extensions }) => extensions.code)).toEqual([
        as ? "FORBIDDEN" : "UNAUTHENTICATED",
      ]);
    },
  );

  it("answer: no staff", async () => {
    const { errors } = await world.gateway.query(
      `mutation { agreeToPrivacyPolicy(input: { version: "2027-03-01" }) { __typename } }`,
      {},
      { as: dpo },
    );
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["FORBIDDEN"]);
  });
});
