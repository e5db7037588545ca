import type { Text } from "../language/language.ts";
import type { RefusedDecision } from "./decisions.ts";
import type { RefusalCode } from "./refusal-graph.ts";

/** What the DPO is told of a decision that cannot stand. */
export const refusals: Readonly<
  Record<RefusedDecision, { readonly code: RefusalCode; readonly text: Text }>
> = {
  NO_RECORD: {
    code: "INVALID_VALUE",
    text: {
      nb: "Systemet har ingen oppføring med denne identifikatoren.",
      nn: "Systemet har inga oppføring med denne identifikatoren.",
      en: "The system has no record with this identifier.",
    },
  },
  SEVERAL_RECORDS: {
    code: "IDENTITY_AMBIGUOUS",
    text: {
      nb: "Systemet har flere oppføringer med denne identifikatoren. Bruk en som bare finner én, for eksempel kundenummeret.",
      nn: "Systemet har fleire oppføringar med denne identifikatoren. Bruk ein som berre finn éi, til dømes kundenummeret.",
      en: "The system has several records with this identifier. Use one that finds a single record, such as the customer number.",
    },
  },
  LINKED_TO_ANOTHER_PERSON: {
    code: "IDENTITY_AMBIGUOUS",
    text: {
      nb: "Oppføringen er allerede knyttet til en annen person. Løs den fra den personen først.",
      nn: "Oppføringa er alt knytt til ein annan person. Løys ho frå den personen først.",
      en: "The record is already linked to another person. Unlink it from that person first.",
    },
  },
  ANOTHER_RECORD_LINKED: {
    code: "WRONG_STATE",
    text: {
      nb: "En annen oppføring i systemet er allerede knyttet til personen. Løs den først.",
      nn: "Ei anna oppføring i systemet er alt knytt til personen. Løys ho først.",
      en: "Another record of the system is already linked to the person. Unlink it first.",
    },
  },
  BEING_ERASED: {
    code: "WRONG_STATE",
    text: {
      nb: "Personen er i ferd med å bli slettet fra systemet, og oppføringen ville ha blitt stående. Vent til slettingen er ferdig, og ta oppføringen etter det.",
      nn: "Personen er i ferd med å bli sletta frå systemet, og oppføringa ville ha vorte ståande. Vent til slettinga er ferdig, og ta oppføringa etter det.",
      en: "The person is being erased from the system, and the record would be left behind. Wait until the erasure has ended, and see to the record after it.",
    },
  },
  NOTHING_MATCHED: {
    code: "WRONG_STATE",
    text: {
      nb: "Ingen oppføring i systemet er knyttet til personen eller venter på vurdering.",
      nn: "Inga oppføring i systemet er knytt til personen eller ventar på vurdering.",
      en: "No record of the system is matched to the person or waits for review.",
    },
  },
};
