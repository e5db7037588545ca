import type { Language, Text } from "../language/language.ts";
import type { OpenRequests } from "./work-list.ts";

/** What is counted, in the order of the message. */
const lines: readonly (readonly [Text, (counted: OpenRequests) => number])[] = [
  [{ nb: "Åpne saker", nn: "Opne saker", en: "Open requests" }, ({ open }) => open],
  [{ nb: "Over fristen", nn: "Over fristen", en: "Past their deadline" }, ({ overdue }) => overdue],
  [
    { nb: "Frist innen sju dager", nn: "Frist innan sju dagar", en: "Due within seven days" },
    ({ dueSoon }) => dueSoon,
  ],
  [
    {
      nb: "Venter på at det blir fastslått hvem som spør",
      nn: "Ventar på at det blir fastslått kven som spør",
      en: "Waiting for it to be established who asks",
    },
    ({ byStatus }) => byStatus["AWAITING_IDENTITY"] ?? 0,
  ],
  [
    { nb: "Venter på en avgjørelse", nn: "Ventar på ei avgjerd", en: "Waiting for a decision" },
    ({ byStatus }) => byStatus["AWAITING_DECISION"] ?? 0,
  ],
  [
    { nb: "Må ses på", nn: "Må sjåast på", en: "Needing attention" },
    ({ byStatus }) => byStatus["NEEDS_ATTENTION"] ?? 0,
  ],
];

const frame: Readonly<Record<"subject" | "lookHere", Text>> = {
  subject: {
    nb: "Personvernsaker som er åpne",
    nn: "Personvernsaker som er opne",
    en: "Data-subject requests that are open",
  },
  lookHere: {
    nb: "Arbeidslisten (`requests`) viser dem, det som haster mest først.",
    nn: "Arbeidslista (`requests`) viser dei, det som hastar mest først.",
    en: "The work list (`requests`) shows them, the most urgent first.",
  },
};

/** Subject and plain text: counts, and nothing of a person. */
export function dailyText(
  counted: OpenRequests,
  language: Language,
): { readonly subject: string; readonly text: string } {
  const rows = lines.map(([label, count]) => `${label[language]}: ${count(counted)}`);
  return {
    subject: frame.subject[language],
    text: [rows.join("\n"), frame.lookHere[language]].join("\n\n"),
  };
}
