import type { Text } from "../language/language.ts";

/** What the documents themselves say. */
export const words = {
  title: {
    nb: "Protokoll over behandlingsaktiviteter",
    nn: "Protokoll over behandlingsaktivitetar",
    en: "Records of processing activities",
  },
  law: {
    nb: "Personvernforordningen artikkel 30 nr. 1, personopplysningsloven § 1",
    nn: "Personvernforordninga artikkel 30 nr. 1, personopplysningslova § 1",
    en: "GDPR Art. 30(1), the Norwegian Personal Data Act § 1",
  },
  computed: {
    nb: "Regnet ut av reglene som innsynsløsningen håndhever, og av oppsettet dens. Formål som ingenting behandles for der, står ikke her. Protokollen dekker ikke behandling som skjer utenfor de tilknyttede systemene.",
    nn: "Rekna ut av reglane som innsynsløysinga handhevar, og av oppsettet hennar. Føremål som ingenting blir behandla for der, står ikkje her. Protokollen dekkjer ikkje behandling som skjer utanfor dei tilknytte systema.",
    en: "Computed from the rules that the gateway enforces, and from its configuration. Purposes that nothing is processed for there are not among them. Processing outside the connected systems is not covered.",
  },
  controller: { nb: "Behandlingsansvarlig", nn: "Behandlingsansvarleg", en: "Controller" },
  dataProtectionOfficer: { nb: "Personvernombud", nn: "Personvernombod", en: "Data protection officer" },
  noOfficer: {
    nb: "Ingen er oppgitt i oppsettet.",
    nn: "Ingen er oppgjeve i oppsettet.",
    en: "None is named in the configuration.",
  },
  authority: { nb: "Tilsynsmyndighet", nn: "Tilsynsmyndigheit", en: "Supervisory authority" },
  madeAt: { nb: "Laget", nn: "Laga", en: "Made" },
  purpose: { nb: "Formål", nn: "Føremål", en: "Purpose" },
  legalBasis: { nb: "Rettslig grunnlag", nn: "Rettsleg grunnlag", en: "Legal basis" },
  subjects: {
    nb: "Kategorier av registrerte",
    nn: "Kategoriar av registrerte",
    en: "Categories of data subjects",
  },
  categories: {
    nb: "Kategorier av personopplysninger",
    nn: "Kategoriar av personopplysningar",
    en: "Categories of personal data",
  },
  special: {
    nb: "Særlige kategorier (artikkel 9) er blant dem.",
    nn: "Særlege kategoriar (artikkel 9) er mellom dei.",
    en: "Special categories (Art. 9) are among them.",
  },
  systems: { nb: "Systemer", nn: "System", en: "Systems" },
  processors: { nb: "Databehandlere", nn: "Databehandlarar", en: "Processors" },
  recipients: { nb: "Andre mottakere", nn: "Andre mottakarar", en: "Other recipients" },
  transfers: {
    nb: "Overføringer ut av EØS, med garantier",
    nn: "Overføringar ut av EØS, med garantiar",
    en: "Transfers out of the EEA, with safeguards",
  },
  timeLimits: { nb: "Frister for sletting", nn: "Fristar for sletting", en: "Time limits for erasure" },
  keptByLaw: {
    nb: "Oppbevares lenger etter",
    nn: "Blir oppbevart lenger etter",
    en: "Kept longer under",
  },
  readableBy: {
    nb: "Roller som kan lese for formålet",
    nn: "Roller som kan lese for føremålet",
    en: "Roles that may read for the purpose",
  },
  measures: { nb: "Sikkerhetstiltak", nn: "Tryggingstiltak", en: "Security measures" },
  none: { nb: "Ingen.", nn: "Ingen.", en: "None." },
  gatewayAlone: {
    nb: "Bare innsynsløsningen selv.",
    nn: "Berre innsynsløysinga sjølv.",
    en: "The gateway alone.",
  },
  onlyDisclosed: {
    nb: "Ikke noe tilknyttet system har opplysninger for formålet; de blir utlevert.",
    nn: "Ikkje noko tilknytt system har opplysningar for føremålet; dei blir utleverte.",
    en: "No connected system holds data for the purpose; it is disclosed.",
  },
  noLimitHere: {
    nb: "Innsynsløsningen kjenner ingen frist for formålet.",
    nn: "Innsynsløysinga kjenner ingen frist for føremålet.",
    en: "The gateway knows of no time limit for the purpose.",
  },
} as const satisfies Readonly<Record<string, Text>>;
