import { Role } from "../../access/vocabulary.ts";
import type { IdentityConfig } from "../../config/identity.ts";
import { fixedPeople } from "../people/fixed.ts";
import { staff } from "../people/staff.ts";
import type { Account } from "./accounts.ts";
import { accountNamespace, audience } from "./settings.ts";

/** What the demo's issuer calls a role; the gateway's configuration translates. */
const issuersName = (role: Role): string => `innsyn-${role.toLowerCase()}`;

const staffRoles = Object.values(Role).filter((role) => role !== Role.SUBJECT);

const specialInNorwegian: Readonly<Record<string, string>> = {
  "kari.nordmann@example.com":
    "i alle fire systemer, om lag hundre poster, ordrer både innenfor og utenfor lagringstiden",
  "ola.nordmann@example.com":
    "bare i læringsplattformen og arrangementssystemet; en adresse han en gang oppga, er ugyldig",
  "anne.berg@example.com": "deler postkasse med Per i kundesystemet: treffet må vurderes av et menneske",
  "per.berg@example.com": "deler postkasse med Anne i kundesystemet: treffet må vurderes av et menneske",
  "ingrid.aas@example.com":
    "het før ingrid.lie@example.com, og heter det ennå i e-postverktøyet; gift navn bare i kundesystemet",
  "bjørn.østby@example.com":
    "store og små bokstaver i kundesystemet og e-postverktøyet, dekomponert Unicode i læringsplattformen",
  "åse.håland@example.com":
    "selve adressen er dekomponert Unicode i læringsplattformen, og står med store bokstaver i kundesystemet",
  "stor.leser@example.com": "20 000 utsendte nyhetsbrev",
  "siv.stille@example.com": "behandlingen er begrenset",
  "eva.enebo@example.com": "bare i e-postverktøyet",
  "turid.moe@example.com":
    "i kundesystemet under en adresse hun ikke lenger har; kundenummeret i læringsplattformen fører dit",
};

/** Everyone who can sign in to the demo: persons first, then staff with nothing but their role. */
export const demoAccounts: readonly Account[] = [
  ...fixedPeople.map(({ email, emails, name, special }): Account => ({
    emails: [email, ...emails.filter((other) => other !== email)],
    name,
    roles: [],
    about: { en: special, nb: specialInNorwegian[email] },
  })),
  ...staff.map(({ email, name, role }): Account => ({
    emails: [email],
    name,
    roles: [issuersName(role)],
    about: { en: role },
  })),
];

/** The gateway's side of the demo's sign-in. */
export function demoIdentity(issuer: string): IdentityConfig {
  return {
    issuer,
    accountNamespace,
    audience,
    algorithms: ["RS256"],
    tokenType: "at+jwt",
    roles: { claim: "roles", map: Object.fromEntries(staffRoles.map((role) => [issuersName(role), role])) },
    identifiers: [
      { kind: "EMAIL", claim: "email", verifiedBy: { claim: "email_verified" } },
      { kind: "EMAIL", claim: "emails", verifiedBy: "issuer" },
      { kind: "PHONE", claim: "phone_number", verifiedBy: { claim: "phone_number_verified" } },
    ],
  };
}
