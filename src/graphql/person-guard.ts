import type { GraphQLError, GraphQLResolveInfo } from "graphql";
import type { PersonalLabel } from "../access/labels.ts";
import { mayRead } from "../access/decide.ts";
import { rowRefusal } from "../access/row-guard.ts";
import type { Subject } from "../sources/data-subject.ts";
import type { GatewayContext } from "./context.ts";
import { fault } from "./faults.ts";
import { permits, type Policies } from "./policies.ts";
import { coordinatesWithin } from "./selection.ts";

export type PersonGuard = (
  subject: Subject,
  context: GatewayContext,
  info: GraphQLResolveInfo,
) => Promise<true | GraphQLError>;

interface Branch {
  /** Also what `@skip` and `@include` leave out: what may not be read is not named. */
  readonly coordinates: ReadonlySet<string>;
  readonly labels: readonly PersonalLabel[];
  readonly read: ReadonlySet<string>;
}

/**
 * Who may enter a branch of a person: the person, and staff in the capacity in which they came, unless the person's
 * own decisions stand against it. Refuses the branch, not the person, and notes for the trail what was let through.
 */
export function createPersonGuard(policies: Policies): PersonGuard {
  const branches = new WeakMap<object, Branch>();
  const branchOf = (info: GraphQLResolveInfo): Branch => {
    // The nodes of one field are one array for the whole execution, however many persons there are.
    let branch = branches.get(info.fieldNodes);
    if (!branch) branches.set(info.fieldNodes, (branch = readBranch(info, policies)));
    return branch;
  };
  return async (subject, context, info) => {
    const { principal, self, looks } = context;
    const { viewer } = subject;
    if (principal === null) return fault("UNAUTHENTICATED");
    if (viewer?.as === "own") {
      const own = principal.roles.has("SUBJECT") ? await self() : null;
      return (own !== null && own.id === subject.id) || fault("FORBIDDEN");
    }
    const cameAsStaff =
      viewer?.as === "staff" && [...viewer.roles].every((role) => principal.roles.has(role));
    if (!cameAsStaff) return fault("FORBIDDEN");
    const { coordinates, labels, read } = branchOf(info);
    const permitted = [...coordinates].every((coordinate) => {
      const policy = policies.get(coordinate);
      return policy !== undefined && permits(policy, principal.roles, viewer);
    });
    if (!permitted) return fault("FORBIDDEN");
    const readable = labels.filter((label) => mayRead(viewer, label));
    const refusal = rowRefusal(viewer, readable, subject.standing);
    if (refusal === null) looks.read(viewer, subject.id, { coordinates: read, path: info.path });
    else looks.refused(viewer, subject.id, coordinates, refusal);
    return refusal === null || fault(refusal, {}, { status: 200 });
  };
}

/** The labels of what is selected; where that says nothing itself, of all that the branch leads to. */
function readBranch(info: GraphQLResolveInfo, policies: Policies): Branch {
  const coordinates = coordinatesWithin(info);
  const selected = [...coordinates].flatMap((coordinate) => policies.get(coordinate) ?? []);
  const own = selected.flatMap(({ label }) => (label.kind === "personal" ? [label] : []));
  const labels = own.length > 0 ? own : selected.flatMap(({ within }) => within);
  return { coordinates, labels, read: coordinatesWithin(info, { onlyIncluded: true }) };
}
