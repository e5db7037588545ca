import { type GraphQLResolveInfo, responsePathAsArray } from "graphql";
import type { AuditEvent } from "../audit/entry.ts";
import type { RowRefusal } from "../access/row-guard.ts";
import type { Purpose, Role } from "../access/vocabulary.ts";
import type { Viewer } from "../sources/data-subject.ts";
import { actingRole, lookedAt } from "./operation-check.ts";
import type { Look } from "./operation-check.ts";
import type { Policies } from "./policies.ts";

/** What was read, or refused, of one person through one field of the operation's root. */
export interface NotedLook extends Look {
  readonly event: AuditEvent;
  /** Whose right it was; of what was refused, who asked. */
  readonly actorRole: Role | null;
  /** Null: the field led to nobody. */
  readonly subjectId: string | null;
  readonly purpose: Purpose;
}

type Path = GraphQLResolveInfo["path"];

interface Read {
  readonly coordinates: Iterable<string>;
  /** Where in the answer it will stand. */
  readonly path: Path;
  /** Sources that the answer is from, where its labels cannot say. */
  readonly sources?: readonly string[];
}

interface Seen {
  readonly read: Read[];
  readonly refused: Set<string>;
}

/** Whether what stands at a place of the answer was given out, rather than lost to an error. */
export type Delivered = (path: readonly (string | number)[]) => boolean;

/** Sources that were asked for a viewer, and hold something of a person. */
export type Answered = (viewer: Viewer, subjectId: string) => readonly string[];

/** What is worked out from every source that holds the person is a look at each that was asked. */
export function withAnswered<L extends Pick<Look, "sources" | "acrossSources">>(
  look: L,
  answered: Answered,
  viewer: Viewer,
  subjectId: string | null,
): L {
  if (!look.acrossSources || subjectId === null) return look;
  return { ...look, sources: [...new Set([...look.sources, ...answered(viewer, subjectId)])] };
}

/** What one operation comes upon where that shows only as it runs: person by person, and only what the guards let through. */
export class LookLog {
  readonly #seen = new Map<Viewer, Map<string | null, Seen>>();
  readonly #onRefusal: (code: RowRefusal) => void;

  constructor(onRefusal: (code: RowRefusal) => void) {
    this.#onRefusal = onRefusal;
  }

  read(viewer: Viewer, subjectId: string | null, read: Read): void {
    this.#of(viewer, subjectId).read.push(read);
  }

  refused(viewer: Viewer, subjectId: string, coordinates: Iterable<string>, code: RowRefusal): void {
    this.#onRefusal(code);
    const { refused } = this.#of(viewer, subjectId);
    for (const coordinate of coordinates) refused.add(coordinate);
  }

  /** Of what was read, so much as was `delivered`. */
  looks(policies: Policies, delivered: Delivered, answered: Answered): readonly NotedLook[] {
    const looks: NotedLook[] = [];
    for (const [viewer, persons] of this.#seen) {
      const look = (
        event: AuditEvent,
        subjectId: string | null,
        coordinates: ReadonlySet<string>,
        named: readonly string[] = [],
      ) => {
        const actorRole = actingRole(viewer, coordinates, policies);
        const { as, purpose } = viewer;
        const seen = withAnswered(lookedAt(coordinates, policies), answered, viewer, subjectId);
        // What says nothing of a person is no look at one.
        if (subjectId !== null && seen.coordinates.length === 0) return;
        const sources = [...new Set([...seen.sources, ...named])];
        looks.push({ event, actorRole, subjectId, as, purpose, ...seen, sources });
      };
      for (const [subjectId, { read, refused }] of persons) {
        const shown = read.filter(({ path }) => subjectId === null || delivered(responsePathAsArray(path)));
        const coordinates = new Set(shown.flatMap((each) => [...each.coordinates]));
        if (subjectId === null) look("SEARCHED", null, coordinates);
        else if (shown.length > 0)
          look(
            "READ",
            subjectId,
            coordinates,
            shown.flatMap(({ sources = [] }) => sources),
          );
        if (refused.size > 0) look("REFUSED", subjectId, refused);
      }
    }
    return looks;
  }

  #of(viewer: Viewer, subjectId: string | null): Seen {
    const persons = this.#seen.get(viewer) ?? new Map<string | null, Seen>();
    this.#seen.set(viewer, persons);
    const seen = persons.get(subjectId) ?? { read: [], refused: new Set() };
    persons.set(subjectId, seen);
    return seen;
  }
}
