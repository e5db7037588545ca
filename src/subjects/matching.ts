import type { Identifier, Identity, SourceRecord } from "../sources/contract.ts";
import type { Subject, Viewer } from "../sources/data-subject.ts";
import { SourceUnavailable } from "../sources/loader.ts";
import type { Match, MatchProblem, RecordFinder } from "../sources/match.ts";
import type { Claim } from "./claims.ts";
import { holds, type Looking, personsFoundAs } from "./found-as.ts";
import { sameIdentifier } from "./identifiers.ts";
import type { MatchingParts, Reference } from "./matching-parts.ts";

type Basis = "LINKED" | "IDENTIFIER" | "REFERENCE";

interface Candidates {
  readonly basis: Basis;
  readonly records: readonly SourceRecord[];
  readonly foundBy: readonly Identifier[];
  readonly settledAside: number;
  /** Where staff have linked another: what answers to the person's own identifiers all the same. */
  readonly aside?: readonly SourceRecord[];
  /** By reference: those of the settled records elsewhere. */
  readonly leading?: readonly Identifier[];
  /** By reference: why it is not settled that the record elsewhere, which leads here, is the person's. */
  readonly unsettled?: MatchProblem | undefined;
}

/** Finds records for one request; a match is worked out once. */
export class Matching implements RecordFinder {
  readonly #parts: MatchingParts;
  readonly #looking: Looking;
  readonly #matches = new Map<string, Promise<Match>>();
  readonly #lookedFor = new Map<string, string | null>();
  readonly #answered = new Map<Viewer, { readonly subjectId: string; readonly source: string }[]>();

  constructor(parts: MatchingParts) {
    this.#parts = parts;
    this.#looking = {
      ...parts,
      records: (source, identifiers) => this.#records(source, { identifiers }),
      direct: (source, subject) => this.#direct(source, subject),
    };
  }

  async find(source: string, subject: Subject): Promise<Match> {
    if (subject.erasingIn.has(source)) throw new SourceUnavailable(source, "BEING_ERASED");
    this.#lookedFor.set(subject.id, subject.lastErasure);
    const name = `${source} ${subject.viewer.as} ${subject.id}`;
    let settling = this.#matches.get(name);
    if (!settling) this.#matches.set(name, (settling = this.#settle(source, subject)));
    const match = await settling;
    if (match.state === "HELD" || match.state === "NEEDS_REVIEW") {
      const answered = this.#answered.get(subject.viewer) ?? [];
      answered.push({ subjectId: subject.id, source });
      this.#answered.set(subject.viewer, answered);
    }
    return match;
  }

  lookedFor(): ReadonlyMap<string, string | null> {
    return this.#lookedFor;
  }

  answered(viewer: Viewer, id: string): readonly string[] {
    const answered = this.#answered.get(viewer) ?? [];
    return answered.filter(({ subjectId }) => subjectId === id).map(({ source }) => source);
  }

  /** Every record that answers to the person by links, identifiers or references, and is not settled not to be theirs. */
  async answering(source: string, subject: Subject): Promise<readonly SourceRecord[]> {
    const found = await Promise.all([
      this.#records(source, { identifiers: subject.links.get(source) ?? [] }),
      this.#own(source, subject),
      this.#referred(source, subject),
    ]);
    const records = found.flatMap((each) => each.records);
    const unsettled = records.filter(({ key }) => !subject.notTheirs.has(this.#hash(source, key)));
    return [...new Map(unsettled.map((record) => [record.key, record])).values()];
  }

  /** What has been worked out counts no more: staff have settled something within the request. */
  forget(): void {
    this.#matches.clear();
    this.#lookedFor.clear();
    this.#parts.claims.clearAll();
  }

  async #settle(source: string, subject: Subject): Promise<Match> {
    const { match, isErasedBefore } = await this.#match(source, subject);
    const problem = match.state === "NEEDS_REVIEW" ? match.problem : null;
    if ((problem !== null) !== subject.underReview.has(source)) {
      await this.#parts.notes.review(subject.id, source, problem);
    }
    // The person has a right to see it; staff have none before it is decided.
    if (isErasedBefore && subject.viewer.as === "staff" && (match.state === "HELD" || problem !== null))
      return { state: "NEEDS_REVIEW", problem: "ERASED_BEFORE", records: [] };
    return match;
  }

  async #match(
    source: string,
    subject: Subject,
  ): Promise<{ readonly match: Match; readonly isErasedBefore: boolean }> {
    if (!isLookedFor(source, subject)) {
      const isOwn = subject.viewer.as === "own";
      const match: Match = isOwn ? { state: "NOT_VERIFIED" } : { state: "NOT_HELD", settledAside: 0 };
      return { match, isErasedBefore: false };
    }
    let candidates = await this.#direct(source, subject);
    if (candidates.records.length === 0 && candidates.settledAside === 0) {
      candidates = await this.#referred(source, subject);
    }
    // Written first: of two who claim one record at the same time, at least one sees the other.
    await this.#noteReference(source, subject, candidates.leading ?? []);
    const match = await this.#judge(source, subject, candidates);
    const { records, aside = [] } = candidates;
    // After it: both go by what one look in the register has told.
    const [isErasedBefore] = await Promise.all([
      this.#noteReappeared(source, records),
      this.#noteReappeared(source, aside),
    ]);
    return { match, isErasedBefore };
  }

  /** Puts records that name an erased person before the DPO. Whether any does. */
  async #noteReappeared(source: string, records: readonly SourceRecord[]): Promise<boolean> {
    const { claims, notes } = this.#parts;
    const found = await Promise.all(
      records.map(async (each) => {
        const record = this.#hashed(source, each);
        const reappeared = await claims.reappeared(record);
        for (const { subjectId, isNoted } of reappeared)
          if (!isNoted)
            await notes.reappeared({
              subjectId,
              record,
              recordKey: each.key,
              identifiers: each.identifiers,
            });
        // What the law keeps is restricted already, to those who must be able to read it.
        return reappeared.some(({ isKept }) => !isKept);
      }),
    );
    return found.includes(true);
  }

  /** By what staff have linked, or else by the person's own identifiers. */
  async #direct(source: string, subject: Subject): Promise<Candidates> {
    const links = subject.links.get(source);
    const [own, linked] = await Promise.all([
      this.#own(source, subject),
      links ? this.#records(source, { identifiers: links }) : null,
    ]);
    if (linked && linked.records.length > 0) {
      const chosen = new Set(linked.records.map(({ key }) => key));
      const aside = own.records.filter(({ key }) => !chosen.has(key));
      return { basis: "LINKED", ...linked, settledAside: aside.length, aside };
    }
    const records = own.records.filter(({ key }) => !subject.notTheirs.has(this.#hash(source, key)));
    const settledAside = own.records.length - records.length;
    return { basis: "IDENTIFIER", records, foundBy: own.foundBy, settledAside };
  }

  /** By identifiers that the person's records elsewhere name, where the configuration allows it. */
  async #referred(source: string, subject: Subject): Promise<Candidates> {
    const named = await Promise.all(
      this.#parts.references.filter(({ to }) => to === source).map((each) => this.#named(each, subject)),
    );
    const settled = named.filter(({ problem }) => problem === null).flatMap(({ identifiers }) => identifiers);
    const open = named.filter(({ problem }) => problem !== null);
    const [found, maybe] = await Promise.all([
      this.#records(source, { identifiers: settled }),
      this.#records(source, { identifiers: open.flatMap(({ identifiers }) => identifiers) }),
    ]);
    const answering = [
      ...new Map([...found.records, ...maybe.records].map((each) => [each.key, each])).values(),
    ];
    const records = answering.filter(({ key }) => !subject.notTheirs.has(this.#hash(source, key)));
    return {
      basis: "REFERENCE",
      records,
      foundBy: found.foundBy,
      settledAside: answering.length - records.length,
      leading: settled.filter((each) => records.some((record) => holds(record, each))),
      unsettled: maybe.records.length > 0 ? (open[0]?.problem ?? undefined) : undefined,
    };
  }

  /** What the person's record in the reference's source names; `problem`: it is not settled which record that is. */
  async #named({ from, kind }: Reference, subject: Subject) {
    const match = await this.#judge(from, subject, await this.#direct(from, subject));
    const records =
      match.state === "HELD" ? [match.record] : match.state === "NEEDS_REVIEW" ? match.records : [];
    return {
      problem: match.state === "NEEDS_REVIEW" ? match.problem : null,
      identifiers: records.flatMap((record) => record.identifiers.filter((each) => each.kind === kind)),
    };
  }

  /** By the person's identifiers, and by those that lead to one record of theirs alone. */
  async #own(source: string, { identity, corrected }: Subject) {
    const bound = corrected.get(source) ?? [];
    if (bound.length === 0) return this.#records(source, identity);
    const further = bound
      .map(({ identifier }) => identifier)
      .filter((each) => !identity.identifiers.some((known) => sameIdentifier(known, each)));
    const identifiers = [...identity.identifiers, ...further];
    const { records, foundBy } = await this.#records(source, { identifiers });
    const answers = (record: SourceRecord) =>
      identity.identifiers.some((each) => holds(record, each)) ||
      bound.some(
        ({ identifier, recordHash }) =>
          holds(record, identifier) && recordHash === this.#hash(source, record.key),
      );
    return { records: records.filter(answers), foundBy };
  }

  async #records(source: string, identity: Identity) {
    const none = { records: [], foundBy: [] };
    if (identity.identifiers.length === 0) return none;
    const finding = await this.#parts.reader.find(source, identity);
    if (finding.state === "HELD") return { records: [finding.record], foundBy: finding.foundBy };
    return finding.state === "NEEDS_REVIEW" ? { ...none, records: finding.records } : none;
  }

  async #judge(source: string, subject: Subject, candidates: Candidates): Promise<Match> {
    const { basis, records, foundBy, settledAside, unsettled } = candidates;
    const [record, ...more] = records;
    if (!record) return { state: "NOT_HELD", settledAside };
    if (more.length > 0) return { state: "NEEDS_REVIEW", problem: "SEVERAL_RECORDS", records };
    const others = await this.#others(source, subject, record);
    const linkedToOther = others.some(({ origin }) => origin === "LINKED");
    if (linkedToOther && basis !== "LINKED") return { state: "NOT_HELD", settledAside: settledAside + 1 };
    const contested = others.some(({ origin }) => origin !== "FOUND");
    if (linkedToOther || (contested && basis !== "LINKED"))
      return { state: "NEEDS_REVIEW", problem: "CLAIMED_BY_ANOTHER", records };
    if (unsettled) return { state: "NEEDS_REVIEW", problem: unsettled, records };
    const foundAs = await personsFoundAs(this.#looking, { source, subject, record }, others);
    if (!subject.proven && basis !== "LINKED" && !(await this.#isOneWith(subject, others, foundAs)))
      return { state: "NEEDS_REVIEW", problem: "CLAIMED_BY_ANOTHER", records };
    if (foundAs.length > 0 && subject.viewer.as === "own")
      await this.#parts.notes.absorb(subject.id, foundAs);
    return { state: "HELD", record, foundBy, settledAside, foundAs };
  }

  /** Of persons whom staff found by several identifiers of one record, each leading to it alone, nobody is another. */
  async #isOneWith(subject: Subject, others: readonly Claim[], foundAs: readonly string[]): Promise<boolean> {
    const ids = [...new Set(others.map(({ subjectId }) => subjectId))];
    if (ids.length === 0) return true;
    if (!ids.every((id) => foundAs.includes(id))) return false;
    const united = await this.#parts.notes.absorb(subject.id, ids);
    return ids.every((id) => united.includes(id));
  }

  #others(source: string, subject: Subject, record: SourceRecord) {
    return this.#parts.claims.load({ ...this.#hashed(source, record), besides: subject.id });
  }

  #hashed(source: string, { key, identifiers }: SourceRecord) {
    const identifierHashes = identifiers.map(this.#parts.hashIdentifier);
    return { source, recordHash: this.#hash(source, key), identifierHashes };
  }

  async #noteReference(source: string, subject: Subject, leading: readonly Identifier[]): Promise<void> {
    const before = subject.referred.get(source) ?? new Set();
    const now = new Set(leading.map(this.#parts.hashIdentifier));
    if (now.size === before.size && [...now].every((hash) => before.has(hash))) return;
    await this.#parts.notes.referred(subject.id, source, leading);
  }

  #hash(source: string, key: string): string {
    return this.#parts.hashRecord(source, key);
  }
}

const isLookedFor = (source: string, { identity, links, corrected }: Subject) =>
  identity.identifiers.length > 0 || links.has(source) || corrected.has(source);
