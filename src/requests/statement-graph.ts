import type { GraphQLResolveInfo } from "graphql";
import { Arg, Ctx, Field, Info, InputType, Mutation, Resolver } from "type-graphql";
import { ChangedBy, Changes, EntersAsNamed } from "../access/annotate.ts";
import type { Refusal } from "../subjects/refusal-graph.ts";
import { addStatement } from "./add-statement.ts";
import { ActsForInput } from "./acts-for-input.ts";
import type { RequestContext } from "./context.ts";
import { answerWithRequest, type RequestPayload, RequestResult } from "./request-result.ts";

@InputType()
export class AddStatementInput extends ActsForInput {
  @Field(() => String, { description: "As in `Holding.source`." })
  source!: string;

  @Field(() => String, { description: "A list of records, such as `orders`." })
  recordType!: string;

  @Field(() => String, {
    nullable: true,
    description: "Which one: the number of an order. Absent: all of them.",
  })
  record?: string | null;

  @Field(() => String)
  text!: string;
}

@Resolver()
export class StatementMutation {
  @Mutation(() => RequestResult, {
    description:
      "Attaches a supplementary statement (GDPR Art. 16) to what is not rewritten: an order, a completed level, a delivery. Staff see it beside the record.",
  })
  @ChangedBy("SUBJECT", "DPO")
  @Changes("*.statements")
  @EntersAsNamed
  addStatement(
    @Arg("input", () => AddStatementInput) input: AddStatementInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RequestPayload | Refusal> {
    return answerWithRequest(input, context, info, (actor) => addStatement(input, actor, context));
  }
}
