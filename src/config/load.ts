import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import type { CollectionFields } from "../connectors/mapping.ts";
import type { RestMapping } from "../connectors/rest/mapping.ts";
import type { SqlMapping } from "../connectors/sql/mapping.ts";
import { roster } from "../sources/roster.ts";
import { checkKept } from "./check-kept.ts";
import { configSchema, type InnsynConfig } from "./define.ts";
import { BadConfiguration, type Environment } from "./environment.ts";

type Parsed = z.output<typeof configSchema>;
type AnyMapping = SqlMapping<string, CollectionFields> | RestMapping<string, CollectionFields>;

export type ValidatedSource = Omit<Parsed["sources"][string], "mapping"> & { readonly mapping: AnyMapping };
type Recipients = Parsed["organisation"]["recipients"];
export type ValidatedConfig = Omit<Parsed, "sources" | "organisation"> & {
  readonly sources: ReadonlyMap<string, ValidatedSource>;
  /** May be shown: how recipients are reached is not in it. */
  readonly organisation: Omit<Parsed["organisation"], "recipients"> & {
    readonly recipients: readonly Omit<Recipients[number], "notify">[];
  };
  readonly recipients: Recipients;
};

/** @throws BadConfiguration naming the setting */
export function validateConfig(config: InnsynConfig, env: Pick<Environment, "OIDC_ISSUER">): ValidatedConfig {
  const issuer = env.OIDC_ISSUER === undefined ? {} : { issuer: env.OIDC_ISSUER };
  const parsed = configSchema.safeParse({ ...config, identity: { ...config.identity, ...issuer } });
  if (!parsed.success) throw new BadConfiguration(z.prettifyError(parsed.error));
  const known = new Set<string>(roster.map(({ key }) => key));
  const unknown = Object.keys(parsed.data.sources).filter((key) => !known.has(key));
  if (unknown.length > 0) {
    throw new BadConfiguration(
      `sources.${unknown.join(", sources.")}: no such source; there are ${[...known].join(", ")}.`,
    );
  }
  checkReferences(parsed.data.sources);
  const sources = new Map<string, ValidatedSource>();
  for (const { key, labels } of roster) {
    const given = config.sources[key];
    const checked = parsed.data.sources[key];
    if (!given || !checked) continue;
    checkKept(key, labels, given);
    sources.set(key, { ...checked, mapping: given.mapping });
  }
  const { recipients } = parsed.data.organisation;
  const shown = recipients.map(({ notify: _notify, ...details }) => details);
  return {
    ...parsed.data,
    sources,
    organisation: { ...parsed.data.organisation, recipients: shown },
    recipients,
  };
}

function checkReferences(sources: Parsed["sources"]): void {
  for (const [from, { references }] of Object.entries(sources)) {
    for (const { to } of references) {
      if (to !== from && Object.hasOwn(sources, to)) continue;
      throw new BadConfiguration(
        `sources.${from}.references: ${to} is no other source of yours; there are ${Object.keys(sources).join(", ")}.`,
      );
    }
  }
}

/** Every reference that the configuration allows, with where it is found. */
export function referencesIn({ sources }: ValidatedConfig) {
  return [...sources].flatMap(([from, { references }]) =>
    references.map((reference) => ({ from, ...reference })),
  );
}

/** The default export of `innsyn.config.ts`. @throws BadConfiguration */
export async function loadConfig(path: string): Promise<InnsynConfig> {
  const file = resolve(path);
  try {
    const module = (await import(pathToFileURL(file).href)) as { default?: InnsynConfig };
    if (typeof module.default !== "object" || module.default === null)
      throw new BadConfiguration(
        `INNSYN_CONFIG: ${file} has no default export; write: export default defineConfig({ … })`,
      );
    return module.default;
  } catch (error) {
    if (error instanceof BadConfiguration) throw error;
    throw new BadConfiguration(
      `INNSYN_CONFIG: ${file} could not be loaded: ${error instanceof Error ? error.message : "unknown fault"}`,
      { cause: error },
    );
  }
}
