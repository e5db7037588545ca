import { legalBases } from "../access/policy.ts";
import type { StatisticsDimension } from "../access/vocabulary.ts";
import type { CountedGroup } from "../sources/contract.ts";
import type { SourceReader } from "../sources/loader.ts";
import type { Dimension } from "../sources/module.ts";
import { dbOf } from "../store/tables.ts";
import { shownGroups } from "./disclosure-control.ts";
import type { Matchings } from "./matchings.ts";
import { whomToCount } from "./not-counted.ts";
import type { People, RegisterParts } from "./people.ts";
import { keepCounts, keptCounts, type KeptCounts } from "./statistics-rows.ts";

export interface StatisticsParts {
  readonly register: RegisterParts;
  readonly people: People;
  readonly matchings: Matchings;
  readonly newReader: () => SourceReader;
  /** At least 2. */
  readonly minimumGroupSize: number;
}

/** Anonymous counts of persons. */
export interface Statistics {
  readonly minimumGroupSize: number;
  /** What may be shown, counted at most once a day. Rejects with `SourceUnavailable`. */
  counts(source: string, by: StatisticsDimension, dimension: Dimension): Promise<KeptCounts>;
}

/** The purpose whose yes a person is counted by; null: none is needed. */
export const consentFor = ({ label: { purposes } }: Pick<Dimension, "label">) =>
  legalBases[purposes[0]] === "CONSENT" ? purposes[0] : null;

export function createStatistics({
  register,
  people,
  matchings,
  newReader,
  minimumGroupSize,
}: StatisticsParts): Statistics {
  const db = dbOf(register.store);
  const hash = register.keyring.hash("statistics");
  /** Whoever asks while it is counted waits for the same count. */
  const running = new Map<string, Promise<KeptCounts>>();
  const countAnew = async (source: string, by: StatisticsDimension, dimension: Dimension) => {
    const reader = newReader();
    const { records } = matchings(reader);
    const whom = await whomToCount({ db, people, records }, source, consentFor(dimension));
    const { collection, name, at, namedBy } = dimension;
    const groups = await reader.countBy(source, { dimension: by, collection, name, at, whom });
    const draw = (group: CountedGroup) =>
      fractionOf(hash(by, source, JSON.stringify([group, minimumGroupSize])));
    const kept = { dimension: by, source, minimumGroupSize };
    await keepCounts(db, kept, shownGroups(groups, { minimumGroupSize, namedBy, draw }));
    const shown = await keptCounts(db, kept);
    if (!shown) throw new Error("counts that were just kept are gone");
    return shown;
  };
  return {
    minimumGroupSize,
    async counts(source, by, dimension) {
      const known = await keptCounts(db, { dimension: by, source, minimumGroupSize });
      if (known) return known;
      const key = `${by} ${source}`;
      const counting =
        running.get(key) ?? countAnew(source, by, dimension).finally(() => running.delete(key));
      running.set(key, counting);
      return counting;
    },
  };
}

/** From 0 up to 1, as even as the hash. */
const fractionOf = (hash: string) => Number.parseInt(hash.slice(0, 12), 16) / 2 ** 48;
