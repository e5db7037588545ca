import { hash } from "node:crypto";
import type { Principal } from "../subjects/principal.ts";

/** Ten thousand callers a minute take some ten megabytes. */
const capacity = 10_000;
/** How much longer a caller is believed than the issuer's keys and the clock would have it, at most. */
const lifetimeMilliseconds = 60_000;

/**
 * Callers whose token was verified less than a minute ago. A signature costs 75 µs (RS256) to 120 µs (ES256) of
 * processor time, this look-up 1 µs. The key is the token's SHA-256: the memory holds no usable token.
 */
export class VerifiedTokens {
  readonly #entries = new Map<string, { readonly principal: Principal; readonly until: number }>();

  get(token: string, now: Date): Principal | undefined {
    const entry = this.#entries.get(keyOf(token));
    return entry !== undefined && now.getTime() < entry.until ? entry.principal : undefined;
  }

  /** `expiresAt`: the token's `exp`, in seconds; it is never outlived. */
  set(token: string, principal: Principal, expiresAt: number, now: Date): void {
    const key = keyOf(token);
    this.#entries.delete(key);
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined && this.#entries.size >= capacity) this.#entries.delete(oldest);
    const until = Math.min(expiresAt * 1000, now.getTime() + lifetimeMilliseconds);
    this.#entries.set(key, { principal, until });
  }
}

function keyOf(token: string): string {
  return hash("sha256", token, "base64url");
}
