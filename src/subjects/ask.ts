import type { IdentifierKind, StatisticsDimension } from "../access/vocabulary.ts";
import type { Processor } from "../sources/contract.ts";
import type { Capabilities } from "../sources/writes.ts";
import type { Subject } from "../sources/data-subject.ts";
import type { SourceContext } from "../sources/held.ts";
import { SourceUnavailable } from "../sources/loader.ts";
import type { Match } from "../sources/match.ts";
import type { Dimension, DocumentKind, ProfileField, RecordLabel, ShorterKept } from "../sources/module.ts";
import type { Language } from "../language/language.ts";

/** A source of the roster that the configuration connects. */
export interface ConnectedSource {
  readonly key: string;
  readonly profile: { readonly [P in ProfileField]?: string };
  /** As in `SourceModule`. */
  readonly documents: Readonly<Record<string, DocumentKind>>;
  /** As in `SourceModule`. */
  readonly labels: Readonly<Record<string, RecordLabel>>;
  /** As in `SourceModule`. */
  readonly dimensions?: { readonly [D in StatisticsDimension]?: Dimension };
  /** As in `SourceModule`. */
  readonly shorter?: Readonly<Record<string, ShorterKept | undefined>> | undefined;
  /** Sources to which an identifier in this one's records may lead. */
  readonly leadsTo: readonly string[];
  readonly processor: Processor;
  readonly capabilities: Capabilities;
}

/** What resolvers over all sources need of the operation's context. */
export interface SubjectContext extends SourceContext {
  readonly connected: readonly ConnectedSource[];
  readonly language: Language;
  /** Kinds of identifiers that the issuer verifies, by which a person can be looked for. */
  readonly identifiable: readonly IdentifierKind[];
}

export type Answer = { readonly source: string; readonly module: ConnectedSource } & (
  Match | { readonly state: "UNAVAILABLE"; readonly failure: SourceUnavailable }
);

/** One answer per source, always all of them; each comes when its source has answered. */
export function askEachSource(context: SubjectContext, subject: Subject): readonly Promise<Answer>[] {
  return context.connected.map(async (module): Promise<Answer> => {
    const about = { source: module.key, module };
    try {
      return { ...about, ...(await context.records.find(module.key, subject)) };
    } catch (error) {
      if (!(error instanceof SourceUnavailable)) throw error;
      return { ...about, state: "UNAVAILABLE", failure: error };
    }
  });
}
