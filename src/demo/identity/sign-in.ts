import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { errors, type Interaction, type Provider } from "oidc-provider";
import { accountByEmail, subjectOf, type Account } from "./accounts.ts";
import { contentSecurityPolicy, errorPage, languageOf, signInPage } from "./page.ts";
import { mfaContext, passwordContext } from "./settings.ts";

export const signInPath = "/interaction/";

/**
 * The sign-in page. GET shows it (as JSON: the addresses one can sign in with); POST of `account`, an address, signs
 * in and sends the browser on.
 */
export function signInHandler(provider: Provider, accounts: readonly Account[]) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const ctx = provider.createContext(request, response);
    const language = languageOf(ctx);
    ctx.set({
      "content-security-policy": contentSecurityPolicy,
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
    });
    try {
      const interaction = await provider.interactionDetails(request, response);
      const posted = request.method === "POST" ? await postedAddress(request) : undefined;
      const account = posted === undefined ? undefined : accountByEmail(accounts, posted);
      if (account !== undefined) return await signIn(provider, request, response, interaction, account);

      const status = posted === undefined ? 200 : 422;
      if (ctx.accepts("html", "json") === "json") {
        return send(response, status, "application/json", JSON.stringify(addresses(accounts)));
      }
      const mfa = contextFor(interaction) === mfaContext;
      send(
        response,
        status,
        "text/html",
        signInPage({ language, accounts, mfa, unknown: posted !== undefined }),
      );
    } catch (error) {
      if (!(error instanceof errors.SessionNotFound)) throw error;
      send(response, 400, "text/html", errorPage(language, "session_not_found"));
    }
  };
}

async function signIn(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  interaction: Interaction,
  account: Account,
): Promise<void> {
  const accountId = subjectOf(account);
  const login = { accountId, acr: contextFor(interaction), amr: [] };
  const next = await provider.interactionResult(request, response, { login });
  // Last of all: an interaction belongs to the one whom the session names.
  await forgetOther(provider, request, response, accountId);
  response.writeHead(303, { location: next }).end();
}

/** Whoever was signed in before gives way: the library would ask for a log-out first, on a page with a script. */
async function forgetOther(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  accountId: string,
): Promise<void> {
  const session = await provider.Session.get(provider.createContext(request, response));
  if (session.accountId === undefined || session.accountId === accountId) return;
  delete session.accountId;
  delete session.authorizations;
  await session.persist();
}

function contextFor({ params }: Interaction): string {
  const asked = params["acr_values"];
  return typeof asked === "string" && asked.split(" ").includes(mfaContext) ? mfaContext : passwordContext;
}

function addresses(accounts: readonly Account[]): { accounts: string[] } {
  return { accounts: accounts.map(({ emails: [email] }) => email) };
}

async function postedAddress(request: IncomingMessage): Promise<string> {
  return new URLSearchParams(await text(request)).get("account") ?? "";
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "content-type": `${type}; charset=utf-8` }).end(body);
}
