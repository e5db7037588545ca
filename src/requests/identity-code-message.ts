import type { Language, Text } from "../language/language.ts";
import type { Organisation } from "./organisation.ts";

const subject: Text = {
  nb: "Koden din",
  nn: "Koden din",
  en: "Your code",
};

const asked: Text = {
  nb: "Noen har bedt oss om noe på dine vegne. Er det deg, viser du det med denne koden:",
  nn: "Nokon har bede oss om noko på dine vegner. Er det deg, viser du det med denne koden:",
  en: "Somebody has asked us for something in your name. If it was you, show it with this code:",
};

const reference: Text = { nb: "Saken:", nn: "Saka:", en: "The request:" };

const otherwise: Text = {
  nb: "Var det ikke deg, så la koden være, og si fra til oss. Uten den blir ingenting utlevert eller endret.",
  nn: "Var det ikkje deg, så lat koden vere, og sei frå til oss. Utan han blir ingenting utlevert eller endra.",
  en: "If it was not you, leave the code alone, and tell us. Without it nothing is disclosed or changed.",
};

const until: Readonly<Record<Language, (minutes: number) => string>> = {
  nb: (minutes) => `Den gjelder i ${minutes} minutter, og kan brukes én gang.`,
  nn: (minutes) => `Han gjeld i ${minutes} minutt, og kan brukast éin gong.`,
  en: (minutes) => `It counts for ${minutes} minutes, and can be used once.`,
};

export interface CodeToWrite {
  readonly code: string;
  readonly requestId: string;
  readonly minutes: number;
}

/** Subject and plain text of a code; nothing else of the person is in it. */
export function writtenCode(
  { code, requestId, minutes }: CodeToWrite,
  language: Language,
  { controller: { name, email, phone } }: Pick<Organisation, "controller">,
): { readonly subject: string; readonly text: string } {
  return {
    subject: subject[language],
    text: [
      asked[language],
      code,
      until[language](minutes),
      `${reference[language]} ${requestId}`,
      otherwise[language],
      `${name}, ${email}, ${phone}`,
    ].join("\n\n"),
  };
}
