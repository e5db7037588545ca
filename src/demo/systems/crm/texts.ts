export const channels = ["e-post", "telefon", "chat", "møte"];
export const orderStates = ["levert", "betalt", "fakturert", "kreditert"];
export const returnReasons = ["feil størrelse", "skadet under transport", "angret kjøp", "defekt ved mottak"];
export const mailSubjects = ["Ordrebekreftelse", "Faktura", "Varen er sendt", "Velkommen som kunde"];
export const products = [
  "Kontorstol Fjell",
  "Skjerm 27 tommer",
  "Dokkingstasjon",
  "Årslisens økonomi",
  "Kurs i personvern",
  "Headset trådløst",
  "Papir A4, kartong",
  "Hev- og senkbord",
  "Supportavtale, måned",
];

/** Subject and body. Free text names other people, as it does in life. */
export const conversations: readonly (readonly [string, string])[] = [
  [
    "Feil på faktura",
    "Fakturaen skulle gått til kollegaen min Per Berg, per.berg@example.com, tlf. 912 00 112.",
  ],
  ["Forsinket levering", "Kunden spør når varen kommer. Lovet svar innen fredag."],
  ["Endret adresse", "Har flyttet, ny adresse er notert på kortet."],
  ["Garanti", "Stolen knirker. Gjelder garantien fortsatt?"],
  ["Takk for hjelpen", "Alt i orden nå, kunden var fornøyd."],
  ["Spørsmål om kurs", "Ønsker plass på høstens kurs sammen med Eva Enebo."],
  ["Retur", "Returlapp er sendt på e-post."],
  ["Tilbud", "Ba om tilbud på ti skjermer."],
  ["Innlogging", "Kom ikke inn i læringsportalen. Satt over til support."],
  ["Reservasjon", "Vil ikke bli oppringt med tilbud."],
];

/** Attribute, value, provider. */
export const enrichments: readonly (readonly [string, string, string])[] = [
  ["husstandsstørrelse", "3-4 personer", "Eksempel Data AS"],
  ["inntektsklasse", "middels", "Eksempel Data AS"],
  ["bransje", "varehandel", "Foretaksopplysning AS"],
  ["yrkesprofil på nett", "https://profil.example/offentlig", "Eksempel Nettverk"],
  ["kjøpekraft", "høy", "Segment Norge AS"],
];
