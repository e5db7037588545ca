import { decodeJwt, generateKeyPair, importJWK, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadSigningKeys } from "../../src/demo/identity/signing-keys.ts";
import type { InnsynConfig } from "../../src/config/define.ts";
import { type Gateway, startGateway } from "../setup/gateway.ts";

let gateway: Gateway;
let claims: JWTPayload;
const email = "kari.nordmann@example.com";

beforeAll(async () => {
  gateway = await startGateway({ config: withSecondAddress });
  claims = decodeJwt(await gateway.token(email));
});
afterAll(() => gateway[Symbol.asyncDispose]());

async function signed(changes: object): Promise<string> {
  const [key] = await loadSigningKeys(gateway.identityFolder);
  const header = { alg: "RS256", typ: "at+jwt", kid: key.kid };
  return new SignJWT({ ...claims, ...changes })
    .setProtectedHeader(header)
    .sign(await importJWK({ ...key, alg: "RS256" }, "RS256"));
}

/** An issuer that also has an address that people state themselves, and says whether it has been verified. */
function withSecondAddress(config: InnsynConfig): InnsynConfig {
  const { identifiers } = config.identity;
  const second = { kind: "EMAIL", claim: "second", verifiedBy: { claim: "second_verified" } } as const;
  return { ...config, identity: { ...config.identity, identifiers: [...identifiers, second] } };
}

const past = () => Math.floor(Date.now() / 1000) - 600;
const bad: Readonly<Record<string, () => string | Promise<string>>> = {
  "that has expired": async () => `Bearer ${await signed({ exp: past() })}`,
  "of another issuer": async () => `Bearer ${await signed({ iss: "https://elsewhere.example" })}`,
  "for another audience": async () => `Bearer ${await signed({ aud: "another-api" })}`,
  "that nobody signed (alg none)": () => `Bearer ${new UnsecuredJWT(claims).encode()}`,
  "signed with a stranger's key": async () => {
    const { privateKey } = await generateKeyPair("RS256");
    return `Bearer ${await new SignJWT(claims).setProtectedHeader({ alg: "RS256", typ: "at+jwt" }).sign(privateKey)}`;
  },
  "that was changed": async () =>
    `Bearer ${(await gateway.token(email)).replace(/\.[^.]{10}/, ".eyJhIjoxfQ")}`,
  "that is none": () => "Bearer kari.nordmann@example.com",
  "of another scheme": () => `Basic ${btoa(`${email}:hemmelig`)}`,
};

const document =
  "{ me { id crm { name email } learning { name } mailing { name } events { name } website { email } } }";
/** Calls of each system so far, by the gateway's own count. */
const calls = async () => {
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  const found: Record<string, number> = {};
  for (const [, source = "", n] of metrics.matchAll(
    /^innsyn_source_call_duration_seconds_count\{.*source="(\w+)".*\} (\d+)$/gm,
  )) {
    found[source] = (found[source] ?? 0) + Number(n);
  }
  return found;
};

describe("a caller", () => {
  test("with a good token is answered", async () => {
    expect(
      (await gateway.query(document, {}, { headers: { authorization: `Bearer ${await signed({})}` } }))
        .status,
    ).toBe(200);
  });

  test("without a token is asked to sign in, and how", async () => {
    const { status, headers, data, errors } = await gateway.query(document);
    expect(status).toBe(401);
    expect(headers.get("www-authenticate")).toMatch(/^Bearer/);
    expect(data ?? null).toBeNull();
    expect(errors).toEqual([
      { message: expect.stringContaining("Sign in"), extensions: { code: "UNAUTHENTICATED" } },
    ]);
  });

  test.each(Object.keys(bad))(
    "with a token %s is nobody: nothing is read, nothing recorded as read",
    async (name) => {
      const before = await gateway.rows("select from audit_entry");
      const authorization = (await bad[name]?.()) ?? "";
      const answer = await gateway.query(document, {}, { headers: { authorization } });
      expect(answer.status).toBe(401);
      expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
      expect(answer.data ?? null).toBeNull();
      expect(answer.errors?.map(({ extensions }) => extensions)).toEqual([{ code: "UNAUTHENTICATED" }]);
      expect(await gateway.rows("select from audit_entry")).toHaveLength(before.length);
      // Also what anybody may read is not given to a caller who claims to be somebody and is not.
      expect(
        (await gateway.query("{ controller { name } }", {}, { headers: { authorization } })).status,
      ).toBe(401);
    },
  );
});

test("no system is asked for a caller who is nobody, or who may not", async () => {
  await gateway.query(document, {}, { as: email });
  const before = await calls();
  expect(Object.keys(before).sort()).toEqual(["crm", "events", "learning", "mailing", "website"]);
  for (const make of Object.values(bad))
    await gateway.query(document, {}, { headers: { authorization: await make() } });
  await gateway.query(document);
  await gateway.query(document, {}, { as: "support@intech.example" });
  expect(await calls()).toEqual(before);
  await gateway.query(document, {}, { as: email });
  for (const [source, count] of Object.entries(await calls()))
    expect(count).toBeGreaterThan(before[source] ?? 0);
});

describe("an address that is not verified", () => {
  interface Data {
    readonly me: {
      readonly id: string;
      readonly holdings: readonly {
        source: string;
        state: string;
        detail: string | null;
        recordCount: number | null;
        identifiers: readonly { value: string }[];
      }[];
      readonly profile: Readonly<
        Record<"name" | "email", { value: string | null; unavailable: string[]; heldBy: object[] }>
      >;
      readonly crm: object | null;
      readonly learning: object | null;
      readonly mailing: object | null;
      readonly events: object | null;
      readonly website: object | null;
    };
  }
  const everything = `{ me { id holdings { source state detail recordCount identifiers { value } }
    profile { name { value unavailable heldBy { value } } email { value unavailable heldBy { value } } }
    crm { name } learning { name } mailing { name } events { name } website { email } } }`;
  const sources = ["crm", "learning", "mailing", "events", "website"];
  const me = async (changes: object, language = "en") => {
    const headers = { authorization: `Bearer ${await signed(changes)}`, "accept-language": language };
    const answer = await gateway.query<Data>(everything, {}, { headers });
    expect(answer.status).toBe(200);
    if (!answer.data) throw new Error(answer.text);
    return { ...answer.data.me, errors: answer.errors };
  };

  test.each([
    ["said to be unverified", { email_verified: false }],
    ["of which nothing is said", { email_verified: undefined }],
    ["verified in words alone", { email_verified: "true" }],
    [
      "of another claim's word",
      { email_verified: false, phone_number_verified: true, second_verified: true },
    ],
  ])(
    "%s counts for nothing: no system is asked, and `holdings` says what is needed",
    async (name, changes) => {
      const before = await calls();
      const person = await me({ sub: name, ...changes });
      expect(person.id).toMatch(/^[\da-f-]{36}$/);
      expect(person.holdings).toEqual(
        sources.map((source) => ({
          source,
          state: "UNAVAILABLE",
          detail: expect.stringMatching(/until your e-mail address or your telephone number is verified/),
          recordCount: null,
          identifiers: [],
        })),
      );
      const { name: called, email: address } = person.profile;
      expect(address).toEqual({ value: null, unavailable: sources, heldBy: [] });
      // The website knows nobody's name.
      const naming = sources.filter((source) => source !== "website");
      expect(called).toEqual({ value: null, unavailable: naming, heldBy: [] });
      expect(sources.map((source) => person[source as "crm"])).toEqual(sources.map(() => null));
      expect(person.errors?.map(({ path, extensions }) => [path?.join("."), extensions.code])).toEqual(
        expect.arrayContaining(sources.map((source) => [`me.${source}`, "IDENTITY_NOT_VERIFIED"])),
      );
      expect(person.errors).toHaveLength(sources.length);
      expect(await calls()).toEqual(before);
      expect((await me({ sub: name, ...changes })).id).toBe(person.id);
    },
  );

  test.each([
    ["nb", /før e-postadressen din eller telefonnummeret ditt er bekreftet/],
    ["nn", /før e-postadressa di eller telefonnummeret ditt er stadfesta/],
  ])("is told of in %s", async (language, text) => {
    const { holdings } = await me({ sub: "språk", email_verified: false }, language);
    for (const { detail } of holdings) expect(detail).toMatch(text);
  });

  test("beside a verified one is looked for in no system", async () => {
    const eva = "eva.enebo@example.com";
    const stated = { sub: "two", email: eva, second: email, second_verified: false };
    const person = await me(stated);
    expect(person.holdings.map(({ state }) => state)).toEqual([
      "NOT_HELD",
      "NOT_HELD",
      "HELD",
      "NOT_HELD",
      "NOT_HELD",
    ]);
    expect(person.holdings[2]?.identifiers).toEqual([{ value: eva }]);
    expect(JSON.stringify(person)).not.toMatch(/kari/i);
    // The same, once it is verified.
    const verified = await me({ ...stated, second_verified: true });
    expect(verified.id).toBe(person.id);
    expect(verified.holdings.map(({ state }) => state)).not.toContain("NOT_HELD");
  });
});

test("the log has nothing of a token or of the person", () => {
  const log = gateway.lines.join("");
  expect(log).not.toMatch(/kari|nordmann|eyJ|hemmelig/i);
});
