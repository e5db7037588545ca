import { decodeJwt, generateKeyPair, importJWK, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadSigningKeys } from "../../src/demo/identity/signing-keys.ts";
import { type Gateway, startGateway } from "../setup/gateway.ts";

let gateway: Gateway;
let claims: JWTPayload;
const email = "kari.nordmann@example.com";

beforeAll(async () => {
  gateway = await startGateway();
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

const document = "{ me { id crm { name email } learning { name } mailing { name } events { name } } }";
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
  expect(Object.keys(before).sort()).toEqual(["crm", "events", "learning", "mailing"]);
  for (const make of Object.values(bad))
    await gateway.query(document, {}, { headers: { authorization: await make() } });
  await gateway.query(document);
  await gateway.query(document, {}, { as: "support@intech.example" });
  expect(await calls()).toEqual(before);
  await gateway.query(document, {}, { as: email });
  for (const [source, count] of Object.entries(await calls()))
    expect(count).toBeGreaterThan(before[source] ?? 0);
});

test("the log has nothing of a token or of the person", () => {
  const log = gateway.lines.join("");
  expect(log).not.toMatch(/kari|nordmann|eyJ|hemmelig/i);
});
