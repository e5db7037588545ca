import type { Text } from "../language/language.ts";

const same = (norwegian: string, en: string): Text => ({ nb: norwegian, nn: norwegian, en });

/** What the page of a complaint says; in bokmål, whichever the person reads: its reader is the authority. */
export const complaintWords = {
  title: {
    nb: "Sak til tilsynsmyndigheten",
    nn: "Sak til tilsynsmyndigheita",
    en: "Case for the supervisory authority",
  },
  authority: { nb: "Tilsynsmyndighet", nn: "Tilsynsmyndigheit", en: "Supervisory authority" },
  request: { nb: "Saken", nn: "Saka", en: "The request" },
  kind: { nb: "Hva det gjelder", nn: "Kva det gjeld", en: "Kind" },
  status: same("Status", "Status"),
  channel: same("Kanal", "Channel"),
  receivedAt: { nb: "Mottatt", nn: "Motteken", en: "Received" },
  dueAt: same("Frist", "Due"),
  extendedBecause: {
    nb: "Fristen er forlenget fordi",
    nn: "Fristen er forlengd fordi",
    en: "Extended because",
  },
  completedAt: { nb: "Avsluttet", nn: "Avslutta", en: "Completed" },
  reason: { nb: "Begrunnelse", nn: "Grunngjeving", en: "Reason" },
  refusal: { nb: "Avslag", nn: "Avslag", en: "Refusal" },
  legalGround: { nb: "Hjemmel", nn: "Heimel", en: "Legal ground" },
  timeline: { nb: "Hendelser", nn: "Hendingar", en: "Timeline" },
  at: { nb: "Tidspunkt", nn: "Tidspunkt", en: "At" },
  by: { nb: "Av", nn: "Av", en: "By" },
  gateway: { nb: "systemet", nn: "systemet", en: "the system" },
  event: { nb: "Hendelse", nn: "Hending", en: "Event" },
  detail: { nb: "Nærmere", nn: "Nærare", en: "Detail" },
  note: { nb: "Merknad", nn: "Merknad", en: "Note" },
  steps: {
    nb: "Det som er gjort i systemene",
    nn: "Det som er gjort i systema",
    en: "What was done in the systems",
  },
  source: same("System", "System"),
  action: { nb: "Handling", nn: "Handling", en: "Action" },
  recordType: { nb: "Opplysning", nn: "Opplysning", en: "Record type" },
  state: { nb: "Tilstand", nn: "Tilstand", en: "State" },
  outcome: { nb: "Utfall", nn: "Utfall", en: "Outcome" },
  retainedUntil: { nb: "Beholdes til", nn: "Blir halde til", en: "Retained until" },
  finishedAt: { nb: "Ferdig", nn: "Ferdig", en: "Finished" },
  decisions: { nb: "Avgjørelser", nn: "Avgjerder", en: "Decisions" },
  approved: { nb: "Innvilget", nn: "Innvilga", en: "Approved" },
  explanation: { nb: "Forklaring", nn: "Forklaring", en: "Explanation" },
  correspondence: { nb: "Korrespondanse", nn: "Korrespondanse", en: "Correspondence" },
  TO_PERSON: { nb: "Til den registrerte", nn: "Til den registrerte", en: "To the data subject" },
  FROM_PERSON: { nb: "Fra den registrerte", nn: "Frå den registrerte", en: "From the data subject" },
  receipts: { nb: "Signerte kvitteringer", nn: "Signerte kvitteringar", en: "Signed receipts" },
} as const satisfies Readonly<Record<string, Text>>;
