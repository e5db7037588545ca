import type { GraphQLResolveInfo } from "graphql";
import {
  Arg,
  Args,
  Ctx,
  Field,
  FieldResolver,
  Info,
  Int,
  ObjectType,
  Query,
  registerEnumType,
  Resolver,
  Root,
} from "type-graphql";
import { Container, EntersAsStaff, Personal } from "../access/annotate.ts";
import { Purpose } from "../access/vocabulary.ts";
import { defaultPageSize, PageArguments, PageInfo } from "../sources/connection.ts";
import type { Identifier as FoundBy } from "../sources/contract.ts";
import { DataSubject, type Subject, type Viewer } from "../sources/data-subject.ts";
import { MatchProblem } from "../sources/match.ts";
import { DateTime } from "../sources/scalars.ts";
import { Identifier } from "./holdings-graph.ts";
import { awaitingReview } from "./labels.ts";
import type { Review, Reviews } from "./reviews.ts";
import { RowRefused } from "./row-refused.ts";
import type { StaffContext } from "./staff-graph.ts";

/** What resolvers of the work list need of the operation's context. */
export interface ReviewContext extends StaffContext {
  readonly reviews: Reviews;
  /** For the trail: whose part of the answer was kept back. */
  readonly keptBack: (viewer: Viewer, refused: RowRefused, info: GraphQLResolveInfo) => void;
}

registerEnumType(MatchProblem, {
  name: "MatchProblem",
  description: "Why staff must look at a match before anything of it is shown.",
  valuesConfig: {
    SEVERAL_RECORDS: { description: "Several records of the source answer to the person." },
    CLAIMED_BY_ANOTHER: { description: "The record answers to another person as well." },
    ERASED_BEFORE: {
      description:
        "The record names somebody who was erased from the system. Settled by `settleReappearance` first; nobody on the staff is shown it before.",
    },
  },
});

@ObjectType({
  simpleResolvers: true,
  description: "A record that answers to the person, so far as it takes to tell it from the others.",
})
@Personal(awaitingReview)
export class MatchCandidate {
  @Field(() => [Identifier], { description: "All that the record holds: one that no other has links it." })
  identifiers!: readonly FoundBy[];

  @Field(() => String, { nullable: true })
  name!: string | null;
}

@ObjectType({
  simpleResolvers: true,
  description: "A match that waits for `linkIdentity` or `unlinkIdentity`.",
})
@Personal(awaitingReview)
export class MatchReview {
  @Field(() => DataSubject)
  @Container
  subject!: Subject;

  @Field(() => String, { description: "As in `Holding.source`." })
  source!: string;

  @Field(() => MatchProblem)
  problem!: MatchProblem;

  @Field(() => DateTime, { description: "When it was first noticed." })
  openedAt!: Date;
}

@ObjectType({ simpleResolvers: true })
@Personal(awaitingReview)
export class MatchReviewEdge {
  @Field(() => String)
  cursor!: string;

  @Field(() => MatchReview)
  node!: Review;
}

@ObjectType({ simpleResolvers: true })
@Personal(awaitingReview)
export class MatchReviewConnection {
  @Field(() => [MatchReviewEdge])
  edges!: readonly MatchReviewEdge[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;

  @Field(() => Int, { description: "On the whole list, so far as each was last looked at." })
  totalCount!: number;
}

@Resolver()
export class ReviewQueries {
  @Query(() => MatchReviewConnection, {
    description:
      "The work list: matches that show nobody anything until they are settled, oldest first, of the systems that the caller may read for the purpose. One that no longer waits is left out.",
  })
  @Personal(awaitingReview)
  @EntersAsStaff()
  async matchReviews(
    @Arg("purpose", () => Purpose) purpose: Purpose,
    @Args(() => PageArguments) { first, after }: PageArguments,
    @Ctx() { reviews, asStaff, entered }: ReviewContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<MatchReviewConnection> {
    const viewer = asStaff(purpose);
    const page = await reviews.page(viewer, first ?? defaultPageSize, after ?? undefined);
    const totalCount = await reviews.count(viewer);
    const edges = page.reviews.map((node) => ({ cursor: node.cursor, node }));
    entered(
      viewer,
      page.reviews.map(({ subject, source }) => ({ id: subject.id, sources: [source] })),
      info,
      ["MatchCandidate"],
    );
    return {
      edges,
      pageInfo: {
        hasNextPage: page.hasNextPage,
        hasPreviousPage: after != null,
        startCursor: edges[0]?.cursor ?? null,
        endCursor: edges.at(-1)?.cursor ?? null,
      },
      totalCount,
    };
  }
}

@Resolver(() => MatchReview)
export class ReviewGraph {
  @FieldResolver(() => [MatchCandidate], {
    nullable: true,
    description:
      "What the source has for the person now. Null, with an error, where it cannot answer, or where the processing of one of those concerned is restricted.",
  })
  @Personal(awaitingReview)
  async candidates(
    @Root() review: Review,
    @Ctx() { reviews, connected, entered, keptBack }: ReviewContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<readonly MatchCandidate[]> {
    const { viewer, id } = review.subject;
    const { records, others } = await reviews.candidates(review).catch((error: unknown) => {
      if (error instanceof RowRefused) keptBack(viewer, error, info);
      throw error;
    });
    entered(
      viewer,
      [id, ...others].map((each) => ({ id: each, sources: [review.source] })),
      info,
    );
    const nameField = connected.find(({ key }) => key === review.source)?.profile.name;
    return records.map(({ identifiers, fields }) => {
      const name = nameField === undefined ? null : fields[nameField];
      return { identifiers, name: typeof name === "string" ? name : null };
    });
  }
}
