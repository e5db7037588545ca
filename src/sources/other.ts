import { Field, ObjectType, registerEnumType } from "type-graphql";
import { Personal } from "../access/annotate.ts";
import { DataCategory } from "../access/vocabulary.ts";

registerEnumType(DataCategory, { name: "DataCategory", description: "What data is about." });

/** The category varies with the datum, so only those who may see every category may see these. */
export const otherLabel = {
  category: "IDENTITY",
  purposes: ["CUSTOMER_INFORMATION"],
  retention: { period: "P2Y", after: "lastActivityAt" },
  freeText: true,
  onlyFor: ["SUBJECT", "DPO"],
} as const satisfies Parameters<typeof Personal>[0];

@ObjectType({
  simpleResolvers: true,
  description:
    "Personal data that a system holds beyond the common model: configured, labelled, and never left out.",
})
@Personal(otherLabel)
export class OtherDatum {
  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true })
  value!: string | null;

  @Field(() => DataCategory)
  category!: DataCategory;
}
