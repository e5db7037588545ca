import type { DataCategory, LegalBasis, Purpose, Role, SubjectCategory } from "../access/vocabulary.ts";
import type { Text } from "../language/language.ts";

/** What the terms of the schema are called in the documents. */
export const purposeWords: Readonly<Record<Purpose, Text>> = {
  ORDER_FULFILMENT: { nb: "Levere bestillinger", nn: "Levere tingingar", en: "Fulfilling orders" },
  RETURNS_AND_WARRANTY: { nb: "Returer og garanti", nn: "Returar og garanti", en: "Returns and warranty" },
  CUSTOMER_INFORMATION: {
    nb: "Holde orden på kundeforholdet",
    nn: "Halde orden på kundeforholdet",
    en: "Managing the customer relationship",
  },
  CUSTOMER_SUPPORT: { nb: "Kundestøtte", nn: "Kundestøtte", en: "Customer support" },
  TRAINING_DELIVERY: { nb: "Levere opplæring", nn: "Levere opplæring", en: "Delivering training" },
  EVENT_ADMINISTRATION: {
    nb: "Gjennomføre arrangementer",
    nn: "Gjennomføre arrangement",
    en: "Administering events",
  },
  NEWSLETTER: { nb: "Nyhetsbrev", nn: "Nyheitsbrev", en: "Newsletter" },
  PURCHASE_BASED_MARKETING: {
    nb: "Markedsføring ut fra kjøp",
    nn: "Marknadsføring ut frå kjøp",
    en: "Marketing based on purchases",
  },
  PARTNER_MARKETING: {
    nb: "Markedsføring gjennom partnere",
    nn: "Marknadsføring gjennom partnarar",
    en: "Marketing through partners",
  },
  PROFILE_TAILORING: { nb: "Tilpasse en profil", nn: "Tilpasse ein profil", en: "Tailoring a profile" },
  STATISTICS: { nb: "Statistikk", nn: "Statistikk", en: "Statistics" },
  TESTING: { nb: "Test og produktutvikling", nn: "Test og produktutvikling", en: "Tests and development" },
  BOOKKEEPING: { nb: "Bokføring", nn: "Bokføring", en: "Bookkeeping" },
  DISCLOSURE_TO_AUTHORITIES: {
    nb: "Utlevering til myndigheter",
    nn: "Utlevering til styresmakter",
    en: "Disclosure to authorities",
  },
  DATA_SUBJECT_RIGHTS: {
    nb: "Ivareta den registrertes rettigheter",
    nn: "Ta vare på rettane til den registrerte",
    en: "Giving effect to data subjects' rights",
  },
  AUDIT: {
    nb: "Gjøre rede for behandlingen",
    nn: "Gjere greie for behandlinga",
    en: "Accounting for the processing",
  },
};

export const categoryWords: Readonly<Record<DataCategory, Text>> = {
  IDENTITY: { nb: "Identitet", nn: "Identitet", en: "Identity" },
  CONTACT: { nb: "Kontaktopplysninger", nn: "Kontaktopplysningar", en: "Contact details" },
  EMPLOYMENT: {
    nb: "Stilling og arbeidsgiver",
    nn: "Stilling og arbeidsgjevar",
    en: "Job title and employer",
  },
  CONVERSATION: { nb: "Dialog", nn: "Dialog", en: "Conversations" },
  PURCHASE: { nb: "Kjøp", nn: "Kjøp", en: "Purchases" },
  BOOKKEEPING: { nb: "Bilag", nn: "Bilag", en: "Accounting records" },
  LEARNING_PROGRESS: { nb: "Progresjon i kurs", nn: "Progresjon i kurs", en: "Progress in courses" },
  SURVEY_ANSWER: { nb: "Svar på undersøkelser", nn: "Svar på undersøkingar", en: "Survey answers" },
  TECHNICAL: { nb: "Tekniske opplysninger", nn: "Tekniske opplysningar", en: "Technical data" },
  EMAIL_ENGAGEMENT: {
    nb: "Åpning av og respons på e-post",
    nn: "Opning av og respons på e-post",
    en: "Opening of and response to e-mails",
  },
  EVENT_PARTICIPATION: {
    nb: "Deltakelse i arrangementer",
    nn: "Deltaking i arrangement",
    en: "Participation in events",
  },
  SPECIAL_NEED: {
    nb: "Behov for kosthold og tilrettelegging",
    nn: "Behov for kosthald og tilrettelegging",
    en: "Dietary and access needs",
  },
  ENRICHMENT: { nb: "Opplysninger fra andre", nn: "Opplysningar frå andre", en: "Data from others" },
  CONSENT: { nb: "Samtykker", nn: "Samtykke", en: "Consents" },
  RIGHTS_REQUEST: {
    nb: "Henvendelser om rettigheter",
    nn: "Førespurnader om rettar",
    en: "Requests about rights",
  },
  ACCESS_LOG: { nb: "Logg over oppslag", nn: "Logg over oppslag", en: "Log of looks" },
};

export const subjectWords: Readonly<Record<SubjectCategory, Text>> = {
  CUSTOMER: { nb: "Kunder", nn: "Kundar", en: "Customers" },
  LEARNER: { nb: "Kursdeltakere", nn: "Kursdeltakarar", en: "Learners" },
  SUBSCRIBER: { nb: "Mottakere av nyhetsbrev", nn: "Mottakarar av nyheitsbrev", en: "Subscribers" },
  PARTICIPANT: { nb: "Deltakere i arrangementer", nn: "Deltakarar i arrangement", en: "Event participants" },
  VISITOR: { nb: "Besøkende på nettstedet", nn: "Besøkjande på nettstaden", en: "Visitors to the website" },
  EMPLOYEE: { nb: "Ansatte", nn: "Tilsette", en: "Employees" },
};

export const legalBasisWords: Readonly<Record<LegalBasis, Text>> = {
  CONSENT: {
    nb: "Samtykke (artikkel 6 nr. 1 bokstav a)",
    nn: "Samtykke (artikkel 6 nr. 1 bokstav a)",
    en: "Consent (Art. 6(1)(a))",
  },
  CONTRACT: {
    nb: "Avtale (artikkel 6 nr. 1 bokstav b)",
    nn: "Avtale (artikkel 6 nr. 1 bokstav b)",
    en: "Contract (Art. 6(1)(b))",
  },
  LEGAL_OBLIGATION: {
    nb: "Rettslig forpliktelse (artikkel 6 nr. 1 bokstav c)",
    nn: "Rettsleg plikt (artikkel 6 nr. 1 bokstav c)",
    en: "Legal obligation (Art. 6(1)(c))",
  },
  VITAL_INTERESTS: {
    nb: "Vitale interesser (artikkel 6 nr. 1 bokstav d)",
    nn: "Vitale interesser (artikkel 6 nr. 1 bokstav d)",
    en: "Vital interests (Art. 6(1)(d))",
  },
  PUBLIC_TASK: {
    nb: "Oppgave i allmennhetens interesse (artikkel 6 nr. 1 bokstav e)",
    nn: "Oppgåve i ålmenta si interesse (artikkel 6 nr. 1 bokstav e)",
    en: "Public task (Art. 6(1)(e))",
  },
  LEGITIMATE_INTERESTS: {
    nb: "Berettiget interesse (artikkel 6 nr. 1 bokstav f)",
    nn: "Rettkomen interesse (artikkel 6 nr. 1 bokstav f)",
    en: "Legitimate interests (Art. 6(1)(f))",
  },
};

export const roleWords: Readonly<Record<Role, Text>> = {
  SUBJECT: { nb: "Den registrerte selv", nn: "Den registrerte sjølv", en: "The data subject" },
  SUPPORT: { nb: "Kundestøtte", nn: "Kundestøtte", en: "Support" },
  MARKETING: { nb: "Markedsføring", nn: "Marknadsføring", en: "Marketing" },
  TRAINING: { nb: "Opplæring", nn: "Opplæring", en: "Training" },
  EVENTS: { nb: "Arrangement", nn: "Arrangement", en: "Events" },
  ACCOUNTING: { nb: "Regnskap", nn: "Rekneskap", en: "Accounting" },
  DPO: { nb: "Personvernombud", nn: "Personvernombod", en: "Data protection officer" },
  AUDITOR: { nb: "Revisor", nn: "Revisor", en: "Auditor" },
};
