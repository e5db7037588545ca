import type { IdentifierKind } from "../access/vocabulary.ts";
import type { Text } from "../language/language.ts";

const owned: Readonly<Record<IdentifierKind, Text>> = {
  EMAIL: { nb: "e-postadressen din", nn: "e-postadressa di", en: "your e-mail address" },
  PHONE: { nb: "telefonnummeret ditt", nn: "telefonnummeret ditt", en: "your telephone number" },
  CUSTOMER_NUMBER: { nb: "kundenummeret ditt", nn: "kundenummeret ditt", en: "your customer number" },
  USERNAME: { nb: "brukernavnet ditt", nn: "brukarnamnet ditt", en: "your user name" },
  EXTERNAL_ID: { nb: "identiteten din", nn: "identiteten din", en: "your identity" },
};

/** What is needed before a person can be looked for: one of the kinds that the issuer verifies. */
export function notVerified(kinds: readonly IdentifierKind[]): Text {
  const either = (language: keyof Text) =>
    new Intl.ListFormat(language, { type: "disjunction" }).format(
      [...new Set(kinds)].map((kind) => owned[kind][language]),
    );
  return {
    nb: `Vi kan ikke lete før ${either("nb")} er bekreftet. Gjør det der du logger inn, og logg inn på nytt.`,
    nn: `Vi kan ikkje leite før ${either("nn")} er stadfesta. Gjer det der du loggar inn, og logg inn på nytt.`,
    en: `We cannot look until ${either("en")} is verified. Verify it where you sign in, and sign in again.`,
  };
}
