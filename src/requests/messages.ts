import { dayInWords, momentInWords } from "../language/dates.ts";
import type { Language, Text } from "../language/language.ts";
import { requestTexts, type Template } from "./message-texts.ts";
import type { Organisation } from "./organisation.ts";
import { judicialRemedy } from "./rights.ts";

/** What a person is told of by e-mail: that there is something to see, and no personal data. */
export const messages = {
  ...requestTexts,
  RESTRICTION_TO_BE_LIFTED: {
    subject: {
      nb: "En begrensning vil bli opphevet",
      nn: "Ei avgrensing vil bli oppheva",
      en: "A restriction is about to be lifted",
    },
    text: {
      nb: "Behandlingen av opplysningene dine er begrenset. Begrensningen vil bli opphevet. Logg inn for å se når og hvorfor, eller ta kontakt med oss hvis du mener at den fortsatt skal gjelde.",
      nn: "Behandlinga av opplysningane dine er avgrensa. Avgrensinga vil bli oppheva. Logg inn for å sjå når og kvifor, eller ta kontakt med oss om du meiner at ho framleis skal gjelde.",
      en: "The processing of your data is restricted. The restriction is about to be lifted. Sign in to see when and why, or contact us if you think that it should go on.",
    },
  },
  EXTENSION: {
    subject: {
      nb: "Saken din tar lengre tid",
      nn: "Saka di tek lengre tid",
      en: "Your request takes longer",
    },
    text: {
      nb: "Vi trenger mer tid på en sak som du har hos oss. Logg inn for å se den nye fristen og begrunnelsen.",
      nn: "Vi treng meir tid på ei sak som du har hos oss. Logg inn for å sjå den nye fristen og grunngjevinga.",
      en: "We need more time for a request that you have made. Sign in to see the new deadline and the reasons.",
    },
  },
  TAKEN_BACK: {
    subject: {
      nb: "Slettingen er tatt tilbake",
      nn: "Slettinga er teken tilbake",
      en: "The erasure has been taken back",
    },
    text: {
      nb: "En sletting som du har bedt om, er tatt tilbake før den begynte. Ingenting er slettet. Logg inn for å se begrunnelsen. Hvis du ikke har sagt at den skulle tas tilbake, ber vi deg ta kontakt med oss.",
      nn: "Ei sletting som du har bede om, er teken tilbake før ho byrja. Ingenting er sletta. Logg inn for å sjå grunngjevinga. Om du ikkje har sagt at ho skulle takast tilbake, ber vi deg ta kontakt med oss.",
      en: "An erasure that you have asked for has been taken back before it began. Nothing has been erased. Sign in to see why. If you have not said that it should be taken back, please contact us.",
    },
  },
  DECISION: {
    subject: {
      nb: "Saken din er avgjort",
      nn: "Saka di er avgjord",
      en: "Your request has been decided",
    },
    text: {
      nb: "En sak som du har hos oss, er avgjort. Logg inn for å se avgjørelsen og begrunnelsen.",
      nn: "Ei sak som du har hos oss, er avgjord. Logg inn for å sjå avgjerda og grunngjevinga.",
      en: "A request that you have made has been decided. Sign in to see the decision and the reasons.",
    },
  },
} as const satisfies Record<string, Template>;

export type MessageCode = keyof typeof messages;

export const isMessageCode = (code: string | null): code is MessageCode =>
  code !== null && Object.hasOwn(messages, code);

/** What a message says beyond its template. */
export interface MessageFacts {
  /** Of the request, for whoever writes or calls back. */
  readonly caseNumber: string;
  readonly answerBy: Date;
  readonly until?: Date | undefined;
}

// No name: the gateway has none, and would have to read a system for it.
export const frame: Readonly<Record<"greeting" | "caseNumber" | "complain" | "contact", Text>> = {
  greeting: { nb: "Hei!", nn: "Hei!", en: "Hello," },
  caseNumber: { nb: "Saksnummer:", nn: "Saksnummer:", en: "Case number:" },
  complain: {
    nb: "Du kan klage til tilsynsmyndigheten:",
    nn: "Du kan klage til tilsynsstyresmakta:",
    en: "You can complain to the supervisory authority:",
  },
  contact: { nb: "Kontakt oss:", nn: "Kontakt oss:", en: "Contact us:" },
};

/** Subject and plain text (GDPR Art. 12(1), (4)). Throws where a time that the template names is not known. */
export function written(
  code: MessageCode,
  language: Language,
  organisation: Pick<Organisation, "controller" | "supervisoryAuthority">,
  facts: MessageFacts,
): { readonly subject: string; readonly text: string } {
  const { subject, text } = messages[code];
  return {
    subject: subject[language],
    text: [
      frame.greeting[language],
      withTimes(text[language], language, facts),
      `${frame.caseNumber[language]} ${facts.caseNumber}`,
      ...closing(language, organisation),
    ].join("\n\n"),
  };
}

/** The last paragraphs of every message: whom to turn to, and whose it is. */
export const closing = (
  language: Language,
  { controller, supervisoryAuthority }: Pick<Organisation, "controller" | "supervisoryAuthority">,
): readonly string[] => [
  `${frame.contact[language]} ${controller.email}, ${controller.phone}`,
  `${frame.complain[language]} ${supervisoryAuthority.name}, ${supervisoryAuthority.url}`,
  judicialRemedy[language],
  controller.name,
];

const withTimes = (text: string, language: Language, { answerBy, until }: MessageFacts): string =>
  text.replaceAll(/\{(\w+)\}/g, (_, named: string) => {
    if (named === "answerBy") return dayInWords(answerBy, language);
    if (named === "until" && until) return momentInWords(until, language);
    throw new Error(`a message without its ${named}`);
  });
