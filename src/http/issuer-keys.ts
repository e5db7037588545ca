import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from "jose";
import { z } from "zod";

/** Nobody can be recognised now: HTTP 503. `cause` says why. */
export class IssuerUnavailable extends Error {
  override readonly name = "IssuerUnavailable";
  constructor(issuer: string, cause: unknown) {
    super(`The issuer ${issuer} gave no usable keys`, { cause });
  }
}

export interface IssuerKeys {
  /** @throws {IssuerUnavailable} jose's own errors for a token that fits no key pass through. */
  readonly forToken: JWTVerifyGetKey;
  /** Asks the issuer now. @throws {IssuerUnavailable} */
  readonly check: () => Promise<void>;
}

const discoveryTimeoutMilliseconds = 5_000;
const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });

/** The issuer's signing keys, found by OpenID Connect Discovery, kept ten minutes, fetched again for an unknown key. */
export function issuerKeys(issuer: string, refreshSeconds: number): IssuerKeys {
  let keySet: Promise<ReturnType<typeof createRemoteJWKSet>> | undefined;

  const discovered = () =>
    (keySet ??= jwksUri(issuer).then((uri) =>
      createRemoteJWKSet(uri, { cooldownDuration: refreshSeconds * 1000 }),
    ));

  // What was discovered is forgotten with the first failure: the keys may have moved.
  const unavailable = (cause: unknown): never => {
    keySet = undefined;
    throw new IssuerUnavailable(issuer, cause);
  };

  return {
    forToken: async (header, token) => {
      const keys = await discovered().catch(unavailable);
      try {
        return await keys(header, token);
      } catch (error) {
        if (isAboutToken(error)) throw error;
        return unavailable(error);
      }
    },
    check: async () => {
      await discovered()
        .then((keys) => keys.reload())
        .catch(unavailable);
    },
  };
}

function isAboutToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}

/** OpenID Connect Discovery 1.0 §4; the issuer it names must be the one asked (§4.3). */
async function jwksUri(issuer: string): Promise<URL> {
  const response = await fetch(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, {
    headers: { accept: "application/json" },
    signal: AbortSignal.timeout(discoveryTimeoutMilliseconds),
  });
  if (!response.ok) throw new Error(`its discovery document answered ${response.status}`);
  const document = discovery.parse(await response.json());
  if (document.issuer !== issuer)
    throw new Error(`its discovery document names the issuer ${document.issuer}`);
  const uri = new URL(document.jwks_uri);
  if (issuer.startsWith("https:") && uri.protocol !== "https:") throw new Error(`its jwks_uri is not https`);
  return uri;
}
