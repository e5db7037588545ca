import { DataCategory, type Purpose } from "../access/vocabulary.ts";
import type { Text } from "../language/language.ts";

/** To whom data goes, where the category alone is known beforehand (GDPR Art. 13(1)(e), 30(1)(d)). */
export interface RecipientCategory {
  readonly name: Text;
  readonly role: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly purposes: readonly Purpose[];
}

/** Norwegian authorities alone can order it. */
export const authorities = {
  name: {
    nb: "Offentlige myndigheter i Norge som pålegger utlevering",
    nn: "Offentlege styresmakter i Noreg som pålegg utlevering",
    en: "Public authorities in Norway that order it",
  },
  role: "AUTHORITY",
  country: "NO",
  purposes: ["DISCLOSURE_TO_AUTHORITIES"],
} as const satisfies RecipientCategory;

/** An order may be for anything: what `recordDisclosure` takes. */
export const orderable: readonly DataCategory[] = Object.values(DataCategory);
