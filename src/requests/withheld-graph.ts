import type { GraphQLResolveInfo } from "graphql";
import {
  Arg,
  createUnionType,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Info,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Resolver,
  Root,
} from "type-graphql";
import { ChangedBy, Changes, Container, EntersAsNamed, Personal } from "../access/annotate.ts";
import { DataSubject, type Subject } from "../sources/data-subject.ts";
import { DateTime } from "../sources/scalars.ts";
import { dbOf } from "../store/tables.ts";
import { Refusal } from "../subjects/refusal-graph.ts";
import { type Actor, actFor } from "./actor.ts";
import type { RequestContext } from "./context.ts";
import { rightsRequest } from "./labels.ts";
import { release, withhold } from "./withhold.ts";
import { ground, marksOf, type StoredMark } from "./withheld.ts";

@ObjectType({
  simpleResolvers: true,
  description: "That passages of a text are withheld, since they are about somebody else (GDPR Art. 15(4)).",
})
@Personal(rightsRequest)
export class Withheld {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  source!: string;

  @Field(() => String)
  recordType!: string;

  @Field(() => String)
  field!: string;

  @Field(() => Int, { description: "How many passages: each is shown as `[…]`." })
  spans!: number;

  @Field(() => String)
  ground!: string;

  @Field(() => String)
  @Personal({ ...rightsRequest, freeText: true })
  because!: string;

  @Field(() => DateTime)
  at!: Date;
}

@Resolver(() => DataSubject)
export class WithheldBranch {
  @FieldResolver(() => [Withheld], {
    description: "What is kept from the person in what they are shown, where and why. Newest first.",
  })
  @Personal(rightsRequest)
  async withheld(
    @Root() { id }: Subject,
    @Ctx() { requests: { register } }: RequestContext,
  ): Promise<readonly Withheld[]> {
    return (await marksOf(dbOf(register.store), register, id)).map(withheldOf);
  }
}

const withheldOf = ({ id, source, recordType, field, passages, because, at }: StoredMark): Withheld => ({
  id,
  source,
  recordType,
  field,
  spans: passages.length,
  ground,
  because,
  at,
});

@ObjectType({ simpleResolvers: true })
export class WithholdPayload {
  @Field(() => Withheld)
  @Container
  withheld!: Withheld;
}

export const WithholdResult = createUnionType({
  name: "WithholdResult",
  types: () => [WithholdPayload, Refusal] as const,
  resolveType: (value: WithholdPayload | Refusal) => ("code" in value ? Refusal : WithholdPayload),
});

@InputType({ description: "A passage of a text, in Unicode code points." })
export class TextSpanInput {
  @Field(() => Int, { description: "From 0." })
  start!: number;

  @Field(() => Int)
  length!: number;
}

@InputType()
export class WithholdInput {
  @Field(() => ID)
  subjectId!: string;

  @Field(() => ID, { description: "An `ACCESS` or `PORTABILITY` request that the person has not had yet." })
  requestId!: string;

  @Field(() => String, { description: "As in `Holding.source`." })
  source!: string;

  @Field(() => String, {
    description:
      "`conversations`; `orders.returns` for a list in a row; `other` for what is beyond the model.",
  })
  recordType!: string;

  @Field(() => String, { description: "One that holds free text." })
  field!: string;

  @Field(() => String, { description: "The whole text, word for word as it is held." })
  text!: string;

  @Field(() => [TextSpanInput], { description: "None in another; at most 200." })
  spans!: TextSpanInput[];

  @Field(() => String, { description: "Why; the person reads it, so it does not say what is withheld." })
  because!: string;
}

@InputType()
export class ReleaseInput {
  @Field(() => ID)
  subjectId!: string;

  @Field(() => ID)
  requestId!: string;

  @Field(() => ID, { description: "As in `Withheld.id`." })
  id!: string;
}

@Resolver()
export class WithheldMutations {
  @Mutation(() => WithholdResult, {
    description:
      "Keeps passages that are about somebody else (GDPR Art. 15(4), 20(4)) from the person, in every answer and in the archive. Marking the same text again replaces what was marked. An archive that is not fetched yet is made again.",
  })
  @ChangedBy("DPO")
  @Changes("Withheld")
  @EntersAsNamed
  withhold(
    @Arg("input", () => WithholdInput) input: WithholdInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<WithholdPayload | Refusal> {
    return answer(input, context, info, (actor) => withhold(input, actor, context));
  }

  @Mutation(() => WithholdResult, {
    description: "Shows the person again what `withhold` has kept from them.",
  })
  @ChangedBy("DPO")
  @Changes("Withheld")
  @EntersAsNamed
  release(
    @Arg("input", () => ReleaseInput) input: ReleaseInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<WithholdPayload | Refusal> {
    return answer(input, context, info, (actor) => release(input, actor, context));
  }
}

function answer(
  input: WithholdInput | ReleaseInput,
  context: RequestContext,
  info: GraphQLResolveInfo,
  act: (actor: Actor) => Promise<StoredMark>,
): Promise<WithholdPayload | Refusal> {
  const done = async (actor: Actor) => {
    const mark = await act(actor);
    context.forgetReads();
    return { withheld: withheldOf(mark) };
  };
  return actFor(input, context, info, done, { ended: true });
}
