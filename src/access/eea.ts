/** EU member states, with Iceland, Liechtenstein and Norway (EEA Agreement). ISO 3166-1 alpha-2. */
const eeaCountries: ReadonlySet<string> = new Set(
  "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split(" "),
);

/** Data that goes there is transferred (GDPR Art. 44). @param country ISO 3166-1 alpha-2 */
export const isOutsideEea = (country: string): boolean => !eeaCountries.has(country);
