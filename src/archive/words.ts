import type { Text } from "../language/language.ts";

/** What the archive itself says. */
export const words = {
  title: {
    nb: "Opplysningene om deg",
    nn: "Opplysningane om deg",
    en: "The data about you",
  },
  ACCESS: {
    nb: "Innsyn (personvernforordningen artikkel 15)",
    nn: "Innsyn (personvernforordninga artikkel 15)",
    en: "Access (GDPR Art. 15)",
  },
  PORTABILITY: {
    nb: "Dataportabilitet (personvernforordningen artikkel 20)",
    nn: "Dataportabilitet (personvernforordninga artikkel 20)",
    en: "Portability (GDPR Art. 20)",
  },
  controller: { nb: "Behandlingsansvarlig", nn: "Behandlingsansvarleg", en: "Controller" },
  madeAt: { nb: "Laget", nn: "Laga", en: "Made" },
  missing: { nb: "Dette mangler", nn: "Dette manglar", en: "What is missing" },
  withheld: { nb: "Dette er holdt tilbake", nn: "Dette er halde tilbake", en: "What is withheld" },
  leftOut: {
    nb: "Dette er ikke tatt med",
    nn: "Dette er ikkje teke med",
    en: "What is left out",
  },
  incomplete: { nb: "Ikke komplett", nn: "Ikkje komplett", en: "Not complete" },
  nothing: { nb: "Ingenting.", nn: "Ingenting.", en: "Nothing." },
  everything: { nb: "hele systemet", nn: "heile systemet", en: "the whole system" },
  contents: { nb: "Innhold", nn: "Innhald", en: "Contents" },
  notice: { nb: "Om behandlingen", nn: "Om behandlinga", en: "About the processing" },
  rows: { nb: "Rader", nn: "Rader", en: "Rows" },
  none: { nb: "Ingen rader.", nn: "Ingen rader.", en: "No rows." },
  yes: { nb: "ja", nn: "ja", en: "yes" },
  no: { nb: "nei", nn: "nei", en: "no" },
} as const satisfies Readonly<Record<string, Text>>;

/** What each kind of file in the archive is for. */
export const fileWords = {
  "innsyn.html": {
    nb: "til å lese i en nettleser",
    nn: "til å lese i ein nettlesar",
    en: "to read in a browser",
  },
  "data/": {
    nb: "alt, nøyaktig, til maskiner (JSON)",
    nn: "alt, nøyaktig, til maskiner (JSON)",
    en: "all of it, exactly, for programs (JSON)",
  },
  "csv/": {
    nb: "alt som tabeller, til regneark (UTF-8, komma mellom feltene); tekst som et regneark kunne kjørt som formel, har en apostrof foran",
    nn: "alt som tabellar, til rekneark (UTF-8, komma mellom felta); tekst som eit rekneark kunne køyrt som formel, har ein apostrof framfor",
    en: "all of it as tables, for spreadsheets (UTF-8, commas between the fields); text that a spreadsheet could run as a formula has an apostrophe before it",
  },
  "schemas/": {
    nb: "hva feltene i data/ er (JSON Schema)",
    nn: "kva felta i data/ er (JSON Schema)",
    en: "what the fields in data/ are (JSON Schema)",
  },
  "notice.json": {
    nb: "hva opplysningene brukes til, og rettighetene dine",
    nn: "kva opplysningane blir brukte til, og rettane dine",
    en: "what the data is used for, and your rights",
  },
  "manifest.json": {
    nb: "filene, med antall rader og SHA-256",
    nn: "filene, med talet på rader og SHA-256",
    en: "the files, with their counts of rows and SHA-256",
  },
} as const satisfies Readonly<Record<string, Text>>;

/** Of a table that the page does not show to the end. */
export const shownOf = (shown: number, all: number, path: string): Text => ({
  nb: `De ${shown} første av ${all} rader vises her. Resten er i ${path}.`,
  nn: `Dei ${shown} første av ${all} rader er viste her. Resten er i ${path}.`,
  en: `The first ${shown} of ${all} rows are shown here. The rest is in ${path}.`,
});
