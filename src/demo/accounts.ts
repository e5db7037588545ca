import type { Account } from "./identity/accounts.ts";
import { fixedPeople } from "./people/fixed.ts";
import { staff } from "./people/staff.ts";

/** Everyone to sign in as: persons first, then staff. */
export function demoAccounts(): readonly Account[] {
  const persons = fixedPeople.map(({ email, emails, name, special }): Account => ({
    emails: [email, ...emails.filter((other) => other !== email)],
    name,
    roles: [],
    about: { nb: special, en: special },
  }));
  const employees = staff.map(({ email, name, role }): Account => ({ emails: [email], name, roles: [role] }));
  return [...persons, ...employees];
}
