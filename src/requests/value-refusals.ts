import type { RefusalText } from "./refusal-text.ts";

/** Of what is stated: a value, a place, a record. */
export const valueRefusals = {
  NO_CHANGES: {
    code: "INVALID_VALUE",
    text: {
      nb: "Oppgi hva som skal rettes.",
      nn: "Oppgje kva som skal rettast.",
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
      nb: "Verdien inneholder tegn som ikke kan brukes her, for eksempel linjeskift.",
      nn: "Verdien inneheld teikn som ikkje kan brukast her, til dømes linjeskift.",
      en: "The value has characters in it that cannot be used here, such as line breaks.",
    },
  },
  NOT_AN_EMAIL_ADDRESS: {
    code: "INVALID_VALUE",
    text: {
      nb: "Verdien er ikke en gyldig e-postadresse.",
      nn: "Verdien er ikkje ei gyldig e-postadresse.",
      en: "The value is not a valid e-mail address.",
    },
  },
  NOT_A_PHONE_NUMBER: {
    code: "INVALID_VALUE",
    text: {
      nb: "Verdien er ikke et gyldig telefonnummer. Utenlandske numre begynner med + og landkode.",
      nn: "Verdien er ikkje eit gyldig telefonnummer. Utanlandske nummer byrjar med + og landkode.",
      en: "The value is not a valid phone number. Numbers from outside Norway begin with + and the country code.",
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
  NOT_FREE_TEXT: {
    code: "INVALID_VALUE",
    text: {
      nb: "Det finnes ikke noe slikt felt, eller det er ikke fritekst. Bare fritekst kan handle om andre.",
      nn: "Det finst ikkje noko slikt felt, eller det er ikkje fritekst. Berre fritekst kan handle om andre.",
      en: "There is no such field, or it is not free text. Only free text may be about others.",
    },
  },
  NOT_A_PASSAGE: {
    code: "INVALID_VALUE",
    text: {
      nb: "Hver del skal ligge i teksten, ha noe i seg som kan leses, og ikke overlappe en annen. `start` telles fra 0, i kodepunkter.",
      nn: "Kvar del skal liggje i teksten, ha noko i seg som kan lesast, og ikkje overlappe ein annan. `start` blir talt frå 0, i kodepunkt.",
      en: "Each passage is to lie in the text, have something to read in it, and not overlap another. `start` counts from 0, in code points.",
    },
  },
  TEXT_NOT_HELD: {
    code: "INVALID_VALUE",
    text: {
      nb: "Systemet har ikke denne teksten der nå. Les den på nytt, og oppgi hele teksten ordrett.",
      nn: "Systemet har ikkje denne teksten der no. Les han på nytt, og oppgje heile teksten ordrett.",
      en: "The system does not hold this text there now. Read it again, and state the whole text word for word.",
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
      nb: "`expectedVersions` nevner et system som ikke skal rettes.",
      nn: "`expectedVersions` nemner eit system som ikkje skal rettast.",
      en: "`expectedVersions` names a system that is not to be corrected.",
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
  NO_RECORD: {
    code: "NOT_RECTIFIABLE",
    text: {
      nb: "Systemet har ingen oppføring om personen, så det er ingenting å knytte en merknad til.",
      nn: "Systemet har inga oppføring om personen, så det er ingenting å knyte ein merknad til.",
      en: "The system has no record of the person, so there is nothing to attach a statement to.",
    },
  },
  SALES_DOCUMENT: {
    code: "NOT_RECTIFIABLE",
    legalGround: "Bokføringsloven § 13",
    text: {
      nb: "En ordre er et salgsdokument som loven krever oppbevart uendret. Du kan knytte en merknad til den (addStatement).",
      nn: "Ein ordre er eit salsdokument som lova krev oppbevart uendra. Du kan knyte ein merknad til han (addStatement).",
      en: "An order is a sales document that the law requires to be kept unchanged. You can attach a statement to it (addStatement).",
    },
  },
  KEPT_BY_LAW: {
    code: "NOT_RECTIFIABLE",
    legalGround: "GDPR Art. 17(3)(b)",
    text: {
      nb: "Det som er igjen etter slettingen, er dokumenter som loven krever oppbevart uendret. Du kan knytte en merknad til dem (addStatement).",
      nn: "Det som er att etter slettinga, er dokument som lova krev oppbevarte uendra. Du kan knyte ein merknad til dei (addStatement).",
      en: "What is left after the erasure must by law be kept unchanged. You can attach a statement to it (addStatement).",
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
  CLAIM_OF_ANOTHER: {
    code: "NOT_RECTIFIABLE",
    text: {
      nb: "Opplysningen kommer fra noen andre, og kan ikke rettes herfra. Knytt en merknad til den (addStatement), eller be om begrensning (restrictProcessing).",
      nn: "Opplysninga kjem frå nokon andre, og kan ikkje rettast herifrå. Knyt ein merknad til henne (addStatement), eller be om avgrensing (restrictProcessing).",
      en: "This comes from somebody else, and cannot be corrected from here. Attach a statement to it (addStatement), or ask for a restriction (restrictProcessing).",
    },
  },
  UNKNOWN_RECORD_TYPE: {
    code: "INVALID_VALUE",
    text: {
      nb: "Det finnes ikke slike oppføringer der.",
      nn: "Det finst ikkje slike oppføringar der.",
      en: "There are no such records there.",
    },
  },
  CONFLICT: {
    code: "VALUE_CONFLICT",
    text: {
      nb: "Verdien er endret siden du leste den. Ingenting er skrevet. Se hva som står der nå (`current`), og be om rettingen på nytt om den fortsatt trengs.",
      nn: "Verdien er endra sidan du las han. Ingenting er skrive. Sjå kva som står der no (`current`), og be om rettinga på nytt om ho framleis trengst.",
      en: "The value has changed since you read it. Nothing has been written. See what is there now (`current`), and ask for the correction again if it is still needed.",
    },
  },
  OF_ANOTHER: {
    code: "IDENTITY_AMBIGUOUS",
    text: {
      nb: "En medarbeider må se på dette før verdien kan tas i bruk. Ta kontakt med oss.",
      nn: "Ein medarbeidar må sjå på dette før verdien kan takast i bruk. Ta kontakt med oss.",
      en: "A member of staff must look at this before the value can be used. Please contact us.",
    },
  },
} as const satisfies Record<string, RefusalText>;
