import type { AuditEvent } from "../audit/entry.ts";
import type { Purpose } from "../access/vocabulary.ts";
import type { Viewer } from "../sources/data-subject.ts";
import { lookedAt } from "./operation-check.ts";
import type { Look } from "./operation-check.ts";
import type { Policies } from "./policies.ts";

/** What was read, or refused, of one person through one field of the operation's root. */
export interface StaffLook extends Pick<Look, "coordinates" | "categories" | "sources"> {
  readonly event: AuditEvent;
  readonly viewer: Viewer;
  /** Null: the field led to nobody. */
  readonly subjectId: string | null;
  readonly purpose: Purpose;
}

interface Seen {
  readonly read: Set<string>;
  readonly refused: Set<string>;
}

/** What staff come upon in one operation: person by person, and only what the guards let through. */
export class LookLog {
  readonly #seen = new Map<Viewer, Map<string | null, Seen>>();

  read(viewer: Viewer, subjectId: string | null, coordinates: Iterable<string>): void {
    const { read } = this.#of(viewer, subjectId);
    for (const coordinate of coordinates) read.add(coordinate);
  }

  refused(viewer: Viewer, subjectId: string, coordinates: Iterable<string>): void {
    const { refused } = this.#of(viewer, subjectId);
    for (const coordinate of coordinates) refused.add(coordinate);
  }

  looks(policies: Policies): readonly StaffLook[] {
    return [...this.#seen].flatMap(([viewer, persons]) =>
      [...persons].flatMap(([subjectId, { read, refused }]) => {
        const about = { viewer, subjectId, purpose: viewer.purpose };
        const event = subjectId === null ? "SEARCHED" : "READ";
        const looks: StaffLook[] = [{ ...about, event, ...lookedAt(read, policies) }];
        if (refused.size > 0) looks.push({ ...about, event: "REFUSED", ...lookedAt(refused, policies) });
        return looks;
      }),
    );
  }

  #of(viewer: Viewer, subjectId: string | null): Seen {
    const persons = this.#seen.get(viewer) ?? new Map<string | null, Seen>();
    this.#seen.set(viewer, persons);
    const seen = persons.get(subjectId) ?? { read: new Set(), refused: new Set() };
    persons.set(subjectId, seen);
    return seen;
  }
}
