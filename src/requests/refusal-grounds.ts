import type { Language, Text } from "../language/language.ts";
import type { RequestRow } from "./rows.ts";
import type { RequestKind } from "./vocabulary.ts";

interface Ground {
  /** Of the GDPR; `articleOf` where the law says it of one right elsewhere. */
  readonly article: string;
  readonly articleOf?: Readonly<Partial<Record<RequestKind, string>>>;
  /** Kinds of requests that can be turned down on it; absent: any. */
  readonly kinds?: readonly RequestKind[];
  readonly text: Text;
}

/** What a request can be turned down on. */
export const refusalGrounds = {
  MANIFESTLY_UNFOUNDED: {
    article: "GDPR Art. 12(5)(b)",
    text: {
      nb: "Anmodningen er åpenbart grunnløs.",
      nn: "Oppmodinga er openbert grunnlaus.",
      en: "The request is manifestly unfounded.",
    },
  },
  EXCESSIVE: {
    article: "GDPR Art. 12(5)(b)",
    text: {
      nb: "Anmodningen er overdreven, særlig fordi den gjentas.",
      nn: "Oppmodinga er overdriven, særleg fordi ho blir teken opp att.",
      en: "The request is excessive, in particular because it is repeated.",
    },
  },
  IDENTITY_NOT_ESTABLISHED: {
    article: "GDPR Art. 12(6)",
    text: {
      nb: "Det er ikke fastslått hvem som har bedt om dette.",
      nn: "Det er ikkje fastslått kven som har bede om dette.",
      en: "It has not been established who has asked for this.",
    },
  },
  RIGHTS_OF_OTHERS: {
    article: "GDPR Art. 15(4)",
    articleOf: { PORTABILITY: "GDPR Art. 20(4)" },
    kinds: ["ACCESS", "PORTABILITY"],
    text: {
      nb: "Det ville krenke andres rettigheter og friheter.",
      nn: "Det ville krenkje rettane og fridommane til andre.",
      en: "It would adversely affect the rights and freedoms of others.",
    },
  },
  LEGAL_OBLIGATION: {
    article: "GDPR Art. 6(1)(c)",
    articleOf: { ERASURE: "GDPR Art. 17(3)(b)" },
    text: {
      nb: "En rettslig plikt krever at det forblir som det er.",
      nn: "Ei rettsleg plikt krev at det blir verande som det er.",
      en: "A legal obligation requires it to stay as it is.",
    },
  },
  COMPELLING_GROUNDS: {
    article: "GDPR Art. 21(1)",
    kinds: ["OBJECTION"],
    text: {
      nb: "Det er tvingende berettigede grunner til behandlingen, som går foran dine interesser.",
      nn: "Det er tvingande rettkomne grunnar til behandlinga, som går føre interessene dine.",
      en: "There are compelling legitimate grounds for the processing, which override your interests.",
    },
  },
} as const satisfies Record<string, Ground>;

export type RefusalGround = keyof typeof refusalGrounds;

export const isGround = (given: string): given is RefusalGround => Object.hasOwn(refusalGrounds, given);

const groundOf = (ground: RefusalGround): Ground => refusalGrounds[ground];

/** Whether a request can be turned down on it as it stands. */
export const fits = (ground: RefusalGround, { kind, status }: Pick<RequestRow, "kind" | "status">): boolean =>
  groundOf(ground).kinds?.includes(kind) !== false &&
  (ground !== "IDENTITY_NOT_ESTABLISHED" || status === "AWAITING_IDENTITY");

export const articleOf = (ground: RefusalGround, kind: RequestKind): string =>
  groundOf(ground).articleOf?.[kind] ?? groundOf(ground).article;

/** Art. 12(4): the reason in words, and what staff have to say of it; one of former times was written by staff alone. */
export function toldReason(
  { message, legalGround }: { readonly message: string; readonly legalGround: string | null },
  language: Language,
): string {
  if (legalGround === null || !isGround(legalGround)) return message;
  return `${groundOf(legalGround).text[language]}\n\n${message}`;
}

/** As it is cited; what was written freely in former times stays as it is. */
export const citedGround = (legalGround: string | null, kind: RequestKind): string | null =>
  legalGround !== null && isGround(legalGround) ? articleOf(legalGround, kind) : legalGround;
