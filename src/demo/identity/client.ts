import { hash, randomBytes } from "node:crypto";
import { cliClient, cliRedirectUri, scopes } from "./settings.ts";

export interface SignInOptions {
  /** `iss` of the demo's issuer. */
  readonly issuer: string;
  readonly email: string;
  /** The `acr` wanted; absent: the issuer's weakest. */
  readonly context?: string | undefined;
}

/** The issuer knows nobody by the address given. */
export class UnknownAccount extends Error {
  override readonly name = "UnknownAccount";
  readonly known: readonly string[];
  constructor(known: readonly string[]) {
    super("nobody in the demo has this address");
    this.known = known;
  }
}

/**
 * An access token from the demo's issuer, by the authorization code flow with PKCE (RFC 6749 §4.1, RFC 7636) as a
 * browser would run it: the sign-in page is asked for, an account posted, and the redirects followed.
 *
 * @throws {UnknownAccount}
 */
export async function signIn({ issuer, email, context }: SignInOptions): Promise<string> {
  const verifier = randomBytes(32).toString("base64url");
  const state = randomBytes(16).toString("base64url");
  const browser = new Browser(issuer);

  const page = await browser.follow(
    `/auth?${new URLSearchParams({
      client_id: cliClient,
      response_type: "code",
      redirect_uri: cliRedirectUri,
      scope: scopes,
      state,
      code_challenge: hash("sha256", verifier, "base64url"),
      code_challenge_method: "S256",
      ...(context === undefined ? {} : { acr_values: context }),
    })}`,
  );
  const end = await browser.follow(page.url, new URLSearchParams({ account: email }));
  if (end.response?.status === 422) {
    const { accounts } = (await end.response.json()) as { accounts: string[] };
    throw new UnknownAccount(accounts);
  }
  const answer = new URL(end.url).searchParams;
  const code = answer.get("code");
  if (code === null || answer.get("state") !== state) {
    throw new Error(`the issuer refused the sign-in: ${answer.get("error") ?? end.response?.status}`);
  }
  return exchange(issuer, code, verifier);
}

async function exchange(issuer: string, code: string, verifier: string): Promise<string> {
  const response = await fetch(new URL("/token", issuer), {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: cliClient,
      redirect_uri: cliRedirectUri,
      code,
      code_verifier: verifier,
    }),
  });
  const body = (await response.json()) as { access_token?: string; error?: string };
  if (body.access_token === undefined)
    throw new Error(`the issuer gave no token: ${body.error ?? response.status}`);
  return body.access_token;
}

interface Stop {
  readonly url: string;
  /** Absent where the way led out of the issuer. */
  readonly response?: Response;
}

/** As much of a browser as a sign-in needs: it follows redirects within the issuer and keeps its cookies. */
class Browser {
  readonly #origin: string;
  readonly #cookies = new Map<string, string>();

  constructor(issuer: string) {
    this.#origin = new URL(issuer).origin;
  }

  async follow(address: string, form?: URLSearchParams): Promise<Stop> {
    let url = new URL(address, this.#origin).href;
    let response = await this.#request(url, form);
    for (let steps = 0; steps < 10; steps += 1) {
      const location = response.headers.get("location");
      if (location === null) return { url, response };
      url = new URL(location, url).href;
      if (new URL(url).origin !== this.#origin) return { url };
      response = await this.#request(url);
    }
    throw new Error("the issuer redirects in a circle");
  }

  async #request(url: string, form?: URLSearchParams): Promise<Response> {
    const response = await fetch(url, {
      redirect: "manual",
      headers: {
        accept: "application/json",
        cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; "),
      },
      ...(form === undefined ? {} : { method: "POST", body: form }),
    });
    for (const cookie of response.headers.getSetCookie()) this.#keep(cookie);
    return response;
  }

  #keep(cookie: string): void {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
    if (name !== undefined && value !== undefined) this.#cookies.set(name, value);
  }
}
