import { expect } from "vitest";
import { Purpose } from "../../../src/access/vocabulary.ts";
import { argumentsOf } from "./arguments.ts";
import { type Call, type Delivery, requestOf } from "./deliveries.ts";
import type { EntryPoint } from "./entry-points.ts";
import * as expected from "./expected.ts";
import { type Caller, callers } from "./persons.ts";
import { countFields, project, prune, type Tree } from "./selections.ts";
import { type Named, type Stage, treeOfPoint, whomOf } from "./stage.ts";

const purposes = Object.values(Purpose);

const outcomesByName: Readonly<Record<string, typeof expected.dataSubject>> = {
  dataSubject: expected.dataSubject,
  findDataSubjects: expected.findDataSubjects,
  _entities: expected.entities,
};

/** Who may enter a way in for a purpose, and all that they may select through it. */
export interface Allowed {
  readonly caller: Caller;
  readonly purpose: Purpose;
  readonly selection: Tree;
}

/** For whom a way in is open at all, with all that they may select through it. */
export function allowedThrough(point: EntryPoint): readonly Allowed[] {
  const tree = treeOfPoint(point) ?? expect.fail();
  return callers.flatMap((caller) =>
    purposes.flatMap((purpose): Allowed[] => {
      const capacity = expected.capacityOf(caller, purpose);
      if (!expected.reference.mayRead(capacity, `Query.${point.name}`)) return [];
      const open = prune(tree, (coordinate) => expected.reference.mayRead(capacity, coordinate));
      const selection =
        tree.type === "DataSubject"
          ? expected.personSelection(tree, capacity)
          : open && {
              ...open,
              members: tree.members.flatMap((member) => expected.personSelection(member, capacity) ?? []),
              fields: open.fields.map((branch) => ({
                ...branch,
                below:
                  branch.name === "subject" && branch.below
                    ? expected.personSelection(branch.below, capacity)
                    : branch.below,
              })),
            };
      return selection ? [{ caller, purpose, selection }] : [];
    }),
  );
}

/** As many at once as an operation may hold. */
function inOperations(named: readonly Named[], selection: Tree): readonly (readonly Named[])[] {
  const size = Math.max(1, Math.min(8, Math.floor(450 / (countFields(selection) + 1))));
  return Array.from({ length: Math.ceil(named.length / size) }, (_, i) =>
    named.slice(i * size, (i + 1) * size),
  );
}

/** Every person named is shown as far as the policy and the person's own word allow, and no further. */
export async function expectShown(
  stage: Pick<Stage, "attack" | "expectNoLeak">,
  point: EntryPoint,
  { caller, purpose, selection }: Allowed,
  named: readonly Named[],
  delivery: Delivery,
): Promise<void> {
  const outcomeOf = outcomesByName[point.name] ?? expect.fail(point.name);
  const capacity = expected.capacityOf(caller, purpose);
  for (const some of inOperations(named, selection)) {
    const calls = some.map((whom, n): Call => {
      return {
        alias: `a${n}`,
        field: point.name,
        given: argumentsOf(point, whomOf(whom), purpose),
        selection,
      };
    });
    const request = { ...requestOf("Query", calls, delivery), purpose };
    const answer = await stage.attack(caller, request);
    const outcomes = some.map(({ target, whole }, n) =>
      outcomeOf(selection, target, whole, capacity, `a${n}`),
    );
    const { data, errors = [] } = answer;
    const shown = calls.map(({ alias }) =>
      project(selection.members[0] ?? selection, (data as Record<string, unknown>)?.[alias], "answer"),
    );
    const where = `${caller.name} for ${purpose}, ${delivery}: ${some.map(({ name }) => name).join()}`;
    expect({
      where,
      shown,
      errors: Object.fromEntries(errors.map(({ path, extensions }) => [path?.join("."), extensions.code])),
    }).toEqual({
      where,
      shown: outcomes.map((outcome) => outcome.data),
      errors: Object.assign({}, ...outcomes.map((outcome) => outcome.errors)),
    });
    stage.expectNoLeak(answer, request);
  }
}
