import type { Language } from "../language/language.ts";
import type { Template } from "./message-texts.ts";
import { closing, frame } from "./messages.ts";
import type { Organisation } from "./organisation.ts";
import type { PolicyVersion } from "./policies.ts";

/** In braces: the version. */
const texts = {
  PUBLISHED: {
    subject: {
      nb: "Personvernerklæringen vår er endret",
      nn: "Personvernerklæringa vår er endra",
      en: "Our privacy policy has changed",
    },
    text: {
      nb: "Vi har publisert en ny personvernerklæring, {version}. Logg inn for å lese den. Dette er endret:",
      nn: "Vi har publisert ei ny personvernerklæring, {version}. Logg inn for å lese ho. Dette er endra:",
      en: "We have published a new privacy policy, {version}. Sign in to read it. This has changed:",
    },
  },
  REQUIRES_CONSENT: {
    subject: {
      nb: "Personvernerklæringen vår er endret, og vi trenger svaret ditt",
      nn: "Personvernerklæringa vår er endra, og vi treng svaret ditt",
      en: "Our privacy policy has changed, and we need your answer",
    },
    text: {
      nb: "Vi har publisert en ny personvernerklæring, {version}. Logg inn for å lese den og svare på om du godtar den. Dette er endret:",
      nn: "Vi har publisert ei ny personvernerklæring, {version}. Logg inn for å lese ho og svare på om du godtek ho. Dette er endra:",
      en: "We have published a new privacy policy, {version}. Sign in to read it, and to answer whether you agree to it. This has changed:",
    },
  },
} as const satisfies Record<string, Template>;

/** Subject and plain text: what has changed in the words of the version itself, whatever the person's language. */
export function policyLetter(
  { version, changes, requiresConsent }: Pick<PolicyVersion, "version" | "changes" | "requiresConsent">,
  language: Language,
  organisation: Pick<Organisation, "controller" | "supervisoryAuthority">,
): { readonly subject: string; readonly text: string } {
  const { subject, text } = texts[requiresConsent ? "REQUIRES_CONSENT" : "PUBLISHED"];
  return {
    subject: subject[language],
    text: [
      frame.greeting[language],
      // A function, since a version's own name could be read as a pattern.
      text[language].replace("{version}", () => version),
      ...(changes === null ? [] : [changes]),
      ...closing(language, organisation),
    ].join("\n\n"),
  };
}
