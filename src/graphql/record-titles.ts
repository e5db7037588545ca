import type { Text } from "../language/language.ts";
import { roster } from "../sources/roster.ts";
import type { Titles } from "./record-types.ts";

/** Beside what each system holds. */
const statements: Text = { nb: "Dine merknader", nn: "Merknadene dine", en: "Your statements" };

/** What the gateway itself holds of a person. */
const gateway = {
  holdings: { nb: "Systemene", nn: "Systema", en: "The systems" },
  consents: { nb: "Samtykker", nn: "Samtykke", en: "Consents" },
  objections: { nb: "Protester", nn: "Protestar", en: "Objections" },
  restrictions: { nb: "Begrensninger", nn: "Avgrensingar", en: "Restrictions" },
  recipients: { nb: "Mottakere", nn: "Mottakarar", en: "Recipients" },
  withheld: { nb: "Det som er utelatt", nn: "Det som er utelate", en: "What is withheld" },
  policyVersions: { nb: "Personvernerklæringer", nn: "Personvernerklæringar", en: "Privacy policies" },
  requests: { nb: "Saker", nn: "Saker", en: "Requests" },
  accessLog: { nb: "Hvem som har sett", nn: "Kven som har sett", en: "Who has looked" },
} satisfies Readonly<Record<string, Text>>;

/** By source and name of the record type. */
export const recordTitles: Titles = {
  ...Object.fromEntries(
    roster.map(({ key, titles, words }) => [key, { types: { ...titles, statements }, words }]),
  ),
  gateway: { types: gateway },
};
