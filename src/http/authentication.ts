import { errors, jwtVerify } from "jose";
import type { Principal } from "../subjects/principal.ts";
import { principalOf, type ClaimRules } from "./claims.ts";
import { issuerKeys } from "./issuer-keys.ts";
import { VerifiedTokens } from "./verified-tokens.ts";

/** Asymmetric ones alone (RFC 8725 §3.1): no `none`, and no key that both sides share. */
export const signatureAlgorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
] as const;

export interface AuthenticationSettings extends ClaimRules {
  /** Exactly as in the tokens' `iss`; its discovery document lies under it. */
  readonly issuer: string;
  /** What `sub` is unique with; absent: the issuer. */
  readonly accountNamespace?: string | undefined;
  /** One of these must be in `aud`. */
  readonly audience: readonly string[];
  readonly algorithms: readonly (typeof signatureAlgorithms)[number][];
  readonly clockToleranceSeconds: number;
  /** The `typ` a token must have, e.g. `at+jwt` (RFC 9068 §2.1); absent: any. */
  readonly tokenType?: string | undefined;
  /** A token with an unknown key makes the issuer's keys be fetched again, at most this often. */
  readonly keyRefreshSeconds: number;
}

export type InvalidTokenReason =
  | "scheme"
  | "malformed"
  | "algorithm"
  | "unknown_key"
  | "signature"
  | "type"
  | "issuer"
  | "audience"
  | "not_yet_valid"
  | "expired"
  | "claims";

/** HTTP 401, `invalid_token` (RFC 6750 §3.1). Carries nothing of the token. */
export class InvalidToken extends Error {
  override readonly name = "InvalidToken";
  readonly reason: InvalidTokenReason;
  constructor(reason: InvalidTokenReason) {
    super(`The access token is not valid: ${reason}`);
    this.reason = reason;
  }
}

export interface Authenticator {
  /**
   * The caller named by an `Authorization` header; null where there is none.
   * @throws {InvalidToken} the header names nobody
   * @throws {IssuerUnavailable} the issuer's keys could not be had
   */
  readonly authenticate: (authorization: string | undefined) => Promise<Principal | null>;
  /** Asks the issuer for its keys now. @throws {IssuerUnavailable} */
  readonly checkIssuer: () => Promise<void>;
}

export function createAuthenticator(settings: AuthenticationSettings, now = () => new Date()): Authenticator {
  const keys = issuerKeys(settings.issuer, settings.keyRefreshSeconds);
  const verified = new VerifiedTokens();
  const namespace = settings.accountNamespace ?? settings.issuer;
  const options = {
    issuer: settings.issuer,
    audience: [...settings.audience],
    algorithms: [...settings.algorithms],
    clockTolerance: settings.clockToleranceSeconds,
    ...(settings.tokenType === undefined ? {} : { typ: settings.tokenType }),
  };

  const verify = async (token: string): Promise<Principal> => {
    const { payload } = await jwtVerify(token, keys.forToken, { ...options, currentDate: now() });
    if (typeof payload.sub !== "string" || payload.exp === undefined) throw new InvalidToken("claims");
    const principal = principalOf(payload, namespace, payload.sub, settings, now());
    verified.set(token, principal, payload.exp, now());
    return principal;
  };

  return {
    authenticate: async (authorization) => {
      if (authorization === undefined) return null;
      const token = bearerToken(authorization);
      return verified.get(token, now()) ?? verify(token).catch(asInvalidToken);
    },
    checkIssuer: keys.check,
  };
}

/** RFC 6750 §2.1; the scheme's letter case does not count (RFC 9110 §11.1). */
function bearerToken(authorization: string): string {
  const match = /^(\S+) +([\w.~+/-]+=*)$/.exec(authorization);
  if (match?.[2] === undefined) throw new InvalidToken("malformed");
  if (match[1]?.toLowerCase() !== "bearer") throw new InvalidToken("scheme");
  return match[2];
}

function asInvalidToken(error: unknown): never {
  const reason = reasonOf(error);
  if (reason === undefined) throw error;
  throw new InvalidToken(reason);
}

const reasonByClaim: Readonly<Record<string, InvalidTokenReason>> = {
  iss: "issuer",
  aud: "audience",
  nbf: "not_yet_valid",
  typ: "type",
};

/** The errors that jose documents for a token; anything else is not the token's fault. */
function reasonOf(error: unknown): InvalidTokenReason | undefined {
  if (error instanceof errors.JWTExpired) return "expired";
  if (error instanceof errors.JWTClaimValidationFailed) return reasonByClaim[error.claim] ?? "claims";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "signature";
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported)
    return "algorithm";
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return "unknown_key";
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return "malformed";
  return undefined;
}
