import type { JWTPayload } from "jose";
import type { IdentifierKind, Role } from "../access/vocabulary.ts";
import type { Identifier } from "../sources/contract.ts";
import { normalise, sameIdentifier } from "../subjects/identifiers.ts";
import type { Principal } from "../subjects/principal.ts";

export type ClaimScalar = string | number | boolean;

/** How an issuer's claims are read. A `claim` is a member's name, or a dotted path to a nested one. */
export interface ClaimRules {
  readonly roles: {
    /** An array, one value, or values parted by spaces (as in `scope`, RFC 6749 §3.3). */
    readonly claim: string;
    readonly map: Readonly<Record<string, Role>>;
    /** For a caller with no mapped role. */
    readonly default: readonly Role[];
  };
  readonly identifiers: readonly IdentifierRule[];
  readonly name: string;
  /** NumericDate of the sign-in (RFC 7519 §2). */
  readonly authenticatedAt: string;
  readonly authenticationContext: string;
}

export interface IdentifierRule {
  readonly kind: IdentifierKind;
  /** One string, or an array of them. */
  readonly claim: string;
  /** "issuer": the issuer puts only verified values into this claim. Otherwise the claim that says so. */
  readonly verifiedBy:
    "issuer" | { readonly claim: string; readonly equals: ClaimScalar | readonly ClaimScalar[] };
}

/** The caller, from the claims of a token that has been verified. */
export function principalOf(
  claims: JWTPayload,
  namespace: string,
  sub: string,
  rules: ClaimRules,
  now: Date,
): Principal {
  return {
    sub,
    namespace,
    name: nameIn(claims, rules.name),
    roles: rolesIn(claims, rules.roles),
    identifiers: identifiersIn(claims, rules.identifiers),
    authenticatedAt: momentIn(claims, rules.authenticatedAt, now),
    authenticationContext: contextIn(claims, rules.authenticationContext),
  };
}

function rolesIn(claims: JWTPayload, rule: ClaimRules["roles"]): ReadonlySet<Role> {
  const value = claimAt(claims, rule.claim);
  const names = typeof value === "string" ? [value, ...value.split(" ")] : strings(value);
  const mapped = names.flatMap((name) => (Object.hasOwn(rule.map, name) ? (rule.map[name] ?? []) : []));
  return new Set(mapped.length > 0 ? mapped : rule.default);
}

function identifiersIn(claims: JWTPayload, rules: readonly IdentifierRule[]): readonly Identifier[] {
  const found: Identifier[] = [];
  for (const rule of rules) {
    if (!isVerified(claims, rule)) continue;
    for (const text of strings(claimAt(claims, rule.claim))) {
      const value = normalise(rule.kind, text);
      if (value === null) continue;
      const identifier = { kind: rule.kind, value };
      if (!found.some((other) => sameIdentifier(other, identifier))) found.push(identifier);
    }
  }
  return found;
}

function isVerified(claims: JWTPayload, { verifiedBy }: IdentifierRule): boolean {
  if (verifiedBy === "issuer") return true;
  const said = claimAt(claims, verifiedBy.claim);
  return [verifiedBy.equals].flat().some((accepted) => accepted === said);
}

/** A moment yet to come is no sign-in: it would pass as fresh for ever. */
function momentIn(claims: JWTPayload, claim: string, now: Date): Date | null {
  const seconds = claimAt(claims, claim);
  if (typeof seconds !== "number" || !(seconds >= 0)) return null;
  const moment = new Date(seconds * 1000);
  return moment.getTime() <= now.getTime() ? moment : null;
}

/** Several contexts at once are none: which of them was asked for is not known here. */
function contextIn(claims: JWTPayload, claim: string): string | null {
  const [only, ...more] = [claimAt(claims, claim)].flat();
  return typeof only === "string" && more.length === 0 ? only : null;
}

/** The whole name goes first: collision-resistant claim names (RFC 7519 §4.2) contain dots. */
function claimAt(claims: JWTPayload, path: string): unknown {
  return Object.hasOwn(claims, path) ? claims[path] : path.split(".").reduce(memberOf, claims);
}

/** Own members alone: `constructor` and its like are no claims. */
function memberOf(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function nameIn(claims: JWTPayload, claim: string): string | null {
  const name = claimAt(claims, claim);
  return typeof name === "string" && name.trim() !== "" ? name.trim() : null;
}

function strings(value: unknown): readonly string[] {
  return [value].flat().filter((item) => typeof item === "string");
}
