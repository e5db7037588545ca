import { markedUntil } from "../access/holds.ts";
import type { RecordLabel } from "../sources/module.ts";
import { BadConfiguration } from "./environment.ts";

interface Given {
  readonly mapping: { readonly collections: object; readonly erasures?: object | undefined };
}

/**
 * What a law may keep is judged row by row, page by page: a list that only comes whole has no rows to be told apart. A row
 * that is kept for what it refers to outlives that, and must bear a mark by then.
 * @throws BadConfiguration naming the list
 */
export function checkKept(
  source: string,
  labels: Readonly<Record<string, RecordLabel>>,
  { mapping }: Given,
): void {
  const collections = membersOf(mapping.collections);
  const erased = membersOf(memberOf(mapping.erasures, "collections"));
  for (const [recordType, { keptBy = [] }] of Object.entries(labels)) {
    const collection = collections.get(recordType);
    if (collection === undefined || !keptBy.some(({ asLongAs }) => asLongAs === undefined)) continue;
    const setting = `sources.${source}.mapping.collections.${recordType}`;
    if (!("table" in collection) && !("results" in collection))
      throw new BadConfiguration(
        `${setting}: a law may keep some of its rows against an erasure. Map it as a list that is paged, with \`results\` and \`key\`.`,
      );
    const how = erased.get(recordType);
    if (how === undefined || !keptBy.some(({ onlyWith }) => onlyWith !== undefined)) continue;
    if (isMarked(collection, how)) continue;
    throw new BadConfiguration(
      `${setting}: a law may keep some of its rows for what they refer to, which may be erased before them. Give it a mark: \`erasures.collections.${recordType}.mark\` with \`until\`, and \`fields.${markedUntil}\` of the same column.`,
    );
  }
}

/** Whether until when a row is kept can be written into it, and is read again. */
function isMarked(collection: object, how: object): boolean {
  const written = memberOf(memberOf(how, "mark"), "until");
  const read = memberOf(memberOf(collection, "fields"), markedUntil);
  return written !== undefined && written === (memberOf(read, "column") ?? read);
}

const membersOf = (value: unknown) =>
  new Map<string, object>(typeof value === "object" && value !== null ? Object.entries(value) : []);

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
