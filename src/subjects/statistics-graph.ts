import {
  Arg,
  Ctx,
  Field,
  FieldResolver,
  Int,
  ObjectType,
  Query,
  registerEnumType,
  Resolver,
  Root,
} from "type-graphql";
import { OpenTo } from "../access/annotate.ts";
import { names, StatisticsDimension } from "../access/vocabulary.ts";
import { DateTime } from "../sources/scalars.ts";
import type { KeptCounts } from "./statistics-rows.ts";

/** Why persons are not counted, whether or not there are any. */
export const NotCounted = names(["OBJECTION", "RESTRICTION", "NO_CONSENT", "NO_RECORD"]);
export type NotCounted = keyof typeof NotCounted;

/** One source's counts, to be made when they are asked for. */
export interface CountsOfSource {
  readonly source: string;
  readonly minimumGroupSize: number;
  readonly notCounted: readonly NotCounted[];
  /** Rejects with `SourceUnavailable`. */
  readonly load: () => Promise<KeptCounts>;
}

export interface StatisticsContext {
  /** Of each source that the caller's role has to do with. Decided and recorded before it resolves. */
  readonly statistics: (by: StatisticsDimension) => Promise<readonly CountsOfSource[]>;
}

registerEnumType(StatisticsDimension, {
  name: "StatisticsDimension",
  description: "What persons are counted by.",
});
registerEnumType(NotCounted, {
  name: "NotCounted",
  description: "Who is left out of counts of persons.",
  valuesConfig: {
    OBJECTION: { description: "Objects to `STATISTICS` (GDPR Art. 21), also while it is not decided." },
    RESTRICTION: {
      description: "Has had the processing restricted (Art. 18), or is being erased (Art. 17).",
    },
    NO_CONSENT: {
      description: "Has not said yes to the purpose that the data is held for, or has taken it back.",
    },
    NO_RECORD: { description: "Left data in the system without a record of theirs: guests." },
  },
});

@ObjectType({ simpleResolvers: true, description: "Persons who have something in common." })
@OpenTo("MARKETING", "TRAINING", "EVENTS", "AUDITOR")
export class StatisticsGroup {
  @Field(() => String, {
    nullable: true,
    description:
      "Null: the system does not say. Of what is suppressed: one entry for all groups whose names would tell who is in them.",
  })
  name!: string | null;

  @Field(() => DateTime, { nullable: true, description: "Of an event: when it starts." })
  at!: string | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "Rounded up or down to a multiple of `minimumGroupSize`: less than that away from how many there are. Null: suppressed.",
  })
  count!: number | null;

  @Field(() => Boolean, {
    description:
      "Of fewer than `minimumGroupSize` persons, or the smallest of the other groups, which would tell of those by subtraction.",
  })
  suppressed!: boolean;
}

@ObjectType({ simpleResolvers: true })
@OpenTo("MARKETING", "TRAINING", "EVENTS", "AUDITOR")
export class StatisticsCounts {
  @Field(() => DateTime, {
    description: "When it was counted. It is done anew after 24 hours at the earliest.",
  })
  asOf!: Date;

  @Field(() => [StatisticsGroup], { description: "One person may be in several." })
  groups!: readonly StatisticsGroup[];
}

@ObjectType({ description: "Counts of persons in one system: of nobody in particular." })
@OpenTo("MARKETING", "TRAINING", "EVENTS", "AUDITOR")
export class Statistics implements CountsOfSource {
  @Field(() => String, { description: "As in `Holding.source`.", simple: true })
  source!: string;

  @Field(() => Int, { simple: true })
  minimumGroupSize!: number;

  @Field(() => [NotCounted], {
    simple: true,
    description: "Who is left out, whether or not there is anybody.",
  })
  notCounted!: readonly NotCounted[];

  load!: CountsOfSource["load"];
}

@Resolver(() => Statistics)
export class StatisticsGraph {
  @FieldResolver(() => StatisticsCounts, {
    nullable: true,
    description:
      "Null, with `SOURCE_UNAVAILABLE`: the system could not answer, or those who are not to be counted could not be told from the others.",
  })
  @OpenTo("MARKETING", "TRAINING", "EVENTS", "AUDITOR")
  async counts(@Root() { load }: Statistics): Promise<StatisticsCounts> {
    const { groups, madeAt } = await load();
    return { asOf: madeAt, groups: groups.map((group) => ({ ...group, suppressed: group.count === null })) };
  }
}

@Resolver()
export class StatisticsQueries {
  @Query(() => [Statistics], {
    description:
      "How many persons, by event, course, list or country, in each connected system that can tell and that the caller's role has to do with. Anonymous (recital 26): small groups are suppressed, counts rounded, and counted once a day.",
  })
  @OpenTo("MARKETING", "TRAINING", "EVENTS", "AUDITOR")
  statistics(
    @Arg("by", () => StatisticsDimension) by: StatisticsDimension,
    @Ctx() { statistics }: StatisticsContext,
  ): Promise<readonly CountsOfSource[]> {
    return statistics(by);
  }
}
