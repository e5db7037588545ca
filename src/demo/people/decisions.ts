import type { Purpose } from "../../access/vocabulary.ts";

/** What a fixed person has decided about the processing. */
export interface Decisions {
  readonly email: string;
  readonly consents: readonly (readonly [Purpose, "GIVEN" | "WITHDRAWN"])[];
  /** Why processing is restricted (GDPR Art. 18(1)). */
  readonly restrictedBecause?: string;
}

/** Whoever is not here was never asked. */
export const decisions: readonly Decisions[] = [
  {
    email: "kari.nordmann@example.com",
    consents: [
      ["NEWSLETTER", "GIVEN"],
      ["PURCHASE_BASED_MARKETING", "GIVEN"],
    ],
  },
  { email: "stor.leser@example.com", consents: [["NEWSLETTER", "GIVEN"]] },
  {
    email: "eva.enebo@example.com",
    consents: [
      ["NEWSLETTER", "GIVEN"],
      ["NEWSLETTER", "WITHDRAWN"],
    ],
  },
  {
    email: "siv.stille@example.com",
    consents: [["NEWSLETTER", "GIVEN"]],
    restrictedBecause: "Bestrider at opplysningene er riktige (artikkel 18 nr. 1 bokstav a)",
  },
];
