import { mayCount } from "../access/decide.ts";
import type { Role, StatisticsDimension } from "../access/vocabulary.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { Dimension } from "../sources/module.ts";
import type { ConnectedSource } from "../subjects/ask.ts";
import { consentFor, type Statistics } from "../subjects/statistics.ts";
import { type CountsOfSource, NotCounted } from "../subjects/statistics-graph.ts";
import type { GatewayContext } from "./context.ts";
import { fault } from "./faults.ts";
import { rolesAs } from "./operation-check.ts";

type Asking = Pick<GatewayContext, "principal" | "actorRef" | "requestId">;

interface Counted {
  readonly source: string;
  readonly dimension: Dimension;
}

/** Statistics for those whose work they are about, recorded before they are given out: a look at no person. */
export function createStatisticsLook(
  trail: Pick<AuditTrail, "record">,
  connected: readonly ConnectedSource[],
  statistics: Statistics,
) {
  return (asking: Asking) =>
    async (by: StatisticsDimension): Promise<readonly CountsOfSource[]> => {
      const roles: ReadonlySet<Role> = asking.principal ? rolesAs("staff", asking.principal) : new Set();
      const having = connected.flatMap(({ key, dimensions }): Counted[] => {
        const dimension = dimensions?.[by];
        return dimension ? [{ source: key, dimension }] : [];
      });
      const open = having.filter(({ dimension }) => mayCount(roles, dimension));
      const isRefused = having.length > 0 && open.length === 0;
      await record(trail, asking, roles, by, isRefused ? having : open, isRefused);
      if (isRefused) throw fault("FORBIDDEN", { coordinates: ["Query.statistics"] });
      return open.map(({ source, dimension }) => ({
        source,
        minimumGroupSize: statistics.minimumGroupSize,
        notCounted: Object.values(NotCounted).filter(
          (reason) => reason !== "NO_CONSENT" || consentFor(dimension) !== null,
        ),
        load: () => statistics.counts(source, by, dimension),
      }));
    };
}

function record(
  trail: Pick<AuditTrail, "record">,
  { actorRef, requestId }: Asking,
  roles: ReadonlySet<Role>,
  by: StatisticsDimension,
  counted: readonly Counted[],
  isRefused: boolean,
): Promise<void> {
  const isTheirs = (role: Role) =>
    isRefused || counted.some(({ dimension }) => mayCount(new Set([role]), dimension));
  return trail.record({
    event: isRefused ? "REFUSED" : "COUNTED",
    actorRole: [...roles].find(isTheirs) ?? null,
    actorRef,
    actorName: null,
    subjectRef: null,
    purpose: "STATISTICS",
    requestId,
    coordinates: ["Query.statistics"],
    categories: [...new Set(counted.map(({ dimension }) => dimension.label.category))],
    sources: counted.map(({ source }) => source),
    detail: by,
  });
}
