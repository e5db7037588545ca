import type { LabelledCoordinate } from "../access/inventory.ts";
import { type Capacity, mayRead } from "../access/decide.ts";

/** Keys of the sources in which a capacity may read anything at all. */
export type ReadableSources = (capacity: Capacity) => readonly string[];

export function readableSources(
  connected: readonly { readonly key: string }[],
  labelled: readonly LabelledCoordinate[],
): ReadableSources {
  const labels = labelled.flatMap(({ label }) => (label.kind === "personal" ? [label] : []));
  return (capacity) =>
    connected
      .map(({ key }) => key)
      .filter((key) => labels.some((label) => label.source === key && mayRead(capacity, label)));
}
