import type { GraphQLFieldResolver, GraphQLResolveInfo } from "graphql";
import { Arg, Ctx, Extensions, Field, FieldResolver, ID, Info, ObjectType, Resolver } from "type-graphql";
import { EntersByRole, Personal } from "../access/annotate.ts";
import type { RequestContext } from "./context.ts";
import { rightsRequest } from "./labels.ts";
import { DataSubjectRequest, type RequestNode } from "./request-graph.ts";
import { requestForCaller } from "./requests-graph.ts";

/** What a subscription's events are made from: `closed` is aborted when nobody listens any more. */
export interface Following {
  readonly closed: AbortSignal;
}

type Subscribe = GraphQLFieldResolver<Following, RequestContext, { readonly id: string }>;

/** Says when a field of `SubscriptionRoot` has something new to tell; what that is, its resolver says each time. */
const ToldBy = (subscribe: Subscribe) => Extensions({ subscribe });

/** The root of subscriptions. `Subscription` is what the contract calls a list that a person is on. */
@ObjectType({ description: "What is told of as it happens, at `/graphql/stream`." })
export class SubscriptionRoot {
  @Field(() => DataSubjectRequest, {
    description:
      "One of the caller's own requests, for the DPO anybody's: as it is now, and again whenever it has changed, until nothing is done for it any more.",
  })
  @Personal(rightsRequest)
  @EntersByRole
  @ToldBy(({ closed }, { id }, { requests }) => requests.follow(id, closed))
  requestProgress!: RequestNode;
}

@Resolver(() => SubscriptionRoot)
export class ProgressGraph {
  @FieldResolver()
  requestProgress(
    @Arg("id", () => ID) id: string,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RequestNode> {
    return requestForCaller(id, context, info);
  }
}
