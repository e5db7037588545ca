import type { Identifier, Identity, SourceRecord } from "../sources/contract.ts";
import type { Subject } from "../sources/data-subject.ts";
import { type SourceReader } from "../sources/loader.ts";
import type { Match, RecordFinder } from "../sources/match.ts";
import type { IdentifierKind } from "../access/vocabulary.ts";
import type { KeyedHash } from "../store/keyed-hash.ts";
import type { Claim, Claims } from "./claims.ts";

/** An identifier in the settled records of one source that may lead to another. */
export interface Reference {
  readonly from: string;
  readonly kind: IdentifierKind;
  readonly to: string;
}

export interface MatchingParts {
  readonly reader: SourceReader;
  readonly claims: Claims;
  readonly references: readonly Reference[];
  readonly hashIdentifier: (identifier: Identifier) => string;
  readonly hashRecord: KeyedHash;
  readonly notes: MatchNotes;
}

/** What a match changes in the register. */
export interface MatchNotes {
  /** Puts the match on the work list, or takes it off. */
  review(subjectId: string, source: string, problem: MatchProblemOf | null): Promise<void>;
  /** The record was found by an identifier that another source's record names. */
  referred(subjectId: string, source: string, identifiers: readonly Identifier[]): Promise<void>;
  /** The record answers to persons whom only staff had found: they are this one. */
  absorb(into: string, found: readonly string[]): Promise<void>;
}

type MatchProblemOf = Extract<Match, { state: "NEEDS_REVIEW" }>["problem"];
type Basis = "LINKED" | "IDENTIFIER" | "REFERENCE";

interface Candidates {
  readonly basis: Basis;
  readonly records: readonly SourceRecord[];
  readonly foundBy: readonly Identifier[];
  readonly settledAside: number;
}

/** Finds records for one request; a match is worked out once. */
export class Matching implements RecordFinder {
  readonly #parts: MatchingParts;
  readonly #matches = new Map<string, Promise<Match>>();

  constructor(parts: MatchingParts) {
    this.#parts = parts;
  }

  find(source: string, subject: Subject): Promise<Match> {
    const name = `${source} ${subject.viewer.as} ${subject.id}`;
    let match = this.#matches.get(name);
    if (!match) this.#matches.set(name, (match = this.#settle(source, subject)));
    return match;
  }

  async #settle(source: string, subject: Subject): Promise<Match> {
    if (subject.identity.identifiers.length === 0 && !subject.links.has(source))
      return { state: "NOT_VERIFIED" };
    let candidates = await this.#direct(source, subject);
    if (candidates.records.length === 0 && candidates.settledAside === 0) {
      candidates = await this.#referred(source, subject);
    }
    const match = await this.#judge(source, subject, candidates);
    const problem = match.state === "NEEDS_REVIEW" ? match.problem : null;
    if ((problem !== null) !== subject.underReview.has(source)) {
      await this.#parts.notes.review(subject.id, source, problem);
    }
    return match;
  }

  /** By what staff have linked, or else by the person's own identifiers. */
  async #direct(source: string, subject: Subject): Promise<Candidates> {
    const links = subject.links.get(source);
    const [own, linked] = await Promise.all([
      this.#records(source, subject.identity),
      links ? this.#records(source, { identifiers: links }) : null,
    ]);
    if (linked && linked.records.length > 0) {
      const chosen = new Set(linked.records.map(({ key }) => key));
      const aside = own.records.filter(({ key }) => !chosen.has(key)).length;
      return { basis: "LINKED", ...linked, settledAside: aside };
    }
    const records = own.records.filter(({ key }) => !subject.notTheirs.has(this.#hash(source, key)));
    const settledAside = own.records.length - records.length;
    return { basis: "IDENTIFIER", records, foundBy: own.foundBy, settledAside };
  }

  /** By identifiers that the person's settled records elsewhere name, where the configuration allows it. */
  async #referred(source: string, subject: Subject): Promise<Candidates> {
    const named = await Promise.all(
      this.#parts.references
        .filter(({ to }) => to === source)
        .map(async ({ from, kind }) => {
          const match = await this.#judge(from, subject, await this.#direct(from, subject));
          return match.state === "HELD"
            ? match.record.identifiers.filter((identifier) => identifier.kind === kind)
            : [];
        }),
    );
    const identifiers = named.flat();
    const found = await this.#records(source, { identifiers });
    const records = found.records.filter(({ key }) => !subject.notTheirs.has(this.#hash(source, key)));
    const settledAside = found.records.length - records.length;
    return { basis: "REFERENCE", records, foundBy: found.foundBy, settledAside };
  }

  async #records(source: string, identity: Identity) {
    const none = { records: [], foundBy: [] };
    if (identity.identifiers.length === 0) return none;
    const finding = await this.#parts.reader.find(source, identity);
    if (finding.state === "HELD") return { records: [finding.record], foundBy: finding.foundBy };
    return finding.state === "NEEDS_REVIEW" ? { ...none, records: finding.records } : none;
  }

  async #judge(source: string, subject: Subject, candidates: Candidates): Promise<Match> {
    const { basis, records, foundBy, settledAside } = candidates;
    const [record, ...more] = records;
    if (!record) return { state: "NOT_HELD", settledAside };
    if (more.length > 0) return { state: "NEEDS_REVIEW", problem: "SEVERAL_RECORDS", records };
    const others = await this.#others(source, subject, record);
    const linkedToOther = others.some(({ origin }) => origin === "LINKED");
    if (linkedToOther && basis !== "LINKED") return { state: "NOT_HELD", settledAside: settledAside + 1 };
    const contested = others.some(({ origin }) => origin === "VERIFIED" || origin === "REFERENCE");
    if (linkedToOther || (contested && basis !== "LINKED"))
      return { state: "NEEDS_REVIEW", problem: "CLAIMED_BY_ANOTHER", records };
    await this.#note(source, subject, candidates, others);
    return { state: "HELD", record, foundBy, settledAside };
  }

  #others(source: string, subject: Subject, { key, identifiers }: SourceRecord) {
    const { claims, hashIdentifier } = this.#parts;
    return claims.load({
      source,
      recordHash: this.#hash(source, key),
      identifierHashes: identifiers.map(hashIdentifier),
      besides: subject.id,
    });
  }

  async #note(
    source: string,
    subject: Subject,
    { basis, foundBy }: Candidates,
    others: readonly Claim[],
  ): Promise<void> {
    const { notes } = this.#parts;
    if (basis === "REFERENCE") await notes.referred(subject.id, source, foundBy);
    const found = others.filter(({ origin }) => origin === "FOUND").map(({ subjectId }) => subjectId);
    if (found.length > 0 && subject.viewer.as === "own") await notes.absorb(subject.id, found);
  }

  #hash(source: string, key: string): string {
    return this.#parts.hashRecord(source, key);
  }
}
