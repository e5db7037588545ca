import { Duration } from "luxon";
import type { RetentionRule } from "../access/retention.ts";
import { type Language, languages, type Text } from "../language/language.ts";
import { wordsOf } from "../archive/field-words.ts";

const after: Text = { nb: "etter", nn: "etter", en: "after" };
const endOfYear: Text = {
  nb: "etter utgangen av regnskapsåret for",
  nn: "etter utgangen av rekneskapsåret for",
  en: "after the end of the accounting year of",
};

/** A retention rule in words: `2 år etter «Siste aktivitet»`. */
export function timeLimitIn(rule: RetentionRule): Text {
  const said = (language: Language) => {
    const period = Duration.fromISO(rule.period).reconfigure({ locale: language }).toHuman();
    const from = (rule.fromEndOfAccountingYear ? endOfYear : after)[language];
    return `${period} ${from} «${wordsOf(rule.after)[language]}»`;
  };
  return inEach(said);
}

/** The same in every language that there is. */
export const inEach = (said: (language: Language) => string): Text =>
  Object.fromEntries(languages.map((language) => [language, said(language)])) as Text;
