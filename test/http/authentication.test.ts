import { createPublicKey, type JsonWebKey } from "node:crypto";
import { createServer } from "node:http";
import { once } from "node:events";
import {
  base64url,
  decodeJwt,
  exportJWK,
  generateKeyPair,
  importJWK,
  SignJWT,
  UnsecuredJWT,
  type JWTPayload,
} from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signIn } from "../../src/demo/identity/client.ts";
import { loadSigningKeys, type SigningKey } from "../../src/demo/identity/signing-keys.ts";
import { createAuthenticator, InvalidToken, type Authenticator } from "../../src/http/authentication.ts";
import { IssuerUnavailable } from "../../src/http/issuer-keys.ts";
import { settingsFor, TestIssuer } from "./identity-provider.ts";

let idp: TestIssuer;
let genuine: string;
let key: SigningKey;
let authenticator: Authenticator;

beforeAll(async () => {
  idp = await TestIssuer.start();
  genuine = await signIn({ issuer: idp.issuer, email: "anne.berg@example.com" });
  [key] = await loadSigningKeys(idp.folder);
  authenticator = createAuthenticator(settingsFor(idp.issuer));
});
afterAll(() => idp[Symbol.asyncDispose]());

const seconds = (fromNow: number) => Math.floor(Date.now() / 1000) + fromNow;
const refusal = (token: string) => rejection(authenticator.authenticate(`Bearer ${token}`));
const rejection = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail("was accepted"),
    (error: unknown) => error,
  );

/** A token as the issuer signs it, but for the changes; undefined takes a claim away. */
async function signed(
  changes: Record<string, unknown>,
  header: Record<string, string> = {},
): Promise<string> {
  const payload = { ...decodeJwt(genuine), ...changes };
  const protectedHeader = { alg: "RS256", typ: "at+jwt", kid: key.kid, ...header };
  const { alg, ...jwk } = { ...key, alg: protectedHeader.alg };
  return new SignJWT(payload).setProtectedHeader(protectedHeader).sign(await importJWK(jwk, alg));
}

describe("a caller", () => {
  test("is named by a token of the issuer, with every verified address", async () => {
    const principal = await authenticator.authenticate(`Bearer ${genuine}`);
    expect(principal).toEqual({
      sub: decodeJwt(genuine).sub,
      namespace: "innsyn-demo",
      name: "Anne Berg",
      roles: new Set(["SUBJECT"]),
      identifiers: [
        { kind: "EMAIL", value: "anne.berg@example.com" },
        { kind: "EMAIL", value: "familien.berg@example.com" },
      ],
      authenticatedAt: new Date(Number(decodeJwt(genuine)["auth_time"]) * 1000),
      authenticationContext: "urn:innsyn:demo:password",
    });
  });

  test("of the staff has the role of the account, and is no data subject by role", async () => {
    const token = await signIn({ issuer: idp.issuer, email: "dpo@intech.example" });
    expect((await authenticator.authenticate(`Bearer ${token}`))?.roles).toEqual(new Set(["DPO"]));
  });

  test("without a header is nobody", async () => {
    expect(await authenticator.authenticate(undefined)).toBeNull();
  });

  test("may write the scheme in any letter case", async () => {
    expect(await authenticator.authenticate(`bEARER ${genuine}`)).not.toBeNull();
  });
});

describe("a header that names nobody", () => {
  test.each([
    ["", "malformed"],
    ["Bearer", "malformed"],
    ["Bearer ", "malformed"],
    ["Bearer a b", "malformed"],
    ["Bearer ..", "malformed"],
    ["Bearer not-a-token", "malformed"],
    ["Bearer e30.e30.e30", "malformed"],
    ["Bearer æøå", "malformed"],
    ["Basic a2FyaTpoZW1tZWxpZw==", "scheme"],
  ])("%j: %s", async (header, reason) => {
    await expect(authenticator.authenticate(header)).rejects.toMatchObject({ name: "InvalidToken", reason });
  });

  test("however long it is", async () => {
    const started = performance.now();
    const header = `Bearer ${"a".repeat(1_000_000)}`;
    await expect(authenticator.authenticate(header)).rejects.toMatchObject({ reason: "malformed" });
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe("a token is refused", () => {
  const publicPem = () =>
    createPublicKey({ key: key as JsonWebKey, format: "jwk" })
      .export({ type: "spki", format: "pem" })
      .toString();
  const hmac = (secret: string) =>
    new SignJWT(decodeJwt(genuine))
      .setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid: key.kid })
      .sign(new TextEncoder().encode(secret));
  const strange = async (header: Record<string, unknown> = {}) => {
    const pair = await generateKeyPair("RS256", { extractable: true });
    const jwk = await exportJWK(pair.publicKey);
    return new SignJWT(decodeJwt(genuine))
      .setProtectedHeader({
        alg: "RS256",
        typ: "at+jwt",
        kid: key.kid,
        ...header,
        ...(header["jwk"] ? { jwk } : {}),
      })
      .sign(pair.privateKey);
  };
  const parts = () => genuine.split(".");
  const tampered = (claims: JWTPayload) => {
    const [header, , signature] = parts();
    return [header, base64url.encode(JSON.stringify({ ...decodeJwt(genuine), ...claims })), signature].join(
      ".",
    );
  };

  test.each<[string, string, () => string | Promise<string>]>([
    ["that has expired", "expired", () => signed({ exp: seconds(-6) })],
    ["that never expires", "claims", () => signed({ exp: undefined })],
    ["that is not valid yet", "not_yet_valid", () => signed({ nbf: seconds(60) })],
    ["of another issuer", "issuer", () => signed({ iss: "https://issuer.example" })],
    ["of an issuer with a slash more", "issuer", () => signed({ iss: `${idp.issuer}/` })],
    ["for another audience", "audience", () => signed({ aud: "innsyn-graphiql" })],
    ["for nobody", "audience", () => signed({ aud: undefined })],
    ["about nobody", "claims", () => signed({ sub: undefined })],
    ["that is an ID token", "type", () => signed({}, { typ: "JWT" })],
    ["without a signature (none)", "algorithm", () => new UnsecuredJWT(decodeJwt(genuine)).encode()],
    [
      "that says none and keeps the signature",
      "algorithm",
      () => [noneHeader, parts()[1], parts()[2]].join("."),
    ],
    ["signed with the public key as a shared secret", "algorithm", () => hmac(publicPem())],
    ["signed with the key's modulus as a shared secret", "algorithm", () => hmac(key.n ?? "")],
    ["by a key the issuer does not have", "unknown_key", () => strange({ kid: "strange" })],
    ["by a strange key under the issuer's key id", "signature", () => strange()],
    ["by a strange key that it brings along", "signature", () => strange({ jwk: true })],
    ["by a strange key that it points to", "signature", () => strange({ jku: "http://127.0.0.1:9/jwks" })],
    ["with another role written in", "signature", () => tampered({ roles: ["innsyn-dpo"] })],
    ["with a longer life written in", "signature", () => tampered({ exp: seconds(1e6) })],
    ["with an algorithm that is not allowed", "algorithm", () => signed({}, { alg: "PS256" })],
  ])("%s: %s", async (_name, reason, make) => {
    const token = await make();
    const error = await refusal(token);
    expect(error).toBeInstanceOf(InvalidToken);
    expect(error).toMatchObject({ reason });
    expect(`${String(error)}${JSON.stringify(error)}`).not.toMatch(/eyJ|@|berg/);
    expect(error).not.toHaveProperty("cause");
  });

  const noneHeader = base64url.encode(JSON.stringify({ alg: "none", typ: "at+jwt" }));

  test("only when it has expired by more than the clocks may differ", async () => {
    expect(await authenticator.authenticate(`Bearer ${await signed({ exp: seconds(-2) })}`)).not.toBeNull();
  });
});

describe("the issuer", () => {
  test("may change its key while the gateway runs; tokens of the old one stay good", async () => {
    await using own = await TestIssuer.start();
    const { authenticate } = createAuthenticator(settingsFor(own.issuer));
    const before = await signIn({ issuer: own.issuer, email: "kari.nordmann@example.com" });
    expect(await authenticate(`Bearer ${before}`)).not.toBeNull();

    await own.rotateKey();
    const after = await signIn({ issuer: own.issuer, email: "kari.nordmann@example.com" });
    expect(after.split(".")[0]).not.toBe(before.split(".")[0]);
    expect(await authenticate(`Bearer ${after}`)).toMatchObject({ sub: decodeJwt(before).sub });
    expect(
      await createAuthenticator(settingsFor(own.issuer)).authenticate(`Bearer ${before}`),
    ).not.toBeNull();
  });

  test("that has moved has the same callers where the configuration says so, and no other", async () => {
    await using moved = await TestIssuer.start();
    const callerAt = async (issuer: string, accountNamespace?: string) => {
      const token = await signIn({ issuer, email: "kari.nordmann@example.com" });
      const settings = settingsFor(issuer, { accountNamespace });
      const caller = await createAuthenticator(settings).authenticate(`Bearer ${token}`);
      return [caller?.namespace, caller?.sub];
    };
    const before = await callerAt(idp.issuer);
    expect(before[0]).toBe(idp.issuer);
    expect(await callerAt(moved.issuer)).toEqual([moved.issuer, before[1]]);
    expect(await callerAt(moved.issuer, idp.issuer)).toEqual(before);
  });

  test("is not asked for its keys by every unknown key id", async () => {
    const { authenticate, checkIssuer } = createAuthenticator(
      settingsFor(idp.issuer, { keyRefreshSeconds: 60 }),
    );
    await checkIssuer();
    await idp.stop();
    try {
      const error = await rejection(authenticate(`Bearer ${await signed({}, { kid: "strange" })}`));
      expect(error).toMatchObject({ reason: "unknown_key" });
    } finally {
      await idp.startAgain();
    }
  });

  test("that is down is no fault of the token, and is found again when it is back", async () => {
    const { authenticate, checkIssuer } = createAuthenticator(settingsFor(idp.issuer));
    await idp.stop();
    try {
      const error = await rejection(authenticate(`Bearer ${genuine}`));
      expect(error).toBeInstanceOf(IssuerUnavailable);
      expect(String(error)).not.toContain("eyJ");
      await expect(checkIssuer()).rejects.toBeInstanceOf(IssuerUnavailable);
      expect(await authenticate(undefined)).toBeNull();
    } finally {
      await idp.startAgain();
    }
    await checkIssuer();
    expect(await authenticate(`Bearer ${genuine}`)).not.toBeNull();
  });

  test.each<[string, number, () => string]>([
    [
      "names another issuer",
      200,
      () => JSON.stringify({ issuer: idp.issuer, jwks_uri: `${idp.issuer}/jwks` }),
    ],
    ["names no keys", 200, () => JSON.stringify({ issuer: idp.issuer })],
    ["is no JSON", 200, () => "<html>"],
    ["is an error", 500, () => "{}"],
  ])("is not believed when its discovery document %s", async (_name, status, body) => {
    const server = createServer((_request, response) => response.writeHead(status).end(body())).listen(
      0,
      "127.0.0.1",
    );
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    try {
      const { authenticate } = createAuthenticator(settingsFor(`http://127.0.0.1:${port}`));
      expect(await rejection(authenticate(`Bearer ${genuine}`))).toBeInstanceOf(IssuerUnavailable);
    } finally {
      server.close();
    }
  });
});

describe("a token that was verified", () => {
  test("is believed for a minute at most after its key was withdrawn", async () => {
    await using own = await TestIssuer.start();
    let ahead = 0;
    const { authenticate, checkIssuer } = createAuthenticator(
      settingsFor(own.issuer),
      () => new Date(Date.now() + ahead * 1000),
    );
    const token = await signIn({ issuer: own.issuer, email: "kari.nordmann@example.com" });
    await authenticate(`Bearer ${token}`);
    await own.withdrawKey();
    await checkIssuer();

    ahead = 55;
    expect(await authenticate(`Bearer ${token}`)).not.toBeNull();
    ahead = 61;
    expect(await rejection(authenticate(`Bearer ${token}`))).toMatchObject({ reason: "unknown_key" });
  });

  test("is refused from the moment it expires, however lately it was verified", async () => {
    let ahead = 0;
    const settings = settingsFor(idp.issuer, { clockToleranceSeconds: 0 });
    const { authenticate } = createAuthenticator(settings, () => new Date(Date.now() + ahead * 1000));
    const short = await signed({ exp: seconds(20) });
    expect(await authenticate(`Bearer ${short}`)).not.toBeNull();
    ahead = 21;
    expect(await rejection(authenticate(`Bearer ${short}`))).toMatchObject({ reason: "expired" });
  });
});
