import { randomUUID } from "node:crypto";
import type { Person, Subject, Viewer } from "../sources/data-subject.ts";
import { SourceUnavailable } from "../sources/loader.ts";
import type { Match } from "../sources/match.ts";
import type { Matching } from "./matching.ts";
import type { People } from "./people.ts";

/** What one source has for a person. */
export interface SourceState {
  readonly source: string;
  readonly state: Match["state"] | "UNAVAILABLE";
  readonly failure?: SourceUnavailable;
}

/** A person as they are once it is known what the sources have. */
export interface Met {
  readonly subject: Subject;
  readonly states: readonly SourceState[];
}

interface MeetingParts {
  readonly records: Pick<Matching, "find" | "forget">;
  readonly people: Pick<People, "byIds">;
}

/**
 * Asks sources for persons, on behalf of staff. Some may turn out to be one with another: whom more leads to than to
 * each of them, and whose restrictions and consents are those of both. As much is asked for each of `unknown` who is nobody.
 */
export async function meetAll(
  parts: MeetingParts,
  persons: readonly Person[],
  viewer: Viewer,
  sources: readonly string[],
  unknown = 0,
): Promise<readonly Met[]> {
  const nobodies = Array.from({ length: unknown }, () => nobody(viewer));
  const asked = [...persons.map((person) => ({ ...person, viewer })), ...nobodies];
  const states = await Promise.all(asked.map((subject) => statesOf(parts, subject, sources)));
  const now = await parts.people.byIds(asked.map(({ id }) => id));
  const before = new Map(persons.map((person, at) => [person.id, { person, states: states[at] ?? [] }]));
  const same = now.every(({ id, identity }) => {
    const known = before.get(id)?.person.identity.identifiers.length;
    return known === identity.identifiers.length;
  });
  if (!same || now.length < persons.length) {
    parts.records.forget();
    return meetAll(parts, now, viewer, sources);
  }
  return now.map((person) => ({
    subject: { ...person, viewer },
    states: before.get(person.id)?.states ?? [],
  }));
}

/** Asks for somebody whom no system knows as much as is asked for somebody. */
export async function meetNobody(
  parts: MeetingParts,
  viewer: Viewer,
  sources: readonly string[],
): Promise<readonly SourceState[]> {
  const madeUp = nobody(viewer);
  const states = await statesOf(parts, madeUp, sources);
  await parts.people.byIds([madeUp.id]);
  return states;
}

function nobody(viewer: Viewer): Subject {
  return {
    id: randomUUID(),
    identity: { identifiers: [{ kind: "EMAIL", value: `${randomUUID()}@nobody.invalid` }] },
    links: new Map(),
    corrected: new Map(),
    notTheirs: new Set(),
    shown: [],
    proven: false,
    referred: new Map(),
    underReview: new Set(),
    erasingIn: new Set(),
    keptIn: new Set(),
    withheldIn: new Set(),
    lastErasure: null,
    standing: { restrictedIn: new Set(), consents: new Set(), objections: new Set() },
    viewer,
  };
}

const statesOf = ({ records }: MeetingParts, subject: Subject, sources: readonly string[]) =>
  Promise.all(
    sources.map(async (source): Promise<SourceState> => {
      try {
        return { source, state: (await records.find(source, subject)).state };
      } catch (failure) {
        if (!(failure instanceof SourceUnavailable)) throw failure;
        return { source, state: "UNAVAILABLE", failure };
      }
    }),
  );
