import { recordTitles } from "../graphql/record-titles.ts";
import { type ShownType, shownTypes } from "../graphql/record-types.ts";
import { gatewaySchema } from "../graphql/schema.ts";
import type { ErasableSource } from "../sources/erasures.ts";
import type { Keyring } from "../store/keyring.ts";
import type { Store } from "../store/store.ts";
import { dbOf } from "../store/tables.ts";
import { identifierHash } from "../subjects/people.ts";
import { namesNotToUseFor } from "../subjects/person-rows.ts";
import { type Copied, makeCopy } from "../testdata/copy.ts";
import { openFiles } from "../testdata/files.ts";
import type { SourceTypes } from "../testdata/records.ts";

export interface TestDataParts {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly sources: ReadonlyMap<string, ErasableSource>;
  readonly folder: string;
  /** Persons, at least, who have what is written. */
  readonly among: number;
}

/** Writes made-up records of every system, and `manifest.json` with what was done, once all the rest is there. */
export async function writeTestData(parts: TestDataParts): Promise<readonly Copied[]> {
  const { store, keyring, sources, folder, among } = parts;
  const hash = identifierHash(keyring.hash("identifier"));
  const notToUse = await namesNotToUseFor(dbOf(store), "TESTING");
  const files = await openFiles(folder);
  const copied = await makeCopy({
    sources: [...sources.values()].map((source) => ({ source, types: typesOf(source.key) })),
    mayBeUsed: (identifiers) => !identifiers.some((each) => notToUse.has(hash(each))),
    hash,
    among,
    files,
    signal: new AbortController().signal,
  });
  await files.close({ among, systems: copied });
  return copied;
}

/** What of a system is read. */
export function typesOf(source: string): SourceTypes {
  const { schema, policies } = gatewaySchema();
  const own = shownTypes(schema, policies, recordTitles).filter(({ type }) => type.source === source);
  const record = own.find(({ as }) => as === "record");
  if (!record) throw new Error(`the schema has no record of ${source}`);
  return { record: record.type, lists: own.filter(isList) };
}

const isList = (shown: ShownType): shown is ShownType & { readonly as: "list" | "connection" } =>
  shown.as !== "record" && shown.type.name !== "statements";
