import { legalGrounds } from "../access/legal-grounds.ts";
import type { Text } from "../language/language.ts";
import type { ControllerDetails } from "../requests/organisation.ts";
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

/** Of one activity, as the table and the page show it. */
export function sectionsOf(activity: RecordedActivity): readonly Section[] {
  const { categories, special, subjects, systems, recipients, timeLimits, keptByLaw } = activity;
  const processors = processorsOf(activity);
  const none = words.none;
  const held = timeLimits.length > 0;
  return [
    {
      key: "legal_basis",
      title: words.legalBasis,
      lines: [legalBasisWords[activity.legalBasis]],
      otherwise: none,
    },
    {
      key: "data_subjects",
      title: words.subjects,
      lines: subjects.map((of) => subjectWords[of]),
      otherwise: none,
    },
    {
      key: "categories",
      title: words.categories,
      lines: [...categories.map((category) => categoryWords[category]), ...(special ? [words.special] : [])],
      otherwise: none,
    },
    {
      key: "systems",
      title: words.systems,
      lines: systems.map(({ key }) => same(key)),
      otherwise: held ? words.gatewayAlone : words.onlyDisclosed,
    },
    {
      key: "processors",
      title: words.processors,
      lines: processors.map(({ name, country, agreement }) => same(name, country, agreement)),
      otherwise: none,
    },
    {
      key: "recipients",
      title: words.recipients,
      lines: recipients.map(({ name, role, country }) => same(name, role, country)),
      otherwise: none,
    },
    {
      key: "transfers",
      title: words.transfers,
      lines: outsideEea([...processors, ...recipients]).map(({ name, country, transferSafeguard }) =>
        same(name, country, transferSafeguard),
      ),
      otherwise: none,
    },
    {
      key: "time_limits",
      title: words.timeLimits,
      lines: timeLimits.map(timeLimitIn),
      otherwise: words.noLimitHere,
    },
    {
      key: "kept_by_law",
      title: words.keptByLaw,
      lines: keptByLaw.map((ground) => keptUnder(ground)),
      otherwise: none,
    },
    {
      key: "readable_by",
      title: words.readableBy,
      lines: activity.readableBy.map((role) => roleWords[role]),
      otherwise: none,
    },
    {
      key: "security_measures",
      title: words.measures,
      lines: activity.measures.map(({ text }) => text),
      otherwise: none,
    },
  ];
}

const keptUnder = (ground: keyof typeof legalGrounds): Text =>
  inEach((language) => `${legalGrounds[ground].citation}: ${legalGrounds[ground].reason[language]}`);

/** Of the organisation, before the activities. */
export function partiesOf({ organisation }: Records): readonly Section[] {
  const { controller, dataProtectionOfficer: officer, supervisoryAuthority } = organisation;
  return [
    {
      key: "controller",
      title: words.controller,
      lines: [controllerLine(controller)],
      otherwise: words.none,
    },
    {
      key: "data_protection_officer",
      title: words.dataProtectionOfficer,
      lines: officer === null ? [] : [same(officer.name, officer.email, officer.phone)],
      otherwise: words.noOfficer,
    },
    {
      key: "supervisory_authority",
      title: words.authority,
      lines: [same(supervisoryAuthority.name, supervisoryAuthority.url)],
      otherwise: words.none,
    },
  ];
}

const controllerLine = ({ name, organisationNumber, postalAddress, email, phone }: ControllerDetails) =>
  same(name, organisationNumber, postalAddress, email, phone);
