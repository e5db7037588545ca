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
      nb: "Navn og adresse på kjøperen hører til salgsdokumentasjonen. Alt annet i oppføringen slettes.",
      nn: "Namn og adresse på kjøparen høyrer til salsdokumentasjonen. Alt anna i oppføringa blir sletta.",
      en: "The buyer's name and address are part of the sales documents. Everything else in the record is erased.",
    },
  },
  WARRANTY: {
    citation: "GDPR art. 17(3)(e), garanti",
    reason: {
      nb: "Ordren er under garanti, og trengs for krav etter den.",
      nn: "Ordren er under garanti, og trengst for krav etter han.",
      en: "The order is under warranty, and is needed for claims under it.",
    },
  },
  MARKED_IN_SYSTEM: {
    citation: "GDPR art. 17(3)",
    reason: {
      nb: "Systemet har merket oppføringen som en som skal oppbevares til denne dagen.",
      nn: "Systemet har merkt oppføringa som ei som skal oppbevarast til denne dagen.",
      en: "The system has marked the record as one to be kept until this day.",
    },
  },
} as const satisfies Record<string, Ground>;

export type LegalGround = keyof typeof legalGrounds;
