import type { RefusalText } from "./refusal-text.ts";

/** Of what is asked for: whether the law gives the right, and whether the request is at that point. */
export const rightRefusals = {
  NOT_VERIFIED: {
    code: "IDENTITY_NOT_VERIFIED",
    text: {
      nb: "Ingenting som du kan finnes ved, er bekreftet. Logg inn med en bekreftet e-postadresse.",
      nn: "Ingenting som du kan finnast ved, er stadfesta. Logg inn med ei stadfesta e-postadresse.",
      en: "Nothing that you could be found by is verified. Sign in with a verified e-mail address.",
    },
  },
  REQUEST_CLOSED: {
    code: "WRONG_STATE",
    text: {
      nb: "Saken er avsluttet.",
      nn: "Saka er avslutta.",
      en: "The request is closed.",
    },
  },
  NOT_BY_CONSENT: {
    code: "NO_LEGAL_GROUND",
    legalGround: "GDPR Art. 6(1)",
    text: {
      nb: "Formålet bygger ikke på samtykke, så det kan verken gis eller trekkes.",
      nn: "Føremålet byggjer ikkje på samtykke, så det kan verken gjevast eller trekkjast.",
      en: "The purpose does not stand on consent, so none can be given or withdrawn.",
    },
  },
  NOT_ASKED_FOR: {
    code: "INVALID_VALUE",
    text: {
      nb: "Det blir ikke bedt om samtykke til dette formålet.",
      nn: "Det blir ikkje bede om samtykke til dette føremålet.",
      en: "No consent is asked for to this purpose.",
    },
  },
  NOT_THE_CURRENT_POLICY: {
    code: "INVALID_VALUE",
    text: {
      nb: "`policyVersion` er ikke den gjeldende personvernerklæringen.",
      nn: "`policyVersion` er ikkje den gjeldande personvernerklæringa.",
      en: "`policyVersion` is not the current privacy policy.",
    },
  },
  UNKNOWN_CHANNEL: {
    code: "INVALID_VALUE",
    text: {
      nb: "`channel` skal være PORTAL, EMAIL, PHONE, POST eller OPENDSR.",
      nn: "`channel` skal vere PORTAL, EMAIL, PHONE, POST eller OPENDSR.",
      en: "`channel` is one of PORTAL, EMAIL, PHONE, POST and OPENDSR.",
    },
  },
  NO_GROUND_TO_OBJECT: {
    code: "NO_LEGAL_GROUND",
    legalGround: "GDPR Art. 21(1)",
    text: {
      nb: "Formålet bygger på en avtale eller en lov, og kan ikke protesteres mot. Du kan be om begrensning (restrictProcessing).",
      nn: "Føremålet byggjer på ein avtale eller ei lov, og kan ikkje protesterast mot. Du kan be om avgrensing (restrictProcessing).",
      en: "The purpose stands on a contract or a law, and cannot be objected to. You can ask for a restriction (restrictProcessing).",
    },
  },
  WITHDRAW_INSTEAD: {
    code: "NO_LEGAL_GROUND",
    legalGround: "GDPR Art. 7(3)",
    text: {
      nb: "Formålet bygger på samtykke. Trekk det (setConsent), så stanser behandlingen.",
      nn: "Føremålet byggjer på samtykke. Trekk det (setConsent), så stansar behandlinga.",
      en: "The purpose stands on consent. Withdraw it (setConsent), and the processing stops.",
    },
  },
  REASON_MISSING: {
    code: "INVALID_VALUE",
    legalGround: "GDPR Art. 21(1)",
    text: {
      nb: "Si hvorfor, ut fra situasjonen din.",
      nn: "Sei kvifor, ut frå situasjonen din.",
      en: "Say why, on grounds of your situation.",
    },
  },
  NOT_RESTRICTED: {
    code: "WRONG_STATE",
    text: {
      nb: "Behandlingen er ikke begrenset der.",
      nn: "Behandlinga er ikkje avgrensa der.",
      en: "Processing is not restricted there.",
    },
  },
  NOT_AWAITING_DECISION: {
    code: "WRONG_STATE",
    text: {
      nb: "Saken venter ikke på en avgjørelse.",
      nn: "Saka ventar ikkje på ei avgjerd.",
      en: "The request does not wait for a decision.",
    },
  },
  CARRY_IT_OUT: {
    code: "WRONG_STATE",
    text: {
      nb: "Saken innvilges ved å utføre det den ber om, med mutasjonen for det.",
      nn: "Saka blir innvilga ved å utføre det ho bed om, med mutasjonen for det.",
      en: "The request is granted by carrying out what it asks for, with the mutation for that.",
    },
  },
  NOTHING_TO_RETRY: {
    code: "WRONG_STATE",
    text: {
      nb: "Ingen steg venter på et nytt forsøk.",
      nn: "Ingen steg ventar på eit nytt forsøk.",
      en: "No step waits for another try.",
    },
  },
  NOT_FAILED: {
    code: "WRONG_STATE",
    text: {
      nb: "Steget har ikke mislyktes, så det er ingenting å bekrefte.",
      nn: "Steget har ikkje mislykkast, så det er ingenting å stadfeste.",
      en: "The step has not failed, so there is nothing to confirm.",
    },
  },
  IDENTITY_NOT_ESTABLISHED: {
    code: "IDENTITY_NOT_VERIFIED",
    legalGround: "GDPR Art. 12(6)",
    text: {
      nb: "Det er ikke fastslått hvem som har bedt om dette. Før det gjøres ingenting, og ingenting utleveres.",
      nn: "Det er ikkje fastslått kven som har bede om dette. Før det blir ingenting gjort, og ingenting utlevert.",
      en: "It is not established who has asked for this. Until then nothing is done, and nothing disclosed.",
    },
  },
  IDENTITY_NOT_ASKED_FOR: {
    code: "WRONG_STATE",
    text: {
      nb: "Saken venter ikke på at det fastslås hvem som har bedt om den.",
      nn: "Saka ventar ikkje på at det blir fastslått kven som har bede om ho.",
      en: "The request does not wait for it to be established who has asked for it.",
    },
  },
  SEVERAL_PERSONS: {
    code: "IDENTITY_AMBIGUOUS",
    text: {
      nb: "Det som er oppgitt, passer på flere personer. Avgjør hvem det er først (linkIdentity), eller oppgi noe som bare én går under.",
      nn: "Det som er oppgjeve, passar på fleire personar. Avgjer kven det er først (linkIdentity), eller oppgje noko som berre éin går under.",
      en: "What is stated fits several persons. Settle who it is first (linkIdentity), or state something that only one goes by.",
    },
  },
  RECEIVED_IN_FUTURE: {
    code: "INVALID_VALUE",
    text: {
      nb: "Mottaksdagen ligger fram i tid.",
      nn: "Mottaksdagen ligg fram i tid.",
      en: "The day of receipt lies in the future.",
    },
  },
  OBJECTION_TURNED_DOWN: {
    code: "NO_LEGAL_GROUND",
    legalGround: "GDPR Art. 21(1)",
    text: {
      nb: "Protesten er ikke tatt til følge.",
      nn: "Protesten er ikkje teken til følgje.",
      en: "The objection has been turned down.",
    },
  },
  REQUEST_TURNED_DOWN: {
    code: "NO_LEGAL_GROUND",
    legalGround: "GDPR Art. 12(4)",
    text: {
      nb: "Det er ikke gitt medhold.",
      nn: "Det er ikkje gjeve medhald.",
      en: "The request has been turned down.",
    },
  },
} as const satisfies Record<string, RefusalText>;
