import type { GraphQLResolveInfo } from "graphql";
import {
  Arg,
  createUnionType,
  Ctx,
  Field,
  Info,
  InputType,
  Mutation,
  ObjectType,
  registerEnumType,
  Resolver,
} from "type-graphql";
import { ChangedBy, Container, EntersAsNamed } from "../access/annotate.ts";
import { DataSubject, type Subject } from "../sources/data-subject.ts";
import { Refusal } from "../subjects/refusal-graph.ts";
import { actFor, type Actor } from "./actor.ts";
import { ActsForInput } from "./acts-for-input.ts";
import type { RequestContext } from "./context.ts";
import { RectifiableField } from "./rectifiable.ts";
import { changesOf } from "./rectify-input.ts";
import { rectify } from "./rectify.ts";
import { DataSubjectRequest, type RequestNode, requestNode } from "./request-graph.ts";

registerEnumType(RectifiableField, { name: "RectifiableField" });

@InputType()
export class ExpectedVersion {
  @Field(() => String)
  source!: string;

  @Field(() => String, { description: "As read in `HeldValue.version`." })
  version!: string;
}

@InputType()
export class FieldChange {
  @Field(() => RectifiableField)
  field!: RectifiableField;

  @Field(() => String)
  value!: string;

  @Field(() => [String], { nullable: true, description: "Absent: every source that holds the field." })
  sources?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description:
      "A list of records, such as `orders`: what documents something that happened is never corrected, and the answer says why.",
  })
  recordType?: string | null;

  @Field(() => [ExpectedVersion], {
    nullable: true,
    description: "A value that has changed since it was read is refused, never overwritten.",
  })
  expectedVersions?: ExpectedVersion[] | null;
}

@InputType()
export class RectifyInput extends ActsForInput {
  @Field(() => [FieldChange])
  changes!: FieldChange[];
}

@ObjectType({ simpleResolvers: true })
export class RectifyPayload {
  @Field(() => DataSubjectRequest)
  @Container
  request!: RequestNode;

  @Field(() => DataSubject)
  @Container
  subject!: Subject;
}

const RectifyResult = createUnionType({
  name: "RectifyResult",
  types: () => [RectifyPayload, Refusal] as const,
  resolveType: (value: RectifyPayload | Refusal) => ("code" in value ? Refusal : RectifyPayload),
});

@Resolver()
export class RectifyMutation {
  @Mutation(() => RectifyResult, {
    description: "Corrects facts in every system that holds them (GDPR Art. 16).",
  })
  @ChangedBy("SUBJECT", "DPO")
  @EntersAsNamed
  rectify(
    @Arg("input", () => RectifyInput) input: RectifyInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RectifyPayload | Refusal> {
    return actFor(input, context, info, async (actor) => {
      const row = await rectify(changesOf(input, context), actor, context);
      context.forgetReads();
      const subject = await asFoundNow(actor, context);
      return { request: requestNode(row, subject), subject };
    });
  }
}

/** What the person is found by may be what has just been corrected. */
async function asFoundNow({ subject }: Actor, { people }: RequestContext): Promise<Subject> {
  const person = await people.byId(subject.id);
  return person ? { ...subject, corrected: person.corrected } : subject;
}
