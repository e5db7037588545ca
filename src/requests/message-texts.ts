import type { Text } from "../language/language.ts";

/** What a person is told by e-mail. In braces: a time, as in `MessageFacts`. */
export interface Template {
  readonly subject: Text;
  readonly text: Text;
}

/** Of a request as a whole: that it came, and that it is done. */
export const requestTexts = {
  RECEIVED: {
    subject: {
      nb: "Vi har mottatt henvendelsen din",
      nn: "Vi har fått førespurnaden din",
      en: "We have received your request",
    },
    text: {
      nb: "Vi har mottatt en henvendelse fra deg om personopplysningene dine. Du får svar senest {answerBy}. Logg inn for å følge den. Hvis den ikke er fra deg, ber vi deg ta kontakt med oss.",
      nn: "Vi har fått ein førespurnad frå deg om personopplysningane dine. Du får svar seinast {answerBy}. Logg inn for å følgje han. Om han ikkje er frå deg, ber vi deg ta kontakt med oss.",
      en: "We have received a request from you about your personal data. You will have an answer by {answerBy}. Sign in to follow it. If it is not from you, please contact us.",
    },
  },
  DONE: {
    subject: {
      nb: "Henvendelsen din er utført",
      nn: "Førespurnaden din er utført",
      en: "Your request has been carried out",
    },
    text: {
      nb: "En henvendelse som du har hos oss om personopplysningene dine, er utført. Logg inn for å se hva som er gjort i hvert system.",
      nn: "Ein førespurnad som du har hos oss om personopplysningane dine, er utført. Logg inn for å sjå kva som er gjort i kvart system.",
      en: "A request that you have made about your personal data has been carried out. Sign in to see what was done in each system.",
    },
  },
  ERASED: {
    subject: {
      nb: "Opplysningene om deg er slettet",
      nn: "Opplysningane om deg er sletta",
      en: "The data about you has been erased",
    },
    text: {
      nb: "Alt om deg som loven ikke krever at vi oppbevarer, er slettet i systemene våre. Det siste som slettes, er det vi selv har brukt for å nå deg, så dette er den siste meldingen i saken. Logg inn for å se om noe er oppbevart, etter hvilken lov og hvor lenge, og for å hente kvitteringen.",
      nn: "Alt om deg som lova ikkje krev at vi oppbevarer, er sletta i systema våre. Det siste som blir sletta, er det vi sjølve har brukt for å nå deg, så dette er den siste meldinga i saka. Logg inn for å sjå om noko er oppbevart, etter kva lov og kor lenge, og for å hente kvitteringa.",
      en: "Everything about you that the law does not require us to keep has been erased in our systems. What we ourselves have used to reach you goes last, so this is the last message about it. Sign in to see whether anything is kept, under which law and until when, and to fetch the receipt.",
    },
  },
  PARTLY_ERASED: {
    subject: {
      nb: "Opplysninger om deg er slettet",
      nn: "Opplysningar om deg er sletta",
      en: "Data about you has been erased",
    },
    text: {
      nb: "I systemene som slettingen gjaldt, er alt om deg slettet som loven ikke krever at vi oppbevarer. De andre systemene er som før. Logg inn for å se hva som er gjort, og for å hente kvitteringen.",
      nn: "I systema som slettinga gjaldt, er alt om deg sletta som lova ikkje krev at vi oppbevarer. Dei andre systema er som før. Logg inn for å sjå kva som er gjort, og for å hente kvitteringa.",
      en: "In the systems that the erasure was about, everything about you has been erased that the law does not require us to keep. The other systems are as before. Sign in to see what was done, and to fetch the receipt.",
    },
  },
  DOWNLOAD_READY: {
    subject: {
      nb: "Opplysningene dine er klare til å hentes",
      nn: "Opplysningane dine er klare til å hentast",
      en: "Your data is ready to be fetched",
    },
    text: {
      nb: "Opplysningene som du ba om å få utlevert, er klare. Logg inn for å hente dem; de kan hentes til {until}.",
      nn: "Opplysningane som du bad om å få utleverte, er klare. Logg inn for å hente dei; dei kan hentast til {until}.",
      en: "The data that you asked for is ready. Sign in to fetch it; it can be fetched until {until}.",
    },
  },
} as const satisfies Record<string, Template>;
