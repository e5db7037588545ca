import { HeaderMap } from "@apollo/server";
import { GraphQLError } from "graphql";
import type { Language, Text } from "../language/language.ts";

interface Fault {
  /** For a response that carries no data; a fault at a field of a response with data leaves it at 200. */
  readonly status: number;
  readonly text: Text;
}

/** Every code that `extensions.code` can have. `docs/errors.md` is checked against it. */
export const faults = {
  UNAUTHENTICATED: {
    status: 401,
    text: {
      nb: "Logg inn først: forespørselen mangler et gyldig adgangstoken.",
      nn: "Logg inn først: førespurnaden manglar eit gyldig tilgangstoken.",
      en: "Sign in first: the request carries no valid access token.",
    },
  },
  FORBIDDEN: {
    status: 403,
    text: {
      nb: "Du har ikke tilgang til alt du ba om. Ingenting ble hentet; se extensions.coordinates.",
      nn: "Du har ikkje tilgang til alt du bad om. Ingenting vart henta; sjå extensions.coordinates.",
      en: "You may not read all that you asked for. Nothing was fetched; see extensions.coordinates.",
    },
  },
  BAD_USER_INPUT: {
    status: 400,
    text: {
      nb: "Forespørselen kan ikke leses slik den er.",
      nn: "Førespurnaden kan ikkje lesast slik han er.",
      en: "The request cannot be read as it is.",
    },
  },
  NOT_FOUND: {
    status: 404,
    text: {
      nb: "Det finnes ikke, eller du kan ikke se det.",
      nn: "Det finst ikkje, eller du kan ikkje sjå det.",
      en: "It does not exist, or you may not see it.",
    },
  },
  SOURCE_UNAVAILABLE: {
    status: 200,
    text: {
      nb: "Et system kunne ikke svare; resten av svaret er fullstendig.",
      nn: "Eit system kunne ikkje svare; resten av svaret er fullstendig.",
      en: "A system could not answer; the rest of the answer is complete.",
    },
  },
  PROCESSING_RESTRICTED: {
    status: 403,
    text: {
      nb: "Behandlingen av opplysningene er begrenset.",
      nn: "Behandlinga av opplysningane er avgrensa.",
      en: "Processing of the data is restricted.",
    },
  },
  CONSENT_REQUIRED: {
    status: 403,
    text: {
      nb: "Personen har ikke samtykket til formålet.",
      nn: "Personen har ikkje samtykt til føremålet.",
      en: "The person has not consented to the purpose.",
    },
  },
  PURPOSE_REQUIRED: {
    status: 400,
    text: {
      nb: "Oppgi formålet med oppslaget.",
      nn: "Oppgje føremålet med oppslaget.",
      en: "State the purpose of the look.",
    },
  },
  IDENTITY_AMBIGUOUS: {
    status: 200,
    text: {
      nb: "Det er ikke avgjort hvem oppføringen gjelder. Personvernombudet må avgjøre det først.",
      nn: "Det er ikkje avgjort kven oppføringa gjeld. Personvernombodet må avgjere det først.",
      en: "It is not settled whose record it is. The data protection officer must settle it first.",
    },
  },
  IDENTITY_NOT_VERIFIED: {
    status: 200,
    text: {
      nb: "Vi kan ikke lete: ingenting som personen kan finnes ved, er bekreftet. Se detail i holdings.",
      nn: "Vi kan ikkje leite: ingenting som personen kan finnast ved, er stadfesta. Sjå detail i holdings.",
      en: "We cannot look: nothing that the person could be found by is verified. See detail in holdings.",
    },
  },
  LIMIT_EXCEEDED: {
    status: 400,
    text: {
      nb: "Forespørselen er større enn det som er tillatt. Del den opp.",
      nn: "Førespurnaden er større enn det som er tillate. Del han opp.",
      en: "The request is larger than is allowed. Split it.",
    },
  },
  RATE_LIMITED: {
    status: 429,
    text: {
      nb: "For mange forespørsler. Vent litt.",
      nn: "For mange førespurnader. Vent litt.",
      en: "Too many requests. Wait a little.",
    },
  },
  INTERNAL: {
    status: 500,
    text: {
      nb: "Noe gikk galt hos oss. Oppgi extensions.reference når du tar kontakt.",
      nn: "Noko gjekk gale hos oss. Oppgje extensions.reference når du tek kontakt.",
      en: "Something went wrong on our side. Quote extensions.reference when you contact us.",
    },
  },
} as const satisfies Record<string, Fault>;

export type FaultCode = keyof typeof faults;

export function isFaultCode(code: unknown): code is FaultCode {
  return typeof code === "string" && Object.hasOwn(faults, code);
}

export const faultText = (code: FaultCode, language: Language): string => faults[code].text[language];

export interface FaultOptions {
  /** In place of the table's. */
  readonly status?: number;
  /** For the log; never shown. */
  readonly cause?: Error;
}

/** An error with a code from the table. `details` reach the caller: no value of a person in them. */
export function fault(
  code: FaultCode,
  details: Readonly<Record<string, unknown>> = {},
  { status = faults[code].status, cause }: FaultOptions = {},
): GraphQLError {
  const headers =
    code === "UNAUTHENTICATED" ? { headers: new HeaderMap([["www-authenticate", "Bearer"]]) } : {};
  return new GraphQLError(faults[code].text.en, {
    originalError: cause ?? null,
    extensions: { ...details, code, ...(status === 200 ? {} : { http: { status, ...headers } }) },
  });
}
