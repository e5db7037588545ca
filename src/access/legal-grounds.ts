import type { Text } from "../language/language.ts";

interface Ground {
  /** As lawyers cite it. */
  readonly citation: string;
  readonly reason: Text;
}

/** Why something is kept though its person asks for erasure (GDPR Art. 17(3)(b) and (e)). */
export const legalGrounds = {
  SALES_DOCUMENT: {
    citation: "bokføringsloven § 13 første ledd nr. 3",
    reason: {
      nb: "Salgsdokumentasjon: oppbevares i fem år etter regnskapsårets slutt.",
      nn: "Salsdokumentasjon: blir oppbevart i fem år etter at rekneskapsåret er slutt.",
      en: "A sales document: kept for five years after the end of the accounting year.",
    },
  },
  SECONDARY_DOCUMENTATION: {
    citation: "bokføringsloven § 13 første ledd nr. 6",
    reason: {
      nb: "Korrespondanse om en ordre: oppbevares i tre år og seks måneder etter regnskapsårets slutt.",
      nn: "Korrespondanse om ein ordre: blir oppbevart i tre år og seks månader etter at rekneskapsåret er slutt.",
      en: "Correspondence on an order: kept for three years and six months after the end of the accounting year.",
    },
  },
  PARTY_TO_SALE: {
    citation: "bokføringsforskriften § 5-1-1 første ledd nr. 2",
    reason: {
      nb: "Kjøperens navn, adresse og kundenummer hører til salgsdokumentasjonen. Resten av oppføringen slettes.",
      nn: "Namnet, adressa og kundenummeret til kjøparen høyrer til salsdokumentasjonen. Resten av oppføringa blir sletta.",
      en: "The buyer's name, address and customer number are part of the sales documents. The rest of the record is erased.",
    },
  },
  WARRANTY: {
    citation: "GDPR Art. 17(3)(e)",
    reason: {
      nb: "Ordren er under garanti, og trengs hvis garantien skal brukes.",
      nn: "Ordren er under garanti, og trengst dersom garantien skal brukast.",
      en: "The order is under warranty, and is needed if the warranty is to be used.",
    },
  },
  MARKED_IN_SYSTEM: {
    citation: "GDPR Art. 17(3)",
    reason: {
      nb: "Oppføringen er merket i systemet: Den skal oppbevares til og med denne dagen.",
      nn: "Oppføringa er merkt i systemet: Ho skal oppbevarast til og med denne dagen.",
      en: "The record is marked in the system: it is to be kept to the end of this day.",
    },
  },
} as const satisfies Record<string, Ground>;

export type LegalGround = keyof typeof legalGrounds;
