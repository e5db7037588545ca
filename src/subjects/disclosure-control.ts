import type { CountedGroup } from "../sources/contract.ts";
import type { Dimension } from "../sources/module.ts";

/** A group as it may be shown. */
export interface ShownGroup {
  /** Null: the rows say nothing; of what is suppressed also that names would tell too much. */
  readonly name: string | null;
  readonly at: string | null;
  /** A multiple of the smallest group's size, less than that away from how many persons there are; null: suppressed. */
  readonly count: number | null;
}

export interface DisclosureRule extends Pick<Dimension, "namedBy"> {
  /** Smaller groups are suppressed, and smaller differences rounded away. At least 2. */
  readonly minimumGroupSize: number;
  /** From 0 up to 1, for a group of so many: always the same for the same, and known to nobody. */
  readonly draw: (group: CountedGroup) => number;
}

/**
 * What of exact counts may be shown. A group that is too small is suppressed, and with it always the smallest of the
 * others: were it alone, it would be told by whoever knows the sum (complementary suppression). Counts are rounded up or
 * down by a draw, so that one person more or less shows in none of them for certain.
 */
export function shownGroups(
  groups: readonly CountedGroup[],
  { minimumGroupSize, namedBy, draw }: DisclosureRule,
): readonly ShownGroup[] {
  const rising = groups.toSorted((a, b) => a.persons - b.persons);
  const tooSmall = rising.filter(({ persons }) => persons < minimumGroupSize).length;
  const suppressed = new Set(rising.slice(0, tooSmall === 0 ? 0 : tooSmall + 1));
  const shown = groups.flatMap((group): ShownGroup[] => {
    const { name, at } = group;
    if (!suppressed.has(group)) return [{ name, at, count: rounded(group, minimumGroupSize, draw) }];
    return namedBy === "PERSONS" ? [] : [{ name, at, count: null }];
  });
  const hidesNames = namedBy === "PERSONS" && suppressed.size > 0;
  // One for all of them: how many there are would tell of their names.
  return hidesNames ? [...shown, { name: null, at: null, count: null }] : shown;
}

/** Right on average (unbiased random rounding). */
function rounded(group: CountedGroup, base: number, draw: DisclosureRule["draw"]): number {
  const beyond = group.persons % base;
  const isUp = draw(group) < beyond / base;
  return group.persons - beyond + (isUp ? base : 0);
}
