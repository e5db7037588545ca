import { legalGrounds } from "../access/legal-grounds.ts";
import type { Text } from "../language/language.ts";
import type { RecipientCategory } from "../requests/authorities.ts";
import type { ContactDetails, ControllerDetails, RecipientDetails } from "../requests/organisation.ts";
import type { Processor } from "../sources/contract.ts";
import { outsideEea, processorsOf } from "./activities.ts";
import type { RecordedActivity, Records } from "./records.ts";
import { categoryWords, legalBasisWords, roleWords, subjectWords } from "./terms.ts";
import { inEach, timeLimitIn } from "./time-limit.ts";
import { words } from "./words.ts";

/** One thing that Art. 30(1) asks for. */
export interface Section {
  /** As the column of the table is called. */
  readonly key: string;
  readonly title: Text;
  readonly lines: readonly Text[];
  /** What stands there where there are no lines. */
  readonly otherwise: Text;
}

const same = (...parts: readonly (string | undefined)[]): Text => {
  const said = parts.filter((part) => part !== undefined && part !== "").join(", ");
  return inEach(() => said);
};

const section = (
  key: string,
  title: Text,
  lines: readonly Text[],
  otherwise: Text = words.none,
): Section => ({ key, title, lines, otherwise });

/** Of one activity, as the table and the page show it. */
export function sectionsOf(activity: RecordedActivity): readonly Section[] {
  const { categories, special, subjects, systems, recipients, recipientCategories } = activity;
  const { timeLimits, keptByLaw, readableBy, measures } = activity;
  const processors = processorsOf(activity);
  const named = categories.map((category) => categoryWords[category]);
  const noSystem = timeLimits.length > 0 ? words.gatewayAlone : words.onlyDisclosed;
  return [
    section("legal_basis", words.legalBasis, [legalBasisWords[activity.legalBasis]]),
    section(
      "data_subjects",
      words.subjects,
      subjects.map((subject) => subjectWords[subject]),
    ),
    section("categories", words.categories, special ? [...named, words.special] : named),
    section(
      "systems",
      words.systems,
      systems.map(({ key }) => same(key)),
      noSystem,
    ),
    section("processors", words.processors, processors.map(processorLine)),
    section("recipients", words.recipients, [
      ...recipients.map(recipientLine),
      ...recipientCategories.map(recipientCategoryLine),
    ]),
    section("transfers", words.transfers, outsideEea([...processors, ...recipients]).map(transferLine)),
    section("time_limits", words.timeLimits, timeLimits.map(timeLimitIn), words.noLimitHere),
    section("kept_by_law", words.keptByLaw, keptByLaw.map(keptUnder)),
    section(
      "readable_by",
      words.readableBy,
      readableBy.map((role) => roleWords[role]),
    ),
    section(
      "security_measures",
      words.measures,
      measures.map(({ text }) => text),
    ),
  ];
}

const processorLine = ({ name, country, agreement }: Processor) => same(name, country, agreement);
const recipientLine = ({ name, role, country }: RecipientDetails) => same(name, role, country);
const recipientCategoryLine = ({ name, role, country }: RecipientCategory): Text =>
  inEach((language) => [name[language], role, country].join(", "));
const transferLine = ({ name, country, transferSafeguard }: Processor | RecipientDetails) =>
  same(name, country, transferSafeguard);

const keptUnder = (ground: keyof typeof legalGrounds): Text =>
  inEach((language) => `${legalGrounds[ground].citation}: ${legalGrounds[ground].reason[language]}`);

/** Of the organisation, before the activities. */
export function partiesOf({ organisation }: Records): readonly Section[] {
  const { controller, dataProtectionOfficer, supervisoryAuthority } = organisation;
  const officers = dataProtectionOfficer === null ? [] : [dataProtectionOfficer];
  const { name, url } = supervisoryAuthority;
  return [
    section("controller", words.controller, [controllerLine(controller)]),
    section(
      "data_protection_officer",
      words.dataProtectionOfficer,
      officers.map(officerLine),
      words.noOfficer,
    ),
    section("supervisory_authority", words.authority, [same(name, url)]),
  ];
}

const officerLine = ({ name, email, phone }: ContactDetails) => same(name, email, phone);
const controllerLine = ({ name, organisationNumber, postalAddress, email, phone }: ControllerDetails) =>
  same(name, organisationNumber, postalAddress, email, phone);
