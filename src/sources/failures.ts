import type { Text } from "../language/language.ts";
import type { SourceFailureReason } from "./contract.ts";

/** What a person is told of a source that could not answer. */
export const failureTexts: Readonly<Record<SourceFailureReason, Text>> = {
  UNREACHABLE: {
    nb: "Systemet kunne ikke nås.",
    nn: "Systemet kunne ikkje nåast.",
    en: "The system could not be reached.",
  },
  TIMED_OUT: {
    nb: "Systemet svarte ikke i tide.",
    nn: "Systemet svara ikkje i tide.",
    en: "The system did not answer in time.",
  },
  FAILED: {
    nb: "Systemet svarte med en feil.",
    nn: "Systemet svara med ein feil.",
    en: "The system answered with an error.",
  },
  MALFORMED_ANSWER: {
    nb: "Systemets svar var ufullstendig eller uleselig.",
    nn: "Svaret frå systemet var ufullstendig eller uleseleg.",
    en: "The system's answer was incomplete or unreadable.",
  },
  CANARY_NOT_FOUND: {
    nb: "Systemet viser oss for lite til at vi kan si hva det har.",
    nn: "Systemet viser oss for lite til at vi kan seie kva det har.",
    en: "The system shows us too little for us to say what it holds.",
  },
  NOT_COUNTABLE: {
    nb: "Systemet kan ikke telle personer uten å gi oss hver enkelt.",
    nn: "Systemet kan ikkje telje personar utan å gi oss kvar einskild.",
    en: "The system cannot count persons without giving us each of them.",
  },
  BEING_ERASED: {
    nb: "Opplysningene der er i ferd med å bli slettet.",
    nn: "Opplysningane der er i ferd med å bli sletta.",
    en: "What it holds is being erased.",
  },
  RATE_LIMITED: {
    nb: "Systemet tar ikke imot flere spørsmål akkurat nå.",
    nn: "Systemet tek ikkje imot fleire spørsmål akkurat no.",
    en: "The system takes no more questions just now.",
  },
};
