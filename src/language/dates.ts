import type { Language } from "./language.ts";

const locales: Readonly<Record<Language, string>> = { nb: "nb-NO", nn: "nn-NO", en: "en-GB" };

const inWords = (style: Intl.DateTimeFormatOptions) => (moment: Date, language: Language) =>
  new Intl.DateTimeFormat(locales[language], { ...style, timeZone: "Europe/Oslo" }).format(moment);

/** The day that a moment falls on in Norway: `6. desember 2026`. */
export const dayInWords = inWords({ dateStyle: "long" });

/** With the time in Norway: `24. desember 2026 kl. 12:00`. */
export const momentInWords = inWords({ dateStyle: "long", timeStyle: "short" });
