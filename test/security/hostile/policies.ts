import { enums, type Expected, type Hostile, long, mark, refused, texts, unreadable } from "./inputs.ts";

const each =
  (mutation: string) =>
  (what: string, input: Hostile["input"], expected: Expected): Hostile => ({
    mutation,
    what,
    input,
    expected,
  });
const publishing = each("publishPrivacyPolicy");
const agreeing = each("agreeToPrivacyPolicy");
const disclosing = each("recordDisclosure");

/** What is larger than any body may be is refused before. */
const fits = ({ input }: Hostile) => JSON.stringify(input).length < 90_000;
const tooManyBytes = (hostile: Hostile) => hostile.what.endsWith("of two halves");

const versions = [
  "",
  " ",
  "../x",
  "a b",
  "-1",
  ".",
  "é",
  mark + "\u0000",
  `${mark}\n`,
  long(65),
  long(60_000),
];

/** Of what the DPO publishes and discloses, and what persons answer. */
export const policies: readonly Hostile[] = [
  ...texts("publishPrivacyPolicy", "text", 50_000).filter((one) => fits(one) && !tooManyBytes(one)),
  ...texts("publishPrivacyPolicy", "changes", 4_000),
  ...versions.map((version) =>
    publishing(
      `version ${JSON.stringify(version.slice(0, 20))}`,
      { version },
      refused("NOT_A_VERSION", "version"),
    ),
  ),
  publishing(
    "a version that is there",
    { version: "2018-05-30" },
    refused("VERSION_EXISTS", "version", "WRONG_STATE"),
  ),
  ...["", "NB", "no", "nb-NO", "sv", "constructor", "__proto__", mark, long(50_000)].map((language) =>
    publishing(`language ${language.slice(0, 20)}`, { language }, refused("UNKNOWN_LANGUAGE", "language")),
  ),
  publishing("consent of nobody", { tellPersons: false }, refused("CONSENT_UNTOLD", "tellPersons")),
  ...["yes", 1, null, [true]].map((requiresConsent) =>
    publishing(
      `requires ${JSON.stringify(requiresConsent)}`,
      { requiresConsent },
      unreadable("requiresConsent"),
    ),
  ),
  ...["", "2018-05-31", "constructor", `2018-05-30\u0000`, " 2018-05-30", mark, long(50_000)].map((version) =>
    agreeing(
      `version ${JSON.stringify(version.slice(0, 20))}`,
      { version },
      refused("NOT_THE_CURRENT_POLICY", "version"),
    ),
  ),
  ...["yes", 0, null].map((agrees) =>
    agreeing(`agrees ${JSON.stringify(agrees)}`, { agrees }, unreadable("agrees")),
  ),
  ...texts("recordDisclosure", "authority", 200, false),
  ...texts("recordDisclosure", "legalGround", 4_000),
  disclosing("nothing", { categories: [] }, refused("EMPTY", "categories")),
  disclosing(
    "all twice",
    { categories: ["CONTACT", "PURCHASE", "CONTACT"] },
    refused("STATED_TWICE", "categories"),
  ),
  ...enums("recordDisclosure", "categories").filter(({ input }) => !Array.isArray(input["categories"])),
  ...["0001-01-01", "2020-02-29"].map((secrecyUntil) =>
    disclosing(`secret until ${secrecyUntil}`, { secrecyUntil }, refused("SECRECY_ENDED", "secrecyUntil")),
  ),
  ...["2999-02-30", "2999-01-01T00:00:00Z", "tomorrow", "", mark, -1, ["2999-01-01"]].map((secrecyUntil) =>
    disclosing(`secret until ${JSON.stringify(secrecyUntil)}`, { secrecyUntil }, unreadable("secrecyUntil")),
  ),
];
