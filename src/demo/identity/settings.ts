import type { Account } from "./accounts.ts";

/** Plain data: it travels to the issuer's process. */
export interface IdentitySettings {
  /** On 127.0.0.1; 0: any free one. Part of the issuer's name, so tokens outlive a restart only on the same port. */
  readonly port: number;
  /** Where the signing keys are kept. */
  readonly folder: string;
  readonly accounts: readonly Account[];
  /** Of the client `innsyn-graphiql`, compared exactly. */
  readonly redirectUris: readonly string[];
  readonly tokenLifetimeSeconds: number;
}

/** The `aud` of every access token. */
export const audience = "innsyn";

/** The issuer may be at another port the next time, and its people are the same. */
export const accountNamespace = "innsyn-demo";

export const graphiqlClient = "innsyn-graphiql";
export const cliClient = "innsyn-cli";

/** RFC 8252 §7.3: on a loopback address the port may be any. */
export const cliRedirectUri = "http://127.0.0.1/callback";

/** How strongly someone signed in: the values of `acr`, weakest first. The demo takes the second factor as given. */
export const passwordContext = "urn:innsyn:demo:password";
export const mfaContext = "urn:innsyn:demo:mfa";

export const scopes = "openid profile email phone";
