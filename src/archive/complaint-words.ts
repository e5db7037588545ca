import type { Text } from "../language/language.ts";

/** What the page of a complaint says beside `fieldWords`; in bokmål, whichever the person reads: its reader is the authority. */
export const complaintWords = {
  title: {
    nb: "Sak til tilsynsmyndigheten",
    nn: "Sak til tilsynsmyndigheita",
    en: "Case for the supervisory authority",
  },
  authority: { nb: "Tilsynsmyndighet", nn: "Tilsynsmyndigheit", en: "Supervisory authority" },
  request: { nb: "Saken", nn: "Saka", en: "The request" },
  kind: { nb: "Hva det gjelder", nn: "Kva det gjeld", en: "Kind" },
  completedAt: { nb: "Avsluttet", nn: "Avslutta", en: "Completed" },
  timeline: { nb: "Hendelser", nn: "Hendingar", en: "Timeline" },
  gateway: { nb: "systemet", nn: "systemet", en: "the system" },
  steps: {
    nb: "Det som er gjort i systemene",
    nn: "Det som er gjort i systema",
    en: "What was done in the systems",
  },
  decisions: { nb: "Avgjørelser", nn: "Avgjerder", en: "Decisions" },
  approved: { nb: "Innvilget", nn: "Innvilga", en: "Approved" },
  explanation: { nb: "Forklaring", nn: "Forklaring", en: "Explanation" },
  correspondence: { nb: "Korrespondanse", nn: "Korrespondanse", en: "Correspondence" },
  TO_PERSON: { nb: "Til den registrerte", nn: "Til den registrerte", en: "To the data subject" },
  FROM_PERSON: { nb: "Fra den registrerte", nn: "Frå den registrerte", en: "From the data subject" },
  receipts: { nb: "Signerte kvitteringer", nn: "Signerte kvitteringar", en: "Signed receipts" },
} as const satisfies Readonly<Record<string, Text>>;
