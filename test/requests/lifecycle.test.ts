import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  lifecycle,
  type LifecycleEvent,
  moved,
  nextStatus,
  WrongState,
} from "../../src/requests/lifecycle.ts";
import { finalStatuses, isFinal, RequestKind, RequestStatus } from "../../src/requests/vocabulary.ts";

const events = Object.keys(lifecycle) as LifecycleEvent[];
const kinds = Object.keys(RequestKind) as RequestKind[];
const statuses = Object.keys(RequestStatus) as RequestStatus[];
const anyKind = fc.constantFrom(...kinds);
const history = fc.array(fc.constantFrom(...events), { maxLength: 12 });

describe("the lifecycle", () => {
  it("answers for every event, kind and status, and says the same whichever way it is asked", () => {
    for (const event of events)
      for (const kind of kinds)
        for (const status of ["NEW", ...statuses] as const) {
          const next = nextStatus(event, { kind, status });
          if (next === null) expect(() => moved(event, { kind, status })).toThrow(WrongState);
          else expect(statuses).toContain(moved(event, { kind, status }));
        }
  });

  it("lets nothing leave a final status, but a copy that is to be made again before it is fetched", () => {
    const left = events.flatMap((event) =>
      kinds.flatMap((kind) =>
        finalStatuses
          .map((status) => ({ event, kind, status, next: nextStatus(event, { kind, status }) ?? status }))
          .filter(({ status, next }) => next !== status),
      ),
    );
    expect(left).toEqual(
      (["ACCESS", "PORTABILITY"] as const).map((kind) => ({
        event: "GATHERED_ANEW",
        kind,
        status: "COMPLETED",
        next: "RUNNING",
      })),
    );
  });

  /** All that can come of a status. */
  const reachable = (kind: RequestKind, from: RequestStatus | "NEW") => {
    const found = new Set<RequestStatus>();
    const next = [from];
    for (let status = next.pop(); status; status = next.pop())
      for (const event of events) {
        const to = nextStatus(event, { kind, status });
        if (to === null || found.has(to)) continue;
        found.add(to);
        next.push(to);
      }
    return found;
  };

  it.each(kinds)("of %s comes to an end from everywhere, and everywhere that it may", (kind) => {
    const all = reachable(kind, "NEW");
    expect([...all].sort()).toEqual(
      statuses.filter((status) => kind === "ERASURE" || status !== "SCHEDULED").sort(),
    );
    for (const status of all)
      expect(isFinal({ status }) || [...reachable(kind, status)].some((to) => isFinal({ status: to }))).toBe(
        true,
      );
  });

  it("does nothing before who asks is known, and what must be decided is", () => {
    fc.assert(
      fc.property(anyKind, history, (kind, later) => {
        let status: RequestStatus = "AWAITING_IDENTITY";
        const said = new Set<LifecycleEvent>();
        for (const event of later) {
          const next = nextStatus(event, { kind, status });
          if (next === null) continue;
          said.add(event);
          status = next;
        }
        const isDone = status === "COMPLETED" || status === "COMPLETED_WITH_RETENTION";
        if (isDone && !said.has("TURNED_DOWN"))
          expect([...said]).toEqual(expect.arrayContaining(["IDENTITY_ESTABLISHED"]));
        if (status === "RUNNING")
          expect(said.has("CARRIED_OUT") || said.has("APPROVED") || said.has("TURNED_DOWN")).toBe(true);
      }),
    );
  });
});
