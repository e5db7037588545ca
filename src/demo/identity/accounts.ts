import { hash } from "node:crypto";

/** By language; English is what there always is. */
export interface Localised {
  readonly nb?: string | undefined;
  readonly nn?: string | undefined;
  readonly en: string;
}

/** Someone who can sign in with the demo's issuer. */
export interface Account {
  /** The first is the one shown and given as `email`, the others as `emails`; all of them verified. */
  readonly emails: readonly [string, ...string[]];
  readonly name: string;
  /** Verified; E.164. */
  readonly phone?: string | undefined;
  /** As the issuer calls them; empty for a person who is no staff. */
  readonly roles: readonly string[];
  /** What is special about signing in as this one. */
  readonly about?: Localised | undefined;
}

/** Opaque, and the same after a restart. */
export function subjectOf(account: Account): string {
  return hash("sha256", `innsyn demo subject ${account.emails[0]}`, "base64url").slice(0, 22);
}

/** Claims of OpenID Connect Core §5.1, and `roles` and `emails` of our own. */
export function claimsOf(account: Account): Readonly<Record<string, string | boolean | readonly string[]>> {
  const [email, ...emails] = account.emails;
  return {
    name: account.name,
    email,
    email_verified: true,
    emails,
    roles: account.roles,
    ...(account.phone === undefined ? {} : { phone_number: account.phone, phone_number_verified: true }),
  };
}

/** By the first address alone: another one may be shared. Letter case and Unicode composition do not count. */
export function accountByEmail(accounts: readonly Account[], email: string): Account | undefined {
  const wanted = folded(email);
  return accounts.find(({ emails: [first] }) => folded(first) === wanted);
}

function folded(email: string): string {
  return email.normalize("NFKC").trim().toLowerCase();
}
