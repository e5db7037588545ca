import type { RefusalText } from "./refusal-text.ts";

/** Of what is asked for: whether the law gives the right, and whether the request is at that point. */
export const rightRefusals = {
  NOT_VERIFIED: {
    code: "IDENTITY_NOT_VERIFIED",
    text: {
      nb: "Innloggingen har ingenting bekreftet som vi kan finne deg med. Logg inn med en bekreftet e-postadresse.",
      nn: "Innlogginga har ingenting stadfesta som vi kan finne deg med. Logg inn med ei stadfesta e-postadresse.",
      en: "Your sign-in has nothing verified that we can find you by. Sign in with a verified e-mail address.",
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
      nb: "Formålet bygger ikke på samtykke, så du kan verken gi eller trekke tilbake noe samtykke til det.",
      nn: "Føremålet byggjer ikkje på samtykke, så du kan verken gje eller trekkje tilbake noko samtykke til det.",
      en: "The purpose does not rest on consent, so none can be given or withdrawn.",
    },
  },
  NOT_ASKED_FOR: {
    code: "INVALID_VALUE",
    text: {
      nb: "Vi ber ikke om samtykke til dette formålet.",
      nn: "Vi bed ikkje om samtykke til dette føremålet.",
      en: "We do not ask for consent to this purpose.",
    },
  },
  NOT_THE_CURRENT_POLICY: {
    code: "INVALID_VALUE",
    text: {
      nb: "Dette er ikke den gjeldende personvernerklæringen. Vis den som gjelder (privacyPolicy), og spør på nytt.",
      nn: "Dette er ikkje den gjeldande personvernerklæringa. Vis den som gjeld (privacyPolicy), og spør på nytt.",
      en: "This is not the current privacy policy. Show the current one (privacyPolicy), and ask again.",
    },
  },
  UNKNOWN_CHANNEL: {
    code: "INVALID_VALUE",
    text: {
      nb: "Verdien skal være PORTAL, EMAIL, PHONE, POST eller OPENDSR.",
      nn: "Verdien skal vere PORTAL, EMAIL, PHONE, POST eller OPENDSR.",
      en: "The value is to be PORTAL, EMAIL, PHONE, POST or OPENDSR.",
    },
  },
  OTHER_CHANNEL: {
    code: "INVALID_VALUE",
    text: {
      nb: "Du sier det her, så verdien skal være PORTAL. Utelat den.",
      nn: "Du seier det her, så verdien skal vere PORTAL. Utelat han.",
      en: "You say it here, so the value is to be PORTAL. Leave it out.",
    },
  },
  PORTAL_CHANNEL: {
    code: "INVALID_VALUE",
    text: {
      nb: "Det som kommer gjennom portalen, står her fra før. Si hvordan henvendelsen kom: EMAIL, PHONE, POST eller OPENDSR.",
      nn: "Det som kjem gjennom portalen, står her frå før. Sei korleis førespurnaden kom: EMAIL, PHONE, POST eller OPENDSR.",
      en: "What comes by the portal is here already. Say how the request came: EMAIL, PHONE, POST or OPENDSR.",
    },
  },
  NO_GROUND_TO_OBJECT: {
    code: "NO_LEGAL_GROUND",
    legalGround: "GDPR Art. 21(1)",
    text: {
      nb: "Formålet bygger på en avtale eller en lov, så du kan ikke protestere mot det. Du kan be om at behandlingen begrenses (restrictProcessing).",
      nn: "Føremålet byggjer på ein avtale eller ei lov, så du kan ikkje protestere mot det. Du kan be om at behandlinga blir avgrensa (restrictProcessing).",
      en: "The purpose rests on a contract or a law, so you cannot object to it. You can ask for the processing to be restricted (restrictProcessing).",
    },
  },
  WITHDRAW_INSTEAD: {
    code: "NO_LEGAL_GROUND",
    legalGround: "GDPR Art. 7(3)",
    text: {
      nb: "Formålet bygger på samtykke. Trekk det tilbake (setConsent), så stanser behandlingen.",
      nn: "Føremålet byggjer på samtykke. Trekk det tilbake (setConsent), så stansar behandlinga.",
      en: "The purpose rests on consent. Withdraw it (setConsent), and the processing stops.",
    },
  },
  REASON_MISSING: {
    code: "INVALID_VALUE",
    legalGround: "GDPR Art. 21(1)",
    text: {
      nb: "Begrunn protesten ut fra din egen situasjon.",
      nn: "Grunngje protesten ut frå din eigen situasjon.",
      en: "Say why, on grounds relating to your own situation.",
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
  NOT_A_GROUND: {
    code: "INVALID_VALUE",
    legalGround: "GDPR Art. 12(4)",
    text: {
      nb: "Et avslag bygger på MANIFESTLY_UNFOUNDED, EXCESSIVE, IDENTITY_NOT_ESTABLISHED, RIGHTS_OF_OTHERS, LEGAL_OBLIGATION eller COMPELLING_GROUNDS. Oppgi ett av dem.",
      nn: "Eit avslag byggjer på MANIFESTLY_UNFOUNDED, EXCESSIVE, IDENTITY_NOT_ESTABLISHED, RIGHTS_OF_OTHERS, LEGAL_OBLIGATION eller COMPELLING_GROUNDS. Oppgje eitt av dei.",
      en: "A refusal stands on MANIFESTLY_UNFOUNDED, EXCESSIVE, IDENTITY_NOT_ESTABLISHED, RIGHTS_OF_OTHERS, LEGAL_OBLIGATION or COMPELLING_GROUNDS. State one of them.",
    },
  },
  GROUND_DOES_NOT_FIT: {
    code: "INVALID_VALUE",
    legalGround: "GDPR Art. 12(4)",
    text: {
      nb: "En slik sak kan ikke avslås på dette grunnlaget: RIGHTS_OF_OTHERS er for innsyn og dataportabilitet, COMPELLING_GROUNDS for protester, IDENTITY_NOT_ESTABLISHED for saker som venter på at det blir fastslått hvem som spør.",
      nn: "Ei slik sak kan ikkje avslåast på dette grunnlaget: RIGHTS_OF_OTHERS er for innsyn og dataportabilitet, COMPELLING_GROUNDS for protestar, IDENTITY_NOT_ESTABLISHED for saker som ventar på at det blir fastslått kven som spør.",
      en: "Such a request cannot be turned down on this ground: RIGHTS_OF_OTHERS is for access and portability, COMPELLING_GROUNDS for objections, IDENTITY_NOT_ESTABLISHED for requests that wait for it to be established who asks.",
    },
  },
  GROUND_TO_APPROVE: {
    code: "INVALID_VALUE",
    text: {
      nb: "Det som innvilges, har ikke noe grunnlag for avslag. Utelat det.",
      nn: "Det som blir innvilga, har ikkje noko grunnlag for avslag. Utelat det.",
      en: "What is granted has no ground for a refusal. Leave it out.",
    },
  },
  RECEIVED_TOO_LONG_AGO: {
    code: "INVALID_VALUE",
    text: {
      nb: "Mottaksdatoen ligger mer enn ti år tilbake. Oppgi dagen da henvendelsen kom.",
      nn: "Mottaksdatoen ligg meir enn ti år tilbake. Oppgje dagen da førespurnaden kom.",
      en: "The day of receipt lies more than ten years back. State the day on which it came.",
    },
  },
  ALREADY_EXTENDED: {
    code: "WRONG_STATE",
    legalGround: "GDPR Art. 12(3)",
    text: {
      nb: "Fristen er allerede forlenget. Den kan forlenges bare én gang.",
      nn: "Fristen er alt forlengd. Han kan forlengjast berre éin gong.",
      en: "The deadline has been extended already. It can be extended only once.",
    },
  },
  TOO_LATE_TO_EXTEND: {
    code: "WRONG_STATE",
    legalGround: "GDPR Art. 12(3)",
    text: {
      nb: "Fristen er ute. Den kan forlenges bare før den går ut.",
      nn: "Fristen er ute. Han kan forlengjast berre før han går ut.",
      en: "The deadline has passed. It can be extended only before that.",
    },
  },
  CARRY_IT_OUT: {
    code: "WRONG_STATE",
    text: {
      nb: "En slik sak innvilges ved at det personen ber om, blir utført med mutasjonen for det.",
      nn: "Ei slik sak blir innvilga ved at det personen bed om, blir utført med mutasjonen for det.",
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
  AT_WORK: {
    code: "WRONG_STATE",
    text: {
      nb: "Steget prøves akkurat nå. Vent til det er prøvd, og bekreft det da om det ikke gikk.",
      nn: "Steget blir prøvd akkurat no. Vent til det er prøvd, og stadfest det då om det ikkje gjekk.",
      en: "The step is being tried at this moment. Wait until it has been, and confirm it then if it did not go.",
    },
  },
  IDENTITY_NOT_ESTABLISHED: {
    code: "IDENTITY_NOT_VERIFIED",
    legalGround: "GDPR Art. 12(6)",
    text: {
      nb: "Det er ikke fastslått hvem som har bedt om dette. Inntil det er gjort, blir ingenting utført og ingenting utlevert.",
      nn: "Det er ikkje fastslått kven som har bede om dette. Inntil det er gjort, blir ingenting utført og ingenting utlevert.",
      en: "It is not established who has asked for this. Until then nothing is done, and nothing disclosed.",
    },
  },
  IDENTITY_NOT_ASKED_FOR: {
    code: "WRONG_STATE",
    text: {
      nb: "Saken venter ikke på at det blir fastslått hvem som står bak.",
      nn: "Saka ventar ikkje på at det blir fastslått kven som står bak.",
      en: "The request does not wait for it to be established who has asked for it.",
    },
  },
  NOT_WRITTEN_TO: {
    code: "INVALID_VALUE",
    text: {
      nb: "Koder sendes bare med e-post (EMAIL).",
      nn: "Kodar blir berre sende med e-post (EMAIL).",
      en: "Codes are sent by e-mail (EMAIL) alone.",
    },
  },
  NOBODY_IS_WRITTEN_TO: {
    code: "WRONG_STATE",
    text: {
      nb: "Herfra kan det ikke sendes e-post (`messages` i konfigurasjonen). Fastslå hvem det er på en annen måte (establishIdentity).",
      nn: "Herifrå kan det ikkje sendast e-post (`messages` i konfigurasjonen). Fastslå kven det er på ein annan måte (establishIdentity).",
      en: "No e-mail can be sent from here (`messages` of the configuration). Establish who it is in another way (establishIdentity).",
    },
  },
  NO_RECORD_THERE: {
    code: "INVALID_VALUE",
    text: {
      nb: "Systemet har ingen oppføring om personen. Velg et annet, eller fastslå hvem det er på en annen måte (establishIdentity).",
      nn: "Systemet har inga oppføring om personen. Vel eit anna, eller fastslå kven det er på ein annan måte (establishIdentity).",
      en: "The system has no record of the person. Choose another, or establish who it is in another way (establishIdentity).",
    },
  },
  NO_ADDRESS_THERE: {
    code: "INVALID_VALUE",
    text: {
      nb: "Oppføringen har ingen e-postadresse. Velg et annet system, eller fastslå hvem det er på en annen måte (establishIdentity).",
      nn: "Oppføringa har inga e-postadresse. Vel eit anna system, eller fastslå kven det er på ein annan måte (establishIdentity).",
      en: "The record has no e-mail address. Choose another system, or establish who it is in another way (establishIdentity).",
    },
  },
  ADDRESS_OF_SEVERAL: {
    code: "IDENTITY_AMBIGUOUS",
    text: {
      nb: "Adressen fører til flere oppføringer eller personer, så den som leser koden, kan være en annen. Fastslå hvem det er på en annen måte (establishIdentity).",
      nn: "Adressa fører til fleire oppføringar eller personar, så den som les koden, kan vere ein annan. Fastslå kven det er på ein annan måte (establishIdentity).",
      en: "The address leads to several records or persons, so whoever reads the code may be another. Establish who it is in another way (establishIdentity).",
    },
  },
  ADDRESS_ON_THEIR_WORD: {
    code: "IDENTITY_NOT_VERIFIED",
    legalGround: "GDPR Art. 12(6)",
    text: {
      nb: "Adressen står der fordi noen har bedt om å få den rettet, og ingen har vist at den er personens. Fastslå hvem det er på en annen måte (establishIdentity).",
      nn: "Adressa står der fordi nokon har bede om å få henne retta, og ingen har vist at ho er personen si. Fastslå kven det er på ein annan måte (establishIdentity).",
      en: "The address is there because somebody has had it corrected, and nobody has shown it to be the person's. Establish who it is in another way (establishIdentity).",
    },
  },
  CODE_NOT_ACCEPTED: {
    code: "IDENTITY_NOT_VERIFIED",
    legalGround: "GDPR Art. 12(6)",
    text: {
      nb: "Det ble ikke vist hvem som spør. Koden kan være feil, brukt eller utløpt. Be oss om en ny.",
      nn: "Det vart ikkje vist kven som spør. Koden kan vere feil, brukt eller utgått. Be oss om ein ny.",
      en: "It was not shown who asks. The code may be wrong, used or expired. Ask us for a new one.",
    },
  },
  STEP_UP_TO_CONFIRM: {
    code: "STEP_UP_REQUIRED",
    legalGround: "GDPR Art. 12(6)",
    text: {
      nb: "Logg inn på nytt med to faktorer eller elektronisk ID, og bekreft med en gang.",
      nn: "Logg inn på nytt med to faktorar eller elektronisk ID, og stadfest med ein gong.",
      en: "Sign in again with two factors or an electronic identity, and confirm right away.",
    },
  },
  SEVERAL_PERSONS: {
    code: "IDENTITY_AMBIGUOUS",
    text: {
      nb: "Det som er oppgitt, passer på flere personer. Avgjør først hvem det er (linkIdentity), eller oppgi noe som bare én av dem har.",
      nn: "Det som er oppgjeve, passar på fleire personar. Avgjer først kven det er (linkIdentity), eller oppgje noko som berre éin av dei har.",
      en: "What is stated fits several persons. Settle who it is first (linkIdentity), or state something that only one goes by.",
    },
  },
  RECEIVED_IN_FUTURE: {
    code: "INVALID_VALUE",
    text: {
      nb: "Mottaksdatoen ligger fram i tid.",
      nn: "Mottaksdatoen ligg fram i tid.",
      en: "The day of receipt lies in the future.",
    },
  },
  STEP_UP: {
    code: "STEP_UP_REQUIRED",
    text: {
      nb: "Sletting kan ikke angres. Logg inn på nytt med to faktorer eller elektronisk ID, og be om det igjen med en gang.",
      nn: "Sletting kan ikkje angrast. Logg inn på nytt med to faktorar eller elektronisk ID, og be om det igjen med ein gong.",
      en: "Erasure cannot be undone. Sign in again with two factors or an electronic identity, and ask for it again right away.",
    },
  },
  PLAN_HAS_CHANGED: {
    code: "PLAN_CHANGED",
    text: {
      nb: "Planen er ikke lenger slik den ble vist. Hent den på nytt (erasurePlan), se på den, og oppgi den nye `hash`.",
      nn: "Planen er ikkje lenger slik han vart vist. Hent han på nytt (erasurePlan), sjå på han, og oppgje den nye `hash`.",
      en: "The plan is no longer as it was shown. Ask for it again (erasurePlan), look at it, and quote its new `hash`.",
    },
  },
  OF_ANOTHER_KIND: {
    code: "WRONG_STATE",
    text: {
      nb: "Saken gjelder noe annet enn sletting. Registrer at det er bedt om sletting (registerRequest), og utfør slettingen på den saken.",
      nn: "Saka gjeld noko anna enn sletting. Registrer at det er bede om sletting (registerRequest), og utfør slettinga på den saka.",
      en: "The request is about something other than erasure. Register that erasure is asked for (registerRequest), and erase on that request.",
    },
  },
  ERASURE_OPEN: {
    code: "ALREADY_OPEN",
    text: {
      nb: "Det er allerede bedt om sletting. `existing` viser hvor langt den er kommet.",
      nn: "Det er alt bede om sletting. `existing` viser kor langt ho er komen.",
      en: "Erasure has been asked for already. `existing` shows how far it has come.",
    },
  },
  NOT_AN_EXPORT: {
    code: "INVALID_VALUE",
    text: {
      nb: "Det som kan hentes ut, er innsyn (ACCESS) eller dataportabilitet (PORTABILITY), og det saken gjelder.",
      nn: "Det som kan hentast ut, er innsyn (ACCESS) eller dataportabilitet (PORTABILITY), og det saka gjeld.",
      en: "What can be taken along is ACCESS or PORTABILITY, and what the request is about.",
    },
  },
  TOO_MANY_EXPORTS: {
    code: "ALREADY_OPEN",
    legalGround: "GDPR Art. 12(5)",
    text: {
      nb: "Du har fått laget flere arkiver det siste døgnet. `existing` viser det siste. Be om et nytt i morgen.",
      nn: "Du har fått laga fleire arkiv det siste døgnet. `existing` viser det siste. Be om eit nytt i morgon.",
      en: "You have had several archives made within a day. `existing` shows the latest. Ask for another tomorrow.",
    },
  },
  HAS_BEGUN: {
    code: "NOT_CANCELLABLE",
    text: {
      nb: "Saken kan ikke tas tilbake lenger. `existing` viser det som er gjort.",
      nn: "Saka kan ikkje takast tilbake lenger. `existing` viser det som er gjort.",
      en: "The request cannot be taken back any more. `existing` shows what is done.",
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
  REAPPEARANCE_SETTLED: {
    code: "WRONG_STATE",
    text: {
      nb: "Det er allerede avgjort hva det betyr at personen har dukket opp igjen.",
      nn: "Det er alt avgjort kva det betyr at personen har dukka opp att.",
      en: "It is settled already what it means that the person has come up again.",
    },
  },
  REAPPEARANCE_NOT_SEEN_SINCE: {
    code: "WRONG_STATE",
    text: {
      nb: "Personen er slettet på nytt etter at oppføringen ble sett, så vi vet ikke lenger hvilken det er. Prøv igjen når systemet er gjennomsøkt på nytt, vanligvis innen et døgn.",
      nn: "Personen er sletta på nytt etter at oppføringa vart sett, så vi veit ikkje lenger kva for ei det er. Prøv att når systemet er gjennomsøkt på nytt, vanlegvis innan eit døgn.",
      en: "The person has been erased again since the record was seen, so we no longer know which it is. Try again once the system has been searched anew, usually within a day.",
    },
  },
  STEP_UP_TO_APPROVE: {
    code: "STEP_UP_REQUIRED",
    text: {
      nb: "Det som slettes etter en gjennomgang, kommer ikke tilbake. Logg inn på nytt med to faktorer eller elektronisk ID, og godkjenn den med en gang.",
      nn: "Det som vert sletta etter ein gjennomgang, kjem ikkje tilbake. Logg inn på nytt med to faktorar eller elektronisk ID, og godkjenn han med ein gong.",
      en: "What is erased after a review does not come back. Sign in again with two factors or an electronic identity, and approve it right away.",
    },
  },
  REVIEW_OPEN: {
    code: "ALREADY_OPEN",
    text: {
      nb: "En gjennomgang av det som er uten formål, telles opp eller utføres nå. Vent til den er ferdig.",
      nn: "Ein gjennomgang av det som er utan føremål, vert talt opp eller utført no. Vent til han er ferdig.",
      en: "A review of what has no purpose left is being counted or carried out. Wait until that has ended.",
    },
  },
  REVIEW_IN_FUTURE: {
    code: "INVALID_VALUE",
    text: {
      nb: "Dagen ligger fram i tid. Oppgi dagens dato, eller en tidligere.",
      nn: "Dagen ligg fram i tid. Oppgje dagens dato, eller ein tidlegare.",
      en: "The day lies in the future. State today, or an earlier day.",
    },
  },
  REVIEW_NOT_AWAITING_DECISION: {
    code: "WRONG_STATE",
    text: {
      nb: "Gjennomgangen venter ikke på en avgjørelse.",
      nn: "Gjennomgangen ventar ikkje på ei avgjerd.",
      en: "The review does not wait for a decision.",
    },
  },
} as const satisfies Record<string, RefusalText>;
