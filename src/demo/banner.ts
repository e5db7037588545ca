import type { Account } from "./identity/accounts.ts";

export interface Welcome {
  readonly issuer: string;
  readonly accounts: readonly Account[];
  readonly outside: { readonly url: string };
}

/** What a person needs next, printed when everything answers. */
export function welcome(address: string, { issuer, accounts, outside }: Welcome): string {
  const line = ({ emails: [email], about }: Account) => `    ${email.padEnd(32)} ${about?.en ?? ""}`;
  const persons = accounts.filter(({ roles }) => roles.length === 0);
  const staff = accounts.filter(({ roles }) => roles.length > 0);
  return [
    "",
    "Innsyn is ready.",
    `  GraphQL    ${address}/graphql`,
    `  GraphiQL   ${address}/graphiql`,
    `  Health     ${address}/health/ready`,
    `  Sign-in    ${issuer}`,
    `  Mailbox    ${outside.url}/   what persons are written`,
    ...(accounts.length === 0
      ? []
      : ["", "  Sign in as a person", ...persons.map(line), "  or as staff", ...staff.map(line)]),
    "",
    "  From another terminal:",
    `    TOKEN=$(npm run --silent token -- kari.nordmann@example.com)`,
    `    curl -s ${address}/graphql -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' \\`,
    `      -d '{"query":"{ me { holdings { source state recordCount } profile { name { value agrees } } } }"}'`,
    "    Erasure asks for a strong sign-in: npm run --silent token -- kari.nordmann@example.com --mfa",
    "",
    "  Ctrl-C stops everything.",
  ].join("\n");
}
