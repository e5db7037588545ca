import type { Text } from "../language/language.ts";

/** What a person is told of a step's outcome beyond its result. */
export const details = {
  NOT_HELD: {
    nb: "Systemet har ingen oppføring om personen.",
    nn: "Systemet har inga oppføring om personen.",
    en: "The system has no record of the person.",
  },
  ALREADY_SO: {
    nb: "Opplysningen var slik fra før.",
    nn: "Opplysninga var slik frå før.",
    en: "It was so already.",
  },
  NOT_CONNECTED: {
    nb: "Systemet er ikke koblet til her lenger. En medarbeider må gjøre det der, og så bekrefte det.",
    nn: "Systemet er ikkje kopla til her lenger. Ein medarbeidar må gjere det der, og så stadfeste det.",
    en: "The system is not connected here any more. A member of staff must do it there, and then confirm it.",
  },
  NEEDS_REVIEW: {
    nb: "Det er ikke avgjort hvilken oppføring som er personens. Personvernombudet må avgjøre det først.",
    nn: "Det er ikkje avgjort kva oppføring som er personen si. Personvernombodet må avgjere det først.",
    en: "It is not settled which record is the person's. The data protection officer must settle it first.",
  },
  CANNOT_CORRECT: {
    nb: "Feltet kan ikke rettes herfra i dette systemet. En medarbeider må gjøre det der, og så bekrefte det.",
    nn: "Feltet kan ikkje rettast herifrå i dette systemet. Ein medarbeidar må gjere det der, og så stadfeste det.",
    en: "The field cannot be corrected from here in this system. A member of staff must do it there, and then confirm it.",
  },
  OF_ANOTHER: {
    nb: "Verdien hører til en annen oppføring i systemet. En medarbeider må se på det.",
    nn: "Verdien høyrer til ei anna oppføring i systemet. Ein medarbeidar må sjå på det.",
    en: "The value belongs to another record of the system. A member of staff must look at it.",
  },
  CHANGED_MEANWHILE: {
    nb: "Verdien ble endret i systemet i mellomtiden, og er ikke skrevet over.",
    nn: "Verdien vart endra i systemet i mellomtida, og er ikkje skriven over.",
    en: "The value was changed in the system meanwhile, and has not been overwritten.",
  },
  NOT_ACCEPTED: {
    nb: "Systemet tar ikke imot verdien.",
    nn: "Systemet tek ikkje imot verdien.",
    en: "The system does not accept the value.",
  },
  NOT_READ_BACK: {
    nb: "Systemet svarte ja, men har ikke tatt vare på verdien.",
    nn: "Systemet svara ja, men har ikkje teke vare på verdien.",
    en: "The system said yes, but has not kept the value.",
  },
  DOCUMENTS_PAST_EVENT: {
    nb: "Viser det som var riktig da det skjedde, og skrives ikke om.",
    nn: "Viser det som var rett då det hende, og blir ikkje skrive om.",
    en: "Shows what was right when it happened, and is not rewritten.",
  },
  STATEMENT_ATTACHED: {
    nb: "Merknaden står ved oppføringen.",
    nn: "Merknaden står ved oppføringa.",
    en: "The statement stands beside the record.",
  },
  SUPERSEDED: {
    nb: "En senere retting gjelder i stedet.",
    nn: "Ei seinare retting gjeld i staden.",
    en: "A later correction counts instead.",
  },
  CANNOT_MARK: {
    nb: "Systemet kan ikke merke oppføringer; begrensningen håndheves her.",
    nn: "Systemet kan ikkje merkje oppføringar; avgrensinga blir handheva her.",
    en: "The system cannot mark records; the restriction is enforced here.",
  },
  CANNOT_SUPPRESS: {
    nb: "Systemet kan ikke stanse utsendelser til personen.",
    nn: "Systemet kan ikkje stanse utsendingar til personen.",
    en: "The system cannot stop writing to the person.",
  },
  CANNOT_RESUME: {
    nb: "Personen er sperret eller avmeldt i systemet selv. En medarbeider må oppheve det der, og så bekrefte det.",
    nn: "Personen er sperra eller avmeldt i systemet sjølv. Ein medarbeidar må oppheve det der, og så stadfeste det.",
    en: "The person is blocked or disabled in the system itself. A member of staff must undo that there, and then confirm it.",
  },
  STILL_RESTRICTED: {
    nb: "Behandlingen er fortsatt begrenset i andre systemer, så mottakeren får ikke beskjed om at den er fri.",
    nn: "Behandlinga er framleis avgrensa i andre system, så mottakaren får ikkje melding om at ho er fri.",
    en: "Processing is still restricted in other systems, so the recipient is not told that it is free.",
  },
  TELL_BY_HAND: {
    nb: "Mottakeren kan ikke nås herfra. En medarbeider må gi beskjed, og så bekrefte det.",
    nn: "Mottakaren kan ikkje nåast herifrå. Ein medarbeidar må gje beskjed, og så stadfeste det.",
    en: "The recipient cannot be reached from here. A member of staff must tell them, and then confirm it.",
  },
  NO_ADDRESS: {
    nb: "Personen har ingen bekreftet e-postadresse. En medarbeider må gi beskjed, og så bekrefte det.",
    nn: "Personen har inga stadfesta e-postadresse. Ein medarbeidar må gje beskjed, og så stadfeste det.",
    en: "The person has no verified e-mail address. A member of staff must tell them, and then confirm it.",
  },
  NOBODY_TOLD: {
    nb: "Personen kunne ikke få beskjed herfra: det er ingen bekreftet e-postadresse, eller ingen e-posttjener. Den som svarer på henvendelsen, gir beskjed.",
    nn: "Personen kunne ikkje få beskjed herifrå: det er inga stadfesta e-postadresse, eller ingen e-posttenar. Den som svarar på førespurnaden, gjev beskjed.",
    en: "The person could not be told from here: there is no verified e-mail address, or no mail server. Whoever answers the request tells them.",
  },
  CODE_NOT_SENT: {
    nb: "Koden ble ikke sendt før den var erstattet, brukt eller utløpt.",
    nn: "Koden vart ikkje send før han var erstatta, brukt eller utgått.",
    en: "The code was not sent before it was replaced, used or expired.",
  },
  REDUCED_TO_DOCUMENT: {
    nb: "Alt som ikke hører til det loven krever oppbevart, er slettet.",
    nn: "Alt som ikkje høyrer til det lova krev oppbevart, er sletta.",
    en: "Everything that is not part of what the law requires to be kept has been erased.",
  },
  CANNOT_ERASE: {
    nb: "Systemet sletter ikke dette herfra. En medarbeider må gjøre det der, og så bekrefte det.",
    nn: "Systemet slettar ikkje dette herifrå. Ein medarbeidar må gjere det der, og så stadfeste det.",
    en: "The system does not erase this from here. A member of staff must do it there, and then confirm it.",
  },
  LEFT_BEHIND: {
    nb: "Systemet har fortsatt noe om personen. En medarbeider må få det fjernet der, og så prøve på nytt eller bekrefte det. Det ligger i",
    nn: "Systemet har framleis noko om personen. Ein medarbeidar må få det fjerna der, og så prøve på nytt eller stadfeste det. Det ligg i",
    en: "The system still has something about the person. A member of staff must have it removed there, and then try again or confirm it. It is in",
  },
  LEFT_WITH_OTHERS: {
    nb: "En annens oppføring i systemet har personens adresse eller nummer, for eksempel en påmelding som en annen har sendt inn. En medarbeider må avgjøre hva som skal skje med den, og så prøve på nytt eller bekrefte det. Det ligger i",
    nn: "Oppføringa til ein annan i systemet har adressa eller nummeret til personen, til dømes ei påmelding som ein annan har sendt inn. Ein medarbeidar må avgjere kva som skal skje med henne, og så prøve på nytt eller stadfeste det. Det ligg i",
    en: "Somebody else's record in the system has the person's address or number, such as a registration that another has made. A member of staff must settle what becomes of it, and then try again or confirm it. It is in",
  },
  KEPT_CHANGED: {
    nb: "Noe som loven krever oppbevart, er ikke slik det var. En medarbeider må se på det i systemet.",
    nn: "Noko som lova krev oppbevart, er ikkje slik det var. Ein medarbeidar må sjå på det i systemet.",
    en: "Something that the law requires to be kept is not as it was. A member of staff must look at it in the system.",
  },
  EXPORT_ENDED: {
    nb: "Arkivet er ikke lenger til å hente.",
    nn: "Arkivet er ikkje lenger til å hente.",
    en: "The archive is not there to be fetched any more.",
  },
  EXPORT_INCOMPLETE: {
    nb: "Arkivet mangler noe. Det som mangler, står i det, og det lages på nytt når alt er lest.",
    nn: "Arkivet manglar noko. Det som manglar, står i det, og det blir laga på nytt når alt er lese.",
    en: "The archive lacks something. What it lacks is named in it, and it is made again once everything has been read.",
  },
  NOT_PORTABLE: {
    nb: "Retten til dataportabilitet gjelder det som behandles etter samtykke eller avtale (artikkel 20). Be om innsyn for å få dette også.",
    nn: "Retten til dataportabilitet gjeld det som blir behandla etter samtykke eller avtale (artikkel 20). Be om innsyn for å få dette òg.",
    en: "The right to portability covers what is processed by consent or for a contract (Art. 20). Ask for access to have this as well.",
  },
  TAKEN_BACK: {
    nb: "Tatt tilbake før det begynte.",
    nn: "Teke tilbake før det byrja.",
    en: "Taken back before it began.",
  },
  BY_ERASURE: {
    nb: "Personen har bedt om sletting.",
    nn: "Personen har bede om sletting.",
    en: "The person has asked for erasure.",
  },
  CONFIRMED_BY_STAFF: {
    nb: "Bekreftet av en medarbeider.",
    nn: "Stadfesta av ein medarbeidar.",
    en: "Confirmed by a member of staff.",
  },
} as const satisfies Record<string, Text>;

export type DetailCode = keyof typeof details;

export const isDetailCode = (code: unknown): code is DetailCode =>
  typeof code === "string" && Object.hasOwn(details, code);
