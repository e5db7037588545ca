import { Arg, Ctx, Field, ObjectType, Query, Resolver } from "type-graphql";
import { OpenTo } from "../access/annotate.ts";
import { DataCategory, LegalBasis, Purpose, Role } from "../access/vocabulary.ts";
import { InvalidArgument } from "../subjects/invalid-argument.ts";
import type { FieldPolicyRow } from "./field-policies.ts";

/** What the query about the policy has at hand. */
export interface FieldPolicyContext {
  readonly fieldPolicies: readonly FieldPolicyRow[];
}

const auditors = OpenTo("AUDITOR", "DPO");

@ObjectType({
  simpleResolvers: true,
  description: "What a field says of a person, and who may read and change it.",
})
@auditors
export class FieldPolicy implements FieldPolicyRow {
  @Field(() => String, { description: "As in the GraphQL specification: `CustomerRecord.email`." })
  coordinate!: string;

  @Field(() => DataCategory, { nullable: true, description: "Null: it says nothing of a person itself." })
  category!: DataCategory | null;

  @Field(() => [Purpose], { description: "The first is the one that it is held for." })
  purposes!: readonly Purpose[];

  @Field(() => LegalBasis, { nullable: true, description: "GDPR Art. 6(1), of the first purpose." })
  legalBasis!: LegalBasis | null;

  @Field(() => String, { nullable: true })
  retention!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The system that holds it; null where the gateway does.",
  })
  source!: string | null;

  @Field(() => Boolean, { description: "GDPR Art. 9." })
  special!: boolean;

  @Field(() => [Role], {
    description:
      "For at least one purpose; all of them also where nobody needs to have signed in. A restriction, an objection or a missing consent may still keep it back.",
  })
  readableBy!: readonly Role[];

  @Field(() => [Role], {
    description:
      "Who may call a mutation that changes what is shown here, or of a mutation, who may call it. What a system does not let be changed is refused nevertheless. Erasure is not counted.",
  })
  writableBy!: readonly Role[];
}

@Resolver()
export class FieldPolicyQuery {
  @Query(() => [FieldPolicy], {
    description:
      "For every coordinate of the schema, or of one type: what it says of a person, and who may read and change it. From the policies that are enforced.",
  })
  @auditors
  fieldPolicies(
    @Arg("type", () => String, {
      nullable: true,
      description: "The name of an object type. Another is refused: of none, nothing would seem to be held.",
    })
    type: string | null | undefined,
    @Ctx() { fieldPolicies }: FieldPolicyContext,
  ): readonly FieldPolicy[] {
    if (type == null) return fieldPolicies;
    const found = fieldPolicies.filter(({ coordinate }) => coordinate.startsWith(`${type}.`));
    if (found.length === 0) throw new InvalidArgument("type", "UNKNOWN");
    return found;
  }
}
