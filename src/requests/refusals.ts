import type { Language, Text } from "../language/language.ts";
import type { Refusal, RefusalCode } from "../subjects/refusal-graph.ts";

/** Expected refusals of this room: what the caller is told, and the law it stands on. */
export const refusals = {
  NOT_VERIFIED: {
    code: "IDENTITY_NOT_VERIFIED",
    text: {
      nb: "Ingenting som du kan finnes ved, er bekreftet. Logg inn med en bekreftet e-postadresse.",
      nn: "Ingenting som du kan finnast ved, er stadfesta. Logg inn med ei stadfesta e-postadresse.",
      en: "Nothing that you could be found by is verified. Sign in with a verified e-mail address.",
    },
  },
  REQUEST_CLOSED: {
    code: "WRONG_STATE",
    text: {
      nb: "Saken er avsluttet.",
      nn: "Saka er avslutta.",
      en: "The request is closed.",
    },
  },
} as const satisfies Record<string, RefusalText>;

interface RefusalText {
  readonly code: RefusalCode;
  readonly text: Text;
  readonly legalGround?: string;
}

export type RefusalReason = keyof typeof refusals;

const table: Readonly<Record<RefusalReason, RefusalText>> = refusals;

export function refusal(reason: RefusalReason, language: Language): Refusal {
  const { code, text, legalGround } = table[reason];
  return { code, message: text[language], legalGround: legalGround ?? null };
}
