import type { Text } from "../language/language.ts";
import type { SearchAllowance } from "../subjects/search-limit.ts";
import type { Activity } from "./activities.ts";

/** Settings that measures of the gateway depend on. */
export interface MeasureSettings {
  readonly searches: SearchAllowance;
  readonly stepUp: { readonly acrValues: readonly string[]; readonly maxAgeSeconds: number };
}

/** Something that keeps data secure (GDPR Art. 32). */
export interface Measure {
  readonly text: Text;
  readonly kind: "TECHNICAL" | "ORGANISATIONAL" | "OWN";
  /** Its kind in the Data Privacy Vocabulary. */
  readonly term: `dpv:${string}`;
}

interface GatewayMeasure extends Measure {
  readonly kind: "TECHNICAL" | "ORGANISATIONAL";
  /** Absent: whatever the purpose. */
  readonly where?: (activity: Activity) => boolean;
}

/** What the gateway does, and what the configuration makes of it: nothing that is left to others, such as TLS at the proxy. */
const ofGateway = ({ searches, stepUp }: MeasureSettings): readonly GatewayMeasure[] => [
  {
    kind: "TECHNICAL",
    term: "dpv:AccessControlMethod",
    text: {
      nb: "Tilgang per felt, etter rolle og oppgitt formål; det som ikke er tillatt, er nektet.",
      nn: "Tilgang per felt, etter rolle og oppgjeve føremål; det som ikkje er tillate, er nekta.",
      en: "Access field by field, by role and stated purpose; what is not allowed is denied.",
    },
  },
  {
    kind: "TECHNICAL",
    term: "dpv:AuthenticationProtocols",
    text: {
      nb: "Innlogging hos en OpenID Connect-tjeneste; tokenets signatur, utsteder, mottaker og varighet kontrolleres ved hver forespørsel.",
      nn: "Innlogging hos ei OpenID Connect-teneste; signaturen, utferdaren, mottakaren og varigheita til tokenet blir kontrollerte ved kvar førespurnad.",
      en: "Sign-in at an OpenID Connect provider; the token's signature, issuer, audience and lifetime are verified with every request.",
    },
  },
  {
    kind: "TECHNICAL",
    term: "dpv:ActivityMonitoring",
    text: {
      nb: "Hvert oppslag blir ført i en logg før svaret sendes, med HMAC og lenket i kjede, så endringer oppdages; den registrerte ser hvilke roller som har sett opplysningene.",
      nn: "Kvart oppslag blir ført i ein logg før svaret blir sendt, med HMAC og lenkja i kjede, så endringar blir oppdaga; den registrerte ser kva roller som har sett opplysningane.",
      en: "Each look is recorded before the answer leaves, with an HMAC and in a chain, so that changes are noticed; the data subject sees which roles have looked.",
    },
  },
  {
    kind: "TECHNICAL",
    term: "dpv:Pseudonymisation",
    text: {
      nb: "Loggen over oppslag har pseudonymer og felt, og ingen verdier om den registrerte.",
      nn: "Loggen over oppslag har pseudonym og felt, og ingen verdiar om den registrerte.",
      en: "The log of looks has pseudonyms and fields, and no value of the data subject.",
    },
  },
  {
    kind: "TECHNICAL",
    term: "dpv:UsageControl",
    text: {
      nb: `En medarbeider kan søke etter personer høyst ${searches.perMinute} ganger i minuttet og ${searches.perDay} ganger i døgnet.`,
      nn: `Ein medarbeidar kan søkje etter personar høgst ${searches.perMinute} gonger i minuttet og ${searches.perDay} gonger i døgnet.`,
      en: `A member of staff can search for persons at most ${searches.perMinute} times a minute and ${searches.perDay} times a day.`,
    },
  },
  {
    kind: "ORGANISATIONAL",
    term: "dpv:ConsentManagement",
    where: ({ legalBasis }) => legalBasis === "CONSENT",
    text: {
      nb: "Uten samtykke leser ingen ansatte mer for formålet enn det som trengs for å finne personen; et tilbaketrukket samtykke gjelder fra neste oppslag.",
      nn: "Utan samtykke les ingen tilsette meir for føremålet enn det som trengst for å finne personen; eit samtykke som er trekt tilbake, gjeld frå neste oppslag.",
      en: "Without consent no member of staff reads more for the purpose than it takes to find the person; a withdrawal counts from the next look.",
    },
  },
  {
    kind: "TECHNICAL",
    term: "dpv:AuthenticationProtocols",
    where: ({ purpose }) => purpose === "DATA_SUBJECT_RIGHTS",
    text: {
      nb: `Den som ber om sletting, lar noe slettes på nytt eller godkjenner en gjennomgang, må ha en innlogging på nivået ${stepUp.acrValues.join(" eller ")}, høyst ${stepUp.maxAgeSeconds} sekunder gammel.`,
      nn: `Den som ber om sletting, lèt noko slettast på nytt eller godkjenner ein gjennomgang, må ha ei innlogging på nivået ${stepUp.acrValues.join(" eller ")}, høgst ${stepUp.maxAgeSeconds} sekund gammal.`,
      en: `Whoever asks for an erasure, has something erased again or approves a retention review needs a sign-in at the level ${stepUp.acrValues.join(" or ")}, at most ${stepUp.maxAgeSeconds} seconds old.`,
    },
  },
  {
    kind: "TECHNICAL",
    term: "dpv:Pseudonymisation",
    where: ({ purpose }) => purpose === "TESTING",
    text: {
      nb: "Testdata diktes opp av det som flere har; identifikatorer byttes ut under en nøkkel som ikke lagres, og fritekst blir fyllord. Særlige kategorier og den som har protestert eller fått behandlingen begrenset, holdes utenfor.",
      nn: "Testdata blir dikta opp av det som fleire har; identifikatorar blir bytte ut under ein nøkkel som ikkje blir lagra, og fritekst blir fyllord. Særlege kategoriar og den som har protestert eller fått behandlinga avgrensa, blir haldne utanfor.",
      en: "Test data is made up from what several persons have; identifiers are replaced under a key that is kept nowhere, and free text becomes filler. Special categories, and whoever objects or is restricted, are left out.",
    },
  },
  {
    kind: "TECHNICAL",
    term: "dpv:EncryptionAtRest",
    where: ({ heldByGateway }) => heldByGateway,
    text: {
      nb: "Identifikatorer og fritekst som innsynsløsningen selv lagrer, er kryptert (AES-256-GCM) med en nøkkel per person, pakket inn med en hovednøkkel som ikke ligger i databasen.",
      nn: "Identifikatorar og fritekst som innsynsløysinga sjølv lagrar, er krypterte (AES-256-GCM) med ein nøkkel per person, pakka inn med ein hovudnøkkel som ikkje ligg i databasen.",
      en: "Identifiers and free text that the gateway itself keeps are encrypted (AES-256-GCM) under a key per person, wrapped with a master key that is not in the database.",
    },
  },
  {
    kind: "ORGANISATIONAL",
    term: "dpv:PrivacyByDesign",
    where: ({ systems }) => systems.length > 0,
    text: {
      nb: "Innsynsløsningen lagrer ingen kopi av det systemene har, utenom krypterte eksporter som den registrerte selv har bedt om.",
      nn: "Innsynsløysinga lagrar ingen kopi av det systema har, utanom krypterte eksportar som den registrerte sjølv har bede om.",
      en: "The gateway keeps no copy of what the systems hold, save encrypted exports that the data subject has asked for.",
    },
  },
];

/** @param own what the organisation says that it does itself, for every purpose */
export function measuresOf(
  activity: Activity,
  settings: MeasureSettings,
  own: readonly Text[],
): readonly Measure[] {
  return [
    ...ofGateway(settings).filter(({ where }) => where?.(activity) ?? true),
    ...own.map((text): Measure => ({ text, kind: "OWN", term: "dpv:TechnicalOrganisationalMeasure" })),
  ];
}
