import type { LabelledCoordinate } from "../access/inventory.ts";
import type { PersonalLabel } from "../access/labels.ts";
import { legalBases } from "../access/policy.ts";
import { describeRetention } from "../access/retention.ts";
import { isForTests } from "../access/test-data.ts";
import { type DataCategory, type LegalBasis, Purpose } from "../access/vocabulary.ts";
import { OtherDatum } from "../sources/other.ts";
import { orderable } from "./authorities.ts";

/** Of what lives as long as the answer. */
const passing = describeRetention({ period: "P0D", after: "response" });

const purposes = Object.values(Purpose);

export interface PurposeSummary {
  readonly purpose: Purpose;
  readonly legalBasis: LegalBasis;
  readonly categories: readonly DataCategory[];
  readonly retention: readonly string[];
}

/**
 * Without what only systems would hold that are not connected. What they hold beyond the common model has the label of
 * the record that it is in: the type that they share names no system, and would seem the gateway's own.
 */
export function heldHere(
  labelled: readonly LabelledCoordinate[],
  systems: readonly { readonly key: string }[],
): readonly LabelledCoordinate[] {
  const keys = new Set(systems.map(({ key }) => key));
  return labelled.filter(
    ({ coordinate, label }) =>
      label.kind !== "personal" ||
      (label.source === undefined ? !coordinate.startsWith(`${OtherDatum.name}.`) : keys.has(label.source)),
  );
}

/**
 * Whether data is used for a purpose: held for it, open to an authority that orders it, or read where test data is made
 * of what systems hold.
 */
export function isUsedFor(
  purpose: Purpose,
  label: Pick<PersonalLabel, "purposes" | "category" | "source">,
): boolean {
  if (label.purposes.includes(purpose)) return true;
  if (purpose === "DISCLOSURE_TO_AUTHORITIES") return true;
  return purpose === "TESTING" && label.source !== undefined && isForTests(label);
}

/**
 * Art. 15(1)(a), (b), (d): per purpose what is processed, on which ground and how long; from the labels alone. How long: of
 * what is held for it. A purpose that nothing is kept for beyond an answer is none, unless what is kept for another is used.
 */
export function purposeSummaries(labelled: readonly LabelledCoordinate[]): readonly PurposeSummary[] {
  const found = new Map<Purpose, { categories: Set<DataCategory>; retention: Set<string> }>();
  for (const { label } of labelled) {
    if (label.kind !== "personal") continue;
    for (const purpose of purposes.filter((each) => isUsedFor(each, label))) {
      const summary = found.get(purpose) ?? { categories: new Set(), retention: new Set() };
      summary.categories.add(label.category);
      if (label.purposes.includes(purpose)) summary.retention.add(describeRetention(label.retention));
      found.set(purpose, summary);
    }
  }
  for (const category of orderable) found.get("DISCLOSURE_TO_AUTHORITIES")?.categories.add(category);
  const kept = [...found].filter(
    ([, { retention }]) => retention.size === 0 || [...retention].some((rule) => rule !== passing),
  );
  return kept.map(([purpose, { categories, retention }]) => ({
    purpose,
    legalBasis: legalBases[purpose],
    categories: [...categories].sort(),
    retention: [...retention].sort(),
  }));
}
