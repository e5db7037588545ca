import type { RefusalText } from "./refusal-text.ts";

/** Of a version of the privacy policy, and of what is disclosed to authorities. */
export const policyRefusals = {
  NOT_A_VERSION: {
    code: "INVALID_VALUE",
    text: {
      nb: "En versjon er 1–64 bokstaver (a–z), tall, punktum, bindestreker og understreker, og begynner med en bokstav eller et tall: 2026-12-03.",
      nn: "Ein versjon er 1–64 bokstavar (a–z), tal, punktum, bindestrekar og understrekar, og byrjar med ein bokstav eller eit tal: 2026-12-03.",
      en: "A version is 1 to 64 letters (a–z), digits, dots, hyphens and underscores, and begins with a letter or a digit: 2026-12-03.",
    },
  },
  VERSION_EXISTS: {
    code: "WRONG_STATE",
    text: {
      nb: "Versjonen er publisert fra før, og det som er publisert, endres ikke. Gi den nye et eget navn.",
      nn: "Versjonen er publisert frå før, og det som er publisert, blir ikkje endra. Gje den nye eit eige namn.",
      en: "The version is published already, and what is published is not changed. Give the new one a name of its own.",
    },
  },
  TEXT_UNCHANGED: {
    code: "WRONG_STATE",
    text: {
      nb: "Dette er teksten i den gjeldende personvernerklæringen, ord for ord.",
      nn: "Dette er teksten i den gjeldande personvernerklæringa, ord for ord.",
      en: "This is the text of the privacy policy that is in force, word for word.",
    },
  },
  UNKNOWN_LANGUAGE: {
    code: "INVALID_VALUE",
    text: {
      nb: "Verdien skal være nb, nn eller en.",
      nn: "Verdien skal vere nb, nn eller en.",
      en: "The value is to be nb, nn or en.",
    },
  },
  CONSENT_UNTOLD: {
    code: "INVALID_VALUE",
    text: {
      nb: "Den som skal svare, må få vite om det: En versjon som krever samtykke, sendes det melding om.",
      nn: "Den som skal svare, må få vite om det: Ein versjon som krev samtykke, blir det sendt melding om.",
      en: "Whoever is to answer must know of it: persons are told of a version that requires consent.",
    },
  },
  SECRECY_ENDED: {
    code: "INVALID_VALUE",
    text: {
      nb: "Dagen er over. Oppgi den siste dagen da personen ikke skal vite om utleveringen, eller utelat den.",
      nn: "Dagen er over. Oppgje den siste dagen då personen ikkje skal vite om utleveringa, eller utelat han.",
      en: "The day is over. State the last day on which the person is not to know of the disclosure, or leave it out.",
    },
  },
  NO_LONGER_SECRET: {
    code: "WRONG_STATE",
    text: {
      nb: "Utleveringen er ikke hemmelig: Det var ikke pålagt, eller den siste dagen er over, og personen kan ha sett den.",
      nn: "Utleveringa er ikkje hemmeleg: Det var ikkje pålagt, eller den siste dagen er over, og personen kan ha sett henne.",
      en: "The disclosure is not secret: secrecy was not ordered, or its last day is over, and the person may have seen it.",
    },
  },
  NOT_PROLONGED: {
    code: "INVALID_VALUE",
    text: {
      nb: "Dagen er ikke senere enn den siste dagen som står der fra før.",
      nn: "Dagen er ikkje seinare enn den siste dagen som står der frå før.",
      en: "The day is no later than the last day that is there already.",
    },
  },
} as const satisfies Record<string, RefusalText>;
