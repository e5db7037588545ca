import { SourceFailure } from "../sources/contract.ts";
import type { ErasableSource } from "../sources/erasures.ts";
import type { Expiring } from "../sources/expiring.ts";
import { SourceUnavailable } from "../sources/loader.ts";
import { ownRecord, traces } from "../sources/writes.ts";
import type { ConnectedSource } from "../subjects/ask.ts";
import type { NewItem } from "./retention-review-rows.ts";
import { sparedIn, type SparedParts } from "./retention-review-spared.ts";

export interface CountParts extends SparedParts {
  readonly connected: readonly ConnectedSource[];
  readonly sources: ReadonlyMap<string, ErasableSource>;
  /** Milliseconds for each record type of a source. */
  readonly surveyMilliseconds: number;
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
  const types = ordered(module);
  let spared: readonly string[];
  try {
    spared = source?.expiring ? [...(await sparedIn(parts, module.key))] : [];
  } catch (error) {
    return types.map((recordType) => unavailable(module, recordType, reasonOf(error)));
  }
  const items: NewItem[] = [];
  for (const recordType of types) items.push(await countType(parts, module, { recordType, asOf, spared }));
  return items;
}

async function countType(
  { sources, surveyMilliseconds }: CountParts,
  module: ConnectedSource,
  {
    recordType,
    asOf,
    spared,
  }: { readonly recordType: string; readonly asOf: string; readonly spared: readonly string[] },
): Promise<NewItem> {
  const { key, capabilities, labels } = module;
  const expiring = sources.get(key)?.expiring;
  const manner = capabilities.erases.find((each) => each.recordType === recordType)?.manner;
  const label = labels[recordType];
  if (!expiring || !manner || !label) return unavailable(module, recordType, "CANNOT_ERASE");
  const asked: Expiring = { recordType, asOf, labels };
  const signal = AbortSignal.timeout(surveyMilliseconds);
  try {
    if (!(await expiring.judges(asked))) return unavailable(module, recordType, "CANNOT_ERASE");
    const { over, held, undated, left } = await expiring.count(asked, { signal });
    const aside = Math.min(over, await expiring.countOf(asked, spared, { signal }));
    return {
      source: key,
      recordType,
      label,
      action: manner,
      count: over - aside,
      held,
      undated,
      setAside: left + aside,
      reason: null,
    };
  } catch (error) {
    return unavailable(module, recordType, reasonOf(error));
  }
}

/** As an erasure goes; what a source does not erase comes last, by name. */
function ordered({ capabilities, labels }: ConnectedSource): readonly string[] {
  const erased = capabilities.erases.map(({ recordType }) => recordType).filter((each) => each !== traces);
  const others = Object.keys(labels).filter((each) => !erased.includes(each) && each !== ownRecord);
  const last = erased.includes(ownRecord) ? [] : [ownRecord];
  return [...others, ...erased, ...last];
}

function unavailable({ key, labels }: ConnectedSource, recordType: string, reason: string): NewItem {
  const label = labels[recordType];
  if (!label) throw new Error(`${key} has no label for ${recordType}`);
  const none = { count: 0, held: 0, undated: 0, setAside: 0 };
  return { source: key, recordType, label, action: "UNAVAILABLE", ...none, reason };
}

/** Why a source could not answer; what is no fault of a source goes on. */
export function reasonOf(error: unknown): string {
  if (error instanceof SourceFailure || error instanceof SourceUnavailable) return error.reason;
  if (error instanceof DOMException) return "TIMED_OUT";
  throw error;
}
