import { SourceFailure } from "../sources/contract.ts";
import type { ErasableSource } from "../sources/erasures.ts";
import type { Expiring } from "../sources/expiring.ts";
import { SourceUnavailable } from "../sources/loader.ts";
import type { ShorterKept } from "../sources/module.ts";
import { ownRecord, traces } from "../sources/writes.ts";
import type { ConnectedSource } from "../subjects/ask.ts";
import type { NewItem } from "./retention-review-rows.ts";
import { sparedIn, type SparedParts } from "./retention-review-spared.ts";

export interface CountParts extends SparedParts {
  readonly connected: readonly ConnectedSource[];
  readonly sources: ReadonlyMap<string, ErasableSource>;
  /** For each record type of a source. */
  readonly surveyMilliseconds: number;
}

/** A rule, and the rows or the fields of rows that it is for. */
interface Ruled {
  readonly recordType: string;
  readonly shorter?: ShorterKept | undefined;
}

/** What has no purpose left, by rule: dependants before what they hang on. Nothing is changed. */
export async function countExpired(parts: CountParts, asOf: string): Promise<readonly NewItem[]> {
  const items = await Promise.all(parts.connected.map((module) => countIn(parts, module, asOf)));
  return items.flat();
}

async function countIn(
  parts: CountParts,
  module: ConnectedSource,
  asOf: string,
): Promise<readonly NewItem[]> {
  const source = parts.sources.get(module.key);
  const rules = rulesOf(module);
  let spared: readonly string[];
  try {
    spared = source?.expiring ? [...(await sparedIn(parts, module.key))] : [];
  } catch (error) {
    return rules.map((ruled) => unavailable(module, ruled, reasonOf(error)));
  }
  const items: NewItem[] = [];
  for (const ruled of rules) items.push(await countRule(parts, module, ruled, { asOf, spared }));
  return items;
}

async function countRule(
  { sources, surveyMilliseconds }: CountParts,
  module: ConnectedSource,
  ruled: Ruled,
  { asOf, spared }: { readonly asOf: string; readonly spared: readonly string[] },
): Promise<NewItem> {
  const { key, capabilities, labels } = module;
  const { recordType, shorter } = ruled;
  const expiring = sources.get(key)?.expiring;
  const manner = capabilities.erases.find((each) => each.recordType === recordType)?.manner;
  if (!expiring || !manner) return unavailable(module, ruled, "CANNOT_ERASE");
  const asked: Expiring = { recordType, asOf, labels, shorter };
  const signal = AbortSignal.timeout(surveyMilliseconds);
  try {
    if (!(await expiring.judges(asked))) return unavailable(module, ruled, "CANNOT_ERASE");
    const { over, held, undated, left } = await expiring.count(asked, { signal });
    const aside = Math.min(over, await expiring.countOf(asked, spared, { signal }));
    return {
      ...about(module, ruled),
      action: shorter ? "ANONYMISE" : manner,
      count: over - aside,
      held,
      undated,
      setAside: left + aside,
      reason: null,
    };
  } catch (error) {
    return unavailable(module, ruled, reasonOf(error));
  }
}

/** As an erasure goes; what a source does not erase is there by name, and fields with a rule of their own come after their rows. */
function rulesOf({ capabilities, labels, shorter }: ConnectedSource): readonly Ruled[] {
  const erased = capabilities.erases.map(({ recordType }) => recordType).filter((each) => each !== traces);
  const others = Object.keys(labels).filter((each) => !erased.includes(each) && each !== ownRecord);
  const last = erased.includes(ownRecord) ? [] : [ownRecord];
  return [...others, ...erased, ...last].flatMap((recordType) => {
    const own = shorter?.[recordType];
    return [{ recordType }, ...(own ? [{ recordType, shorter: own }] : [])];
  });
}

function about({ key: source, labels }: ConnectedSource, { recordType, shorter }: Ruled) {
  const label = shorter?.label ?? labels[recordType];
  if (!label) throw new Error(`${source} has no label for ${recordType}`);
  return { source, recordType, fields: shorter?.fields ?? null, label };
}

function unavailable(module: ConnectedSource, ruled: Ruled, reason: string): NewItem {
  const none = { count: 0, held: 0, undated: 0, setAside: 0 };
  return { ...about(module, ruled), action: "UNAVAILABLE", ...none, reason };
}

/** Why a source could not answer; what is no fault of a source goes on. */
export function reasonOf(error: unknown): string {
  if (error instanceof SourceFailure || error instanceof SourceUnavailable) return error.reason;
  if (error instanceof DOMException) return "TIMED_OUT";
  throw error;
}
