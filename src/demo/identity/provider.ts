import { randomBytes } from "node:crypto";
import Provider, { interactionPolicy, type Configuration, type KoaContextWithOIDC } from "oidc-provider";
import { claimsOf, subjectOf, type Account } from "./accounts.ts";
import { memoryAdapter } from "./memory-adapter.ts";
import { errorPage, languageOf } from "./page.ts";
import {
  audience,
  cliClient,
  cliRedirectUri,
  graphiqlClient,
  mfaContext,
  passwordContext,
  scopes,
  type IdentitySettings,
} from "./settings.ts";
import { signingAlgorithm, type SigningKeys } from "./signing-keys.ts";

/** Resource indicators are absolute URIs (RFC 8707 §2); every token is for this one. */
const resource = "urn:innsyn:gateway";
const resourceScope = "data-subject";
const day = 24 * 60 * 60;

/** The demo's OpenID provider: its accounts, two public clients, no password, no consent page. */
export function createProvider(issuer: string, settings: IdentitySettings, keys: SigningKeys): Provider {
  const accounts = new Map(settings.accounts.map((account) => [subjectOf(account), account]));
  return new Provider(issuer, {
    adapter: memoryAdapter(),
    jwks: { keys: [...keys] },
    clients: clients(settings),
    cookies: { keys: [randomBytes(32).toString("base64url")] },
    acrValues: [passwordContext, mfaContext],
    scopes: scopes.split(" "),
    claims: {
      openid: ["sub"],
      profile: ["name", "roles"],
      email: ["email", "email_verified", "emails"],
      phone: ["phone_number", "phone_number_verified"],
    },
    findAccount: (_ctx, sub) => {
      const account = accounts.get(sub);
      return account && { accountId: sub, claims: () => ({ sub, ...claimsOf(account) }) };
    },
    interactions: { policy: signInPolicy() },
    loadExistingGrant,
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: resourceIndicators(settings, keys),
    },
    extraTokenClaims: (ctx, token) =>
      tokenClaims(ctx, "accountId" in token ? accounts.get(token.accountId) : undefined),
    clientBasedCORS: (_ctx, origin, client) =>
      (client.redirectUris ?? []).some((uri) => new URL(uri).origin === origin),
    ttl: {
      AccessToken: settings.tokenLifetimeSeconds,
      AuthorizationCode: 60,
      Grant: day,
      IdToken: settings.tokenLifetimeSeconds,
      Interaction: 60 * 60,
      Session: day,
    },
    renderError: (ctx, out) => {
      ctx.type = "html";
      ctx.body = errorPage(languageOf(ctx), out.error);
    },
  });
}

function clients(settings: IdentitySettings): NonNullable<Configuration["clients"]> {
  const publicClient = {
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code"],
    response_types: ["code"],
  } as const;
  return [
    { ...publicClient, client_id: graphiqlClient, redirect_uris: [...settings.redirectUris] },
    { ...publicClient, client_id: cliClient, redirect_uris: [cliRedirectUri], application_type: "native" },
  ];
}

function resourceIndicators(settings: IdentitySettings, [newest]: SigningKeys) {
  return {
    enabled: true,
    defaultResource: () => resource,
    useGrantedResource: () => true,
    getResourceServerInfo: () => ({
      audience,
      scope: resourceScope,
      accessTokenTTL: settings.tokenLifetimeSeconds,
      accessTokenFormat: "jwt" as const,
      jwt: { sign: { alg: signingAlgorithm, kid: newest.kid } },
    }),
  } as const;
}

/** Both clients are our own, so nobody is asked for consent; a stronger sign-in than the session's is asked for. */
function signInPolicy(): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base();
  policy.remove("consent");
  const { Check } = interactionPolicy;
  policy.get("login")?.checks.add(
    new Check("acr_values", "a stronger sign-in is asked for", ({ oidc }) => {
      const asked = oidc.params?.["acr_values"];
      const met = typeof asked !== "string" || asked.split(" ").includes(oidc.session?.acr ?? "");
      return met ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT;
    }),
  );
  return policy;
}

async function loadExistingGrant({ oidc }: KoaContextWithOIDC) {
  const { client, session, provider } = oidc;
  if (client === undefined || session?.accountId === undefined) return undefined;
  const known = session.grantIdFor(client.clientId);
  const existing = known === undefined ? undefined : await provider.Grant.find(known);
  if (existing !== undefined) return existing;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(scopes);
  grant.addResourceScope(resource, resourceScope);
  await grant.save();
  return grant;
}

function tokenClaims({ oidc }: KoaContextWithOIDC, account: Account | undefined) {
  const code = oidc.entities.AuthorizationCode;
  return account && { ...claimsOf(account), auth_time: code?.authTime, acr: code?.acr };
}
