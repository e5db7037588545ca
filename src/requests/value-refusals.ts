import type { RefusalText } from "./refusal-text.ts";

/** Of what is stated: a value, a place, a record. */
export const valueRefusals = {
  NO_CHANGES: {
    code: "INVALID_VALUE",
    text: {
      nb: "Si hva som skal rettes.",
      nn: "Sei kva som skal rettast.",
      en: "Say what is to be corrected.",
    },
  },
  EMPTY: {
    code: "INVALID_VALUE",
    text: {
      nb: "Verdien er tom.",
      nn: "Verdien er tom.",
      en: "The value is empty.",
    },
  },
  TOO_LONG: {
    code: "INVALID_VALUE",
    text: {
      nb: "Verdien er for lang.",
      nn: "Verdien er for lang.",
      en: "The value is too long.",
    },
  },
  CONTROL_CHARACTER: {
    code: "INVALID_VALUE",
    text: {
      nb: "Verdien har tegn i seg som ikke kan skrives, for eksempel linjeskift.",
      nn: "Verdien har teikn i seg som ikkje kan skrivast, til dømes linjeskift.",
      en: "The value has characters in it that cannot be written, such as line breaks.",
    },
  },
  NOT_AN_EMAIL_ADDRESS: {
    code: "INVALID_VALUE",
    text: {
      nb: "Verdien er ingen e-postadresse.",
      nn: "Verdien er inga e-postadresse.",
      en: "The value is no e-mail address.",
    },
  },
  NOT_A_PHONE_NUMBER: {
    code: "INVALID_VALUE",
    text: {
      nb: "Verdien er ikke noe telefonnummer.",
      nn: "Verdien er ikkje noko telefonnummer.",
      en: "The value is no phone number.",
    },
  },
  UNKNOWN_SOURCE: {
    code: "INVALID_VALUE",
    text: {
      nb: "Det finnes ikke noe slikt system. Se `holdings` for systemene.",
      nn: "Det finst ikkje noko slikt system. Sjå `holdings` for systema.",
      en: "There is no such system. See `holdings` for those that there are.",
    },
  },
  STATED_TWICE: {
    code: "INVALID_VALUE",
    text: {
      nb: "Det samme er oppgitt to ganger.",
      nn: "Det same er oppgjeve to gonger.",
      en: "The same is stated twice.",
    },
  },
  NOT_CONCERNED: {
    code: "INVALID_VALUE",
    text: {
      nb: "`expectedVersions` nevner et system som ikke rettes.",
      nn: "`expectedVersions` nemner eit system som ikkje blir retta.",
      en: "`expectedVersions` names a system that is not corrected.",
    },
  },
  FIELD_NOT_HELD: {
    code: "NOT_RECTIFIABLE",
    text: {
      nb: "Systemet har ikke denne opplysningen, eller den kan ikke rettes der.",
      nn: "Systemet har ikkje denne opplysninga, eller ho kan ikkje rettast der.",
      en: "The system does not hold this, or it cannot be corrected there.",
    },
  },
  SALES_DOCUMENT: {
    code: "NOT_RECTIFIABLE",
    legalGround: "Bokføringsloven § 13",
    text: {
      nb: "En ordre er et salgsdokument som loven krever oppbevart uendret. Du kan knytte en merknad til den (addStatement).",
      nn: "Ein ordre er eit salsdokument som lova krev oppbevart uendra. Du kan knyte ein merknad til han (addStatement).",
      en: "An order is a sales document that the law orders kept unchanged. You can attach a statement to it (addStatement).",
    },
  },
  PAST_EVENT: {
    code: "NOT_RECTIFIABLE",
    text: {
      nb: "Oppføringen viser det som var riktig da det skjedde, og skrives ikke om. Du kan knytte en merknad til den (addStatement).",
      nn: "Oppføringa viser det som var rett då det hende, og blir ikkje skriven om. Du kan knyte ein merknad til henne (addStatement).",
      en: "The record shows what was right when it happened, and is not rewritten. You can attach a statement to it (addStatement).",
    },
  },
  UNKNOWN_RECORD_TYPE: {
    code: "INVALID_VALUE",
    text: {
      nb: "Ingen systemer har slike oppføringer.",
      nn: "Ingen system har slike oppføringar.",
      en: "No system has such records.",
    },
  },
  CONFLICT: {
    code: "VALUE_CONFLICT",
    text: {
      nb: "Verdien er endret siden du leste den. Ingenting er skrevet; se `current`.",
      nn: "Verdien er endra sidan du las han. Ingenting er skrive; sjå `current`.",
      en: "The value has changed since you read it. Nothing has been written; see `current`.",
    },
  },
  OF_ANOTHER: {
    code: "IDENTITY_AMBIGUOUS",
    text: {
      nb: "Verdien kan ikke tas i bruk uten at en medarbeider ser på det. Ta kontakt.",
      nn: "Verdien kan ikkje takast i bruk utan at ein medarbeidar ser på det. Ta kontakt.",
      en: "The value cannot be taken into use before a member of staff has looked at it. Contact us.",
    },
  },
} as const satisfies Record<string, RefusalText>;
