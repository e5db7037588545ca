import { type ErasableType, ownRecord } from "../sources/writes.ts";
import type { ConnectedSource } from "../subjects/ask.ts";
import { writtenFor } from "./consent-steps.ts";
import type { PlanItem } from "./erasure-plan.ts";
import type { Holding } from "./erasure-read.ts";
import { mayBeKept } from "./kept.ts";
import type { StepRow } from "./rows.ts";
import { type NewStep, ownSource } from "./step.ts";
import type { StepAction } from "./vocabulary.ts";

/** What the gateway does itself: ends every yes of the person, and in the end forgets them. */
export const consentsEnded = "CONSENTS";
export const personForgotten = "PERSON";

/** Positions within one source; one that leads to others comes as many times later. */
const positions = { consents: 0, suppress: 1, read: 2, keep: 3, erase: 10, verify: 90, next: 100 } as const;
const atTheEnd = 10_000;

/**
 * Everything that an erasure takes, in its order (GDPR Art. 17): nobody is written to any more; what names the person is
 * captured in every source before anything goes; what the law keeps is marked; dependants go before what they hang on; the
 * source that leads to others goes after them; each is verified; recipients are told (Art. 19), and the person; the gateway's
 * own traces go last. Sources do not wait for each other but for those that they lead to.
 */
export function erasureSteps(
  connected: readonly ConnectedSource[],
  items: readonly PlanItem[],
  sources: readonly string[] | null,
  notices: readonly NewStep[],
): readonly NewStep[] {
  const concerned = connected.filter(({ key }) => sources === null || sources.includes(key));
  return [
    { source: ownSource, action: "SUPPRESS", recordType: consentsEnded, position: positions.consents },
    ...concerned.flatMap((module) =>
      stepsIn(
        module,
        depthOf(module, concerned),
        items.filter(({ source }) => source === module.key),
      ),
    ),
    ...notices.map((notice) => ({ ...notice, position: atTheEnd })),
    { source: ownSource, action: "ERASE", recordType: personForgotten, position: atTheEnd + 1 },
  ];
}

function stepsIn(
  { key: source, capabilities, labels, leadsTo }: ConnectedSource,
  depth: number,
  items: readonly PlanItem[],
): readonly NewStep[] {
  const unknown = items.some(({ action }) => action === "UNAVAILABLE");
  const from = depth * positions.next;
  const own = { source, lane: source };
  // Where it leads to others, it waits for them as well; it must have been read all the same before they go.
  const later = { source, lane: [source, ...leadsTo].join(" ") };
  const kept = capabilities.erases.filter(({ recordType }) =>
    unknown
      ? mayBeKept(labels[recordType])
      : items.some((item) => item.recordType === recordType && item.action === "RETAIN_RESTRICTED"),
  );
  const erasable = capabilities.erases.length > 0 ? capabilities.erases : byHand;
  const erased = erasable.filter(
    ({ recordType }) =>
      recordType === ownRecord ||
      unknown ||
      items.some((item) => item.recordType === recordType && item.action !== "RETAIN_RESTRICTED"),
  );
  const isHeld = items.length > 0;
  return [
    ...(capabilities.suppresses && isHeld
      ? [{ ...own, action: "SUPPRESS", position: positions.suppress, work: { purpose: writtenFor } } as const]
      : []),
    ...(isHeld
      ? [
          { ...own, action: "READ", position: positions.read } as const,
          ...kept.map(({ recordType }): NewStep => ({
            ...later,
            action: "RESTRICT",
            recordType,
            position: from + positions.keep,
          })),
          ...erased.map(({ recordType, manner }, at): NewStep => ({
            ...later,
            action: manner,
            recordType,
            position: from + positions.erase + at,
          })),
        ]
      : []),
    { ...later, action: "VERIFY", position: from + positions.verify },
  ];
}

/**
 * What a source is found to have when it is read, and had nothing of when the plan was made, which may be days before: that the
 * law keeps it is written down and marked before anything goes, and what goes is accounted for, as if it had been planned.
 */
export function stepsSincePlan(
  steps: readonly StepRow[],
  { key: source, capabilities }: Pick<ConnectedSource, "key" | "capabilities">,
  { tally, kept }: Pick<Holding, "tally" | "kept">,
): readonly NewStep[] {
  const there = steps.filter((step) => step.source === source);
  const verify = there.find(({ action }) => action === "VERIFY");
  if (!verify) return [];
  const from = verify.position - positions.verify;
  const later = { source, ...(verify.lane !== null && { lane: verify.lane }) };
  return capabilities.erases.flatMap(({ recordType, manner }, at): NewStep[] => {
    const isPlanned = (actions: readonly StepAction[]) =>
      there.some((step) => step.record_type === recordType && actions.includes(step.action));
    const keeps = sum(kept.groups.filter((group) => group.recordType === recordType));
    const goes = (tally.get(recordType) ?? 0) > keeps;
    return [
      ...(keeps > 0 && !isPlanned(["RESTRICT"])
        ? [{ ...later, action: "RESTRICT", recordType, position: from + positions.keep } as const]
        : []),
      ...(goes && !isPlanned(["ERASE", "ANONYMISE"])
        ? [{ ...later, action: manner, recordType, position: from + positions.erase + at } as const]
        : []),
    ];
  });
}

const sum = (groups: readonly { readonly count: number }[]) =>
  groups.reduce((total, { count }) => total + count, 0);

/** A system that cannot be made to forget is for staff. */
const byHand: readonly ErasableType[] = [{ recordType: ownRecord, manner: "ERASE" }];

/** How many sources one after the other it leads to. */
function depthOf(
  module: ConnectedSource,
  all: readonly ConnectedSource[],
  passed: readonly string[] = [],
): number {
  const next = all.filter(({ key }) => module.leadsTo.includes(key) && !passed.includes(key));
  return Math.max(0, ...next.map((each) => 1 + depthOf(each, all, [...passed, module.key])));
}
