import type { Language } from "./language.ts";

const locales: Readonly<Record<Language, string>> = { nb: "nb-NO", nn: "nn-NO", en: "en-GB" };

/** The day that a moment falls on in Norway, in words: `6. desember 2026`. */
export const dayInWords = (moment: Date, language: Language): string =>
  new Intl.DateTimeFormat(locales[language], { dateStyle: "long", timeZone: "Europe/Oslo" }).format(moment);
