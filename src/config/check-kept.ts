import type { RecordLabel } from "../sources/module.ts";
import { BadConfiguration } from "./environment.ts";

/**
 * What a law may keep is judged row by row, page by page: a list that only comes whole has no rows to be told apart.
 * @throws BadConfiguration naming the list
 */
export function checkKept(
  source: string,
  labels: Readonly<Record<string, RecordLabel>>,
  { mapping }: { readonly mapping: { readonly collections: object } },
): void {
  const collections = new Map<string, object>(Object.entries(mapping.collections));
  for (const [recordType, { keptBy = [] }] of Object.entries(labels)) {
    if (!keptBy.some(({ asLongAs }) => asLongAs === undefined)) continue;
    const collection = collections.get(recordType);
    if (collection === undefined || "table" in collection || "results" in collection) continue;
    throw new BadConfiguration(
      `sources.${source}.mapping.collections.${recordType}: a law may keep some of its rows against an erasure. Map it as a list that is paged, with \`results\` and \`key\`.`,
    );
  }
}
