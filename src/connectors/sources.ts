import type { Processor } from "../sources/contract.ts";
import type { ErasableSource } from "../sources/erasures.ts";
import type { CollectionFields } from "./mapping.ts";
import type { RestMapping } from "./rest/mapping.ts";
import { createRestSource } from "./rest/source.ts";
import type { SqlMapping } from "./sql/mapping.ts";
import { createSqlSource } from "./sql/source.ts";

export interface SourceSettings {
  readonly processor: Processor;
  readonly mapping: SqlMapping<string, CollectionFields> | RestMapping<string, CollectionFields>;
}

/** Opens every configured source. @throws MappingError where a system's tables are not as its mapping says */
export async function createSources(
  settings: ReadonlyMap<string, SourceSettings>,
): Promise<ReadonlyMap<string, ErasableSource>> {
  const entries = await Promise.all(
    [...settings].map(async ([key, { processor, mapping }]) => {
      const source =
        mapping.connector === "sql"
          ? await createSqlSource(key, processor, mapping)
          : createRestSource(key, processor, mapping);
      return [key, source] as const;
    }),
  );
  return new Map(entries);
}
