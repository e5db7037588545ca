import type { System } from "../records/activities.ts";
import type { ErasableSource } from "../sources/erasures.ts";
import { roster } from "../sources/roster.ts";
import type { ConnectedSource } from "../subjects/ask.ts";
import { referencesIn, type ValidatedConfig } from "./load.ts";

/** The roster's sources that there are, in the roster's order. */
export function connectedSources(
  sources: ReadonlyMap<string, ErasableSource>,
  config: ValidatedConfig,
): readonly ConnectedSource[] {
  const references = referencesIn(config);
  return roster.flatMap(({ key, profile, documents, labels, dimensions = {}, ...more }) => {
    const source = sources.get(key);
    if (!source) return [];
    const { processor, capabilities } = source;
    const leadsTo = references.filter(({ from }) => from === key).map(({ to }) => to);
    const shorter = "shorter" in more ? more.shorter : undefined;
    return [{ key, profile, documents, labels, shorter, dimensions, leadsTo, processor, capabilities }];
  });
}

/** What the records of processing say of them, before any is connected to. */
export function systemsIn({ sources }: ValidatedConfig): readonly System[] {
  return roster.flatMap(({ key }) => {
    const source = sources.get(key);
    if (!source) return [];
    const { processor, mapping } = source;
    return [{ key, processor, other: (mapping.person.other ?? []).map(({ category }) => category) }];
  });
}
