import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hash, randomBytes } from "node:crypto";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signIn, UnknownAccount } from "../../src/demo/identity/client.ts";
import { demoAccounts } from "../../src/demo/identity/demo-accounts.ts";
import { serveIdentity, type Identity } from "../../src/demo/identity/server.ts";
import { mfaContext, passwordContext, type IdentitySettings } from "../../src/demo/identity/settings.ts";

const gateway = "http://localhost:4000";
let settings: IdentitySettings;
let identity: Identity;
let issuer: string;

beforeAll(async () => {
  settings = {
    port: 0,
    folder: await mkdtemp(join(tmpdir(), "innsyn-identity-")),
    accounts: demoAccounts,
    redirectUris: ["http://127.0.0.1:4000/graphiql", `${gateway}/graphiql`],
    tokenLifetimeSeconds: 30,
  };
  identity = await serveIdentity(settings);
  issuer = identity.ready.issuer;
});
afterAll(async () => {
  await identity.close();
  await rm(settings.folder, { recursive: true });
});

/** A browser with GraphiQL in it: cookies are kept, redirects are shown. */
class Visitor {
  readonly #cookies = new Map<string, string>();
  readonly verifier = randomBytes(32).toString("base64url");

  /** Where the authorization request leads: to the sign-in page, or straight back. */
  async authorize(parameters: Record<string, string> = {}): Promise<string> {
    const url = new URL("/auth", issuer);
    url.search = new URLSearchParams({
      client_id: "innsyn-graphiql",
      response_type: "code",
      redirect_uri: `${gateway}/graphiql`,
      scope: "openid",
      state: "s",
      code_challenge: hash("sha256", this.verifier, "base64url"),
      code_challenge_method: "S256",
      ...parameters,
    }).toString();
    const response = await this.get(url.href);
    return new URL(response.headers.get("location") ?? "about:blank", issuer).href;
  }

  /** Posts the sign-in page's form and goes on to where it leads. */
  async choose(page: string, account: string): Promise<string> {
    const posted = await this.request(page, { method: "POST", body: new URLSearchParams({ account }) });
    const back = await this.get(new URL(posted.headers.get("location") ?? "", issuer).href);
    return back.headers.get("location") ?? "";
  }

  async claims(redirect: string): Promise<Record<string, unknown>> {
    const response = await this.request(`${issuer}/token`, {
      method: "POST",
      headers: { origin: gateway },
      body: new URLSearchParams({
        grant_type: "authorization_code",
        client_id: "innsyn-graphiql",
        redirect_uri: `${gateway}/graphiql`,
        code: new URL(redirect).searchParams.get("code") ?? "",
        code_verifier: this.verifier,
      }),
    });
    expect(response.headers.get("access-control-allow-origin")).toBe(gateway);
    const { access_token: token } = (await response.json()) as { access_token: string };
    return decodeJwt(token);
  }

  get(url: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.request(url, { headers: { accept: "text/html", ...headers } });
  }

  async request(url: string, init: RequestInit & { headers?: Record<string, string> }): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { ...init, redirect: "manual", headers: { ...init.headers, cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      this.#cookies.set(name, value);
    }
    return response;
  }
}

describe("an access token", () => {
  test("says who it is, with every verified address, when and how they signed in", async () => {
    const claims = decodeJwt(await signIn({ issuer, email: "per.berg@example.com" }));
    expect(claims).toMatchObject({
      iss: issuer,
      aud: "innsyn",
      client_id: "innsyn-cli",
      name: "Per Berg",
      email: "per.berg@example.com",
      email_verified: true,
      emails: ["familien.berg@example.com"],
      roles: [],
      acr: passwordContext,
    });
    expect(claims.sub).not.toMatch(/@|berg/i);
    expect(Number(claims.exp) - Number(claims.iat)).toBe(30);
    expect(Math.abs(Number(claims["auth_time"]) - Date.now() / 1000)).toBeLessThan(10);
  });

  test("of staff names their role", async () => {
    const claims = decodeJwt(await signIn({ issuer, email: "auditor@intech.example" }));
    expect(claims["roles"]).toEqual(["innsyn-auditor"]);
  });

  test("tells a stronger sign-in apart", async () => {
    const token = await signIn({ issuer, email: "kari.nordmann@example.com", context: mfaContext });
    expect(decodeJwt(token)["acr"]).toBe(mfaContext);
  });

  test.each([["bjørn.østby@example.com".normalize("NFD")], ["Bjørn.ØSTBY@example.com"]])(
    "is given to %s",
    async (email) => {
      expect(decodeJwt(await signIn({ issuer, email }))["email"]).toBe("bjørn.østby@example.com");
    },
  );

  test("is given to nobody by an address that two persons share, or that nobody has", async () => {
    for (const email of ["familien.berg@example.com", "nobody@example.com", ""]) {
      const refused = signIn({ issuer, email });
      await expect(refused).rejects.toBeInstanceOf(UnknownAccount);
      await expect(refused).rejects.toMatchObject({
        known: expect.arrayContaining(["kari.nordmann@example.com"]),
      });
    }
  });
});

describe("the sign-in page", () => {
  test("lists persons with what is special, then staff, as buttons of one form, and runs no script", async () => {
    const visitor = new Visitor();
    const response = await visitor.get(await visitor.authorize());
    const html = await response.text();
    expect(response.status).toBe(200);
    expect(html).toContain('<html lang="nb">');
    expect([...html.matchAll(/<button name="account" value="([^"]+)"/g)].map(([, value]) => value)).toEqual(
      demoAccounts.map(({ emails: [email] }) => email),
    );
    expect(html).toContain("20 000 utsendte nyhetsbrev");
    expect(html).not.toContain("<script");
    expect(response.headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; style-src 'sha256-/,
    );
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test.each([
    ["nb", "nb"],
    ["no", "nb"],
    ["nn-NO,nn;q=0.9,en;q=0.5", "nn"],
    ["en-GB", "en"],
    ["de", "nb"],
  ])("speaks to a browser that asks for %s in %s", async (asked, spoken) => {
    const visitor = new Visitor();
    const page = await visitor.get(await visitor.authorize(), { "accept-language": asked });
    expect(await page.text()).toContain(`<html lang="${spoken}">`);
  });

  test("comes again with a word of help when the address is nobody's", async () => {
    const visitor = new Visitor();
    const page = await visitor.authorize();
    const body = new URLSearchParams({ account: "<script>alert(1)</script>@example.com" });
    const response = await visitor.request(page, { method: "POST", body, headers: { accept: "text/html" } });
    expect(response.status).toBe(422);
    const html = await response.text();
    expect(html).toContain('role="alert"');
    expect(html).not.toContain("alert(1)");
  });

  test("of a sign-in that was never begun says to begin again", async () => {
    const response = await new Visitor().get(`${issuer}/interaction/unknown`);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("logg inn på nytt");
  });
});

describe("GraphiQL's sign-in", () => {
  test("is one click, and none the second time", async () => {
    const visitor = new Visitor();
    const back = await visitor.choose(await visitor.authorize(), "kari.nordmann@example.com");
    expect(back).toMatch(/^http:\/\/localhost:4000\/graphiql\?code=/);
    const first = await visitor.claims(back);
    const second = await visitor.claims(await visitor.authorize());
    expect(second["sub"]).toBe(first["sub"]);
    expect(second["auth_time"]).toBe(first["auth_time"]);
  });

  test("with prompt=login lets somebody else in, by name alone", async () => {
    const visitor = new Visitor();
    const kari = await visitor.claims(
      await visitor.choose(await visitor.authorize(), "kari.nordmann@example.com"),
    );
    const again = await visitor.authorize({ prompt: "login" });
    const dpo = await visitor.claims(await visitor.choose(again, "dpo@intech.example"));
    expect(dpo["sub"]).not.toBe(kari["sub"]);
    expect(dpo).toMatchObject({ email: "dpo@intech.example", roles: ["innsyn-dpo"], emails: [] });
    expect(await visitor.claims(await visitor.authorize())).toMatchObject({ sub: dpo["sub"] });
  });

  test("is asked for again when it is too long ago, or too weak", async () => {
    const visitor = new Visitor();
    const first = await visitor.claims(
      await visitor.choose(await visitor.authorize(), "kari.nordmann@example.com"),
    );
    expect(await visitor.authorize({ max_age: "3600" })).toMatch(/\/graphiql\?code=/);
    await new Promise((resolve) => setTimeout(resolve, 2100));

    const page = await visitor.authorize({ max_age: "1" });
    expect(page).toContain("/interaction/");
    const later = await visitor.claims(await visitor.choose(page, "kari.nordmann@example.com"));
    expect(Number(later["auth_time"])).toBeGreaterThan(Number(first["auth_time"]));

    const stronger = await visitor.authorize({ acr_values: mfaContext });
    expect(stronger).toContain("/interaction/");
    expect(await visitor.claims(await visitor.choose(stronger, "kari.nordmann@example.com"))).toMatchObject({
      acr: mfaContext,
    });
    expect(await visitor.authorize({ acr_values: mfaContext })).toMatch(/\/graphiql\?code=/);
  });

  test("sends nobody to an address that is not GraphiQL's", async () => {
    const visitor = new Visitor();
    const url = new URL("/auth", issuer);
    url.search =
      "client_id=innsyn-graphiql&response_type=code&scope=openid&redirect_uri=http://localhost:9/graphiql";
    const response = await visitor.get(url.href);
    expect(response.status).toBe(400);
    expect(response.headers.get("location")).toBeNull();
  });

  test("needs the proof of the one who began it (PKCE), and lets no other site's script read the token", async () => {
    const without = await new Visitor().authorize({ code_challenge: "", code_challenge_method: "" });
    expect(new URL(without).searchParams.get("error")).toBe("invalid_request");
    const visitor = new Visitor();
    const code = new URL(
      await visitor.choose(await visitor.authorize(), "kari.nordmann@example.com"),
    ).searchParams.get("code");
    const exchange = (verifier: string, origin: string) =>
      visitor.request(`${issuer}/token`, {
        method: "POST",
        headers: { origin },
        body: new URLSearchParams({
          grant_type: "authorization_code",
          client_id: "innsyn-graphiql",
          redirect_uri: `${gateway}/graphiql`,
          code: code ?? "",
          code_verifier: verifier,
        }),
      });
    const foreign = await exchange(visitor.verifier, "https://evil.example");
    expect(foreign.status).toBe(400);
    expect(foreign.headers.get("access-control-allow-origin")).toBeNull();
    expect((await exchange(randomBytes(32).toString("base64url"), gateway)).status).toBe(400);
  });
});

describe("the signing keys", () => {
  test("are the owner's alone", async () => {
    expect((await stat(join(settings.folder, "signing-keys.json"))).mode & 0o777).toBe(0o600);
  });

  test("and the names of the accounts outlive a restart", async () => {
    const before = await signIn({ issuer, email: "kari.nordmann@example.com" });
    const keys = await (await fetch(`${issuer}/jwks`)).json();
    await identity.close();
    identity = await serveIdentity({ ...settings, port: Number(new URL(issuer).port) });
    expect(await (await fetch(`${issuer}/jwks`)).json()).toEqual(keys);
    expect(JSON.stringify(keys)).not.toMatch(/"(d|p|q)":/);
    const after = await signIn({ issuer, email: "kari.nordmann@example.com" });
    expect(decodeJwt(after).sub).toBe(decodeJwt(before).sub);
  });
});
