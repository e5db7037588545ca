import { grants } from "../access/decide.ts";
import { isOutsideEea } from "../access/eea.ts";
import type { LabelledCoordinate } from "../access/inventory.ts";
import type { PersonalLabel } from "../access/labels.ts";
import type { LegalGround } from "../access/legal-grounds.ts";
import { legalBases, universalPurposes } from "../access/policy.ts";
import { describeRetention, type RetentionRule } from "../access/retention.ts";
import { type DataCategory, Purpose, Role, type SubjectCategory } from "../access/vocabulary.ts";
import { authorities, type RecipientCategory } from "../requests/authorities.ts";
import { heldHere, isUsedFor, type PurposeSummary, purposeSummaries } from "../requests/notice.ts";
import type { RecipientDetails } from "../requests/organisation.ts";
import type { Processor } from "../sources/contract.ts";
import { otherLabel } from "../sources/other.ts";
import { roster } from "../sources/roster.ts";
import { disclosedTo } from "./disclosed.ts";

/** A system that the configuration connects. */
export interface System {
  readonly key: string;
  readonly processor: Processor;
  /** Categories of what it holds beyond the common model, by configuration. */
  readonly other: readonly DataCategory[];
}

/** One purpose of the records of processing activities (GDPR Art. 30(1)). */
export interface Activity extends PurposeSummary {
  /** Something of it is of a special category (Art. 9). */
  readonly special: boolean;
  readonly subjects: readonly SubjectCategory[];
  readonly systems: readonly System[];
  readonly recipients: readonly RecipientDetails[];
  /** Of recipients that nobody knows by name beforehand. */
  readonly recipientCategories: readonly RecipientCategory[];
  /** Those of `retention` that count from when something was stored: what lives as long as the answer has none. */
  readonly timeLimits: readonly RetentionRule[];
  /** What keeps some of it longer, against an erasure. */
  readonly keptByLaw: readonly LegalGround[];
  /** The gateway keeps something for it beyond the answer. */
  readonly heldByGateway: boolean;
  readonly readableBy: readonly Role[];
}

export interface ActivityParts {
  readonly labelled: readonly LabelledCoordinate[];
  readonly systems: readonly System[];
  readonly recipients: readonly RecipientDetails[];
}

/**
 * Art. 30(1): what is processed for which purpose, from the labels and the policy that the gateway enforces and the
 * configuration. A purpose for which nothing is held and nothing is disclosed is not there.
 */
export function activitiesOf({ labelled, systems, recipients }: ActivityParts): readonly Activity[] {
  const here = heldHere(labelled, systems);
  const labels = here.map(({ label }) => label).filter((label) => label.kind === "personal");
  const summaries = new Map(purposeSummaries(here).map((summary) => [summary.purpose, summary]));
  return Object.values(Purpose).flatMap((purpose) => {
    const summary = summaries.get(purpose);
    const receiving = recipients.filter(({ purposes }) => purposes.includes(purpose));
    if (!summary && receiving.length === 0) return [];
    const legalBasis = legalBases[purpose];
    const told = summary ?? { purpose, legalBasis, categories: [], retention: [] };
    return [activityOf(told, receiving, { labels, systems })];
  });
}

interface Held {
  readonly labels: readonly PersonalLabel[];
  readonly systems: readonly System[];
}

function activityOf(told: PurposeSummary, recipients: readonly RecipientDetails[], held: Held): Activity {
  const { purpose } = told;
  const labels = held.labels.filter((label) => concerns(purpose, label));
  const kept = labels.filter((label) => label.purposes.includes(purpose));
  const touched = new Set(labels.map(({ source }) => source));
  const systems = held.systems.filter(({ key }) => touched.has(key));
  const stored = kept.filter(({ retention }) => retention.period !== "P0D");
  const timeLimits = new Map(stored.map(({ retention }) => [describeRetention(retention), retention]));
  const heldByGateway = stored.some(({ source }) => source === undefined);
  const categories = sorted([
    ...told.categories,
    ...labels.map(({ category }) => category),
    ...systems.flatMap((system) => beyondModel(purpose, system)),
    ...recipients.flatMap(disclosedTo),
  ]);
  return {
    ...told,
    categories,
    special: categories.includes("SPECIAL_NEED") || labels.some(({ special }) => special === true),
    subjects: subjectsOf(labels, heldByGateway || systems.length === 0 ? held.systems : systems),
    systems,
    recipients,
    recipientCategories: purpose === authorities.purposes[0] ? [authorities] : [],
    timeLimits: [...timeLimits].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, rule]) => rule),
    keptByLaw: [...new Set(kept.flatMap(({ keptBy = [] }) => keptBy.map(({ ground }) => ground)))],
    heldByGateway,
    readableBy: Object.values(Role).filter((role) => labels.some((label) => grants(role, purpose, label))),
  };
}

/** What the law adds to every record concerns whatever somebody may read for it. */
function concerns(purpose: Purpose, label: PersonalLabel): boolean {
  if (isUsedFor(purpose, label)) return true;
  return universalPurposes.has(purpose) && Object.values(Role).some((role) => grants(role, purpose, label));
}

/** What the gateway itself keeps is about the persons of every system, and its log about those who look, too. */
function subjectsOf(labels: readonly PersonalLabel[], systems: readonly System[]) {
  const keys = new Set(systems.map(({ key }) => key));
  const found = new Set<SubjectCategory>(
    roster.filter(({ key }) => keys.has(key)).flatMap(({ subjects }) => subjects),
  );
  if (labels.some(({ category }) => category === "ACCESS_LOG")) found.add("EMPLOYEE");
  return [...found];
}

const beyondModel = (purpose: Purpose, { key, other }: System): readonly DataCategory[] =>
  other.filter((category) => isUsedFor(purpose, { ...otherLabel, source: key, category }));

const sorted = (categories: readonly DataCategory[]) => [...new Set(categories)].sort();

/** Whom data goes to on the controller's behalf, each once. */
export function processorsOf({ systems }: Pick<Activity, "systems">): readonly Processor[] {
  const all = new Map(systems.map(({ processor }) => [JSON.stringify(processor), processor]));
  return [...all.values()];
}

/** Art. 30(1)(e): those of them to whom data is transferred. */
export const outsideEea = <Party extends { readonly country: string }>(parties: readonly Party[]) =>
  parties.filter(({ country }) => isOutsideEea(country));
