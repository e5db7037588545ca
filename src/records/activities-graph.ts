import { Ctx, Field, ObjectType, Query, registerEnumType, Resolver } from "type-graphql";
import { OpenTo } from "../access/annotate.ts";
import { DataCategory, LegalBasis, Purpose, Role, SubjectCategory } from "../access/vocabulary.ts";
import type { Language } from "../language/language.ts";
import type { Processor as ConfiguredProcessor } from "../sources/contract.ts";
import { Processor } from "../subjects/holdings-graph.ts";
import { outsideEea, processorsOf } from "./activities.ts";
import type { RecordedActivity, Records } from "./records.ts";

/** Who may read the records, here and as documents. */
export const recordReaders = ["AUDITOR", "DPO"] as const satisfies readonly Role[];

registerEnumType(SubjectCategory, {
  name: "DataSubjectCategory",
  description: "Categories of data subjects (GDPR Art. 30(1)(c)).",
});

@ObjectType({
  simpleResolvers: true,
  description: "To whom data is disclosed for a purpose (GDPR Art. 30(1)(d)).",
})
@OpenTo(...recordReaders)
export class ProcessingRecipient {
  @Field(() => String)
  name!: string;

  @Field(() => String)
  role!: string;

  @Field(() => String, { description: "ISO 3166-1 alpha-2." })
  country!: string;

  @Field(() => String, { nullable: true, description: "Outside the EEA: GDPR Art. 46." })
  transferSafeguard?: string | undefined;
}

@ObjectType({
  simpleResolvers: true,
  description: "One purpose of the records of processing activities (GDPR Art. 30(1)).",
})
@OpenTo(...recordReaders)
export class ProcessingActivity {
  @Field(() => Purpose)
  purpose!: Purpose;

  @Field(() => LegalBasis)
  legalBasis!: LegalBasis;

  @Field(() => [DataCategory])
  categories!: readonly DataCategory[];

  @Field(() => [SubjectCategory], { description: "Whom it is about." })
  dataSubjects!: readonly SubjectCategory[];

  @Field(() => [String], { description: "Systems; none where the gateway alone holds what it is about." })
  sources!: readonly string[];

  @Field(() => [Processor])
  processors!: readonly ConfiguredProcessor[];

  @Field(() => [ProcessingRecipient], { description: "Processors are not among them." })
  recipients!: readonly ProcessingRecipient[];

  @Field(() => [String])
  retention!: readonly string[];

  @Field(() => [Role], { description: "Roles that may read something for this purpose." })
  readableBy!: readonly Role[];

  @Field(() => [String], {
    description:
      "What the gateway and the configuration really do, and what the organisation says that it does (GDPR Art. 32).",
  })
  securityMeasures!: readonly string[];

  @Field(() => [Processor], { description: "Processors outside the EEA (GDPR Art. 44)." })
  transfers!: readonly ConfiguredProcessor[];
}

export interface ProcessingContext {
  readonly processing: Records;
  readonly language: Language;
}

@Resolver()
export class ActivityQueries {
  @Query(() => [ProcessingActivity], {
    description:
      "Records of processing activities (Art. 30), computed from the annotations that the gateway enforces. A purpose that nothing is processed for is not among them.",
  })
  @OpenTo(...recordReaders)
  processingActivities(@Ctx() { processing, language }: ProcessingContext): ProcessingActivity[] {
    return processing.activities.map((activity) => shown(activity, language));
  }
}

function shown(activity: RecordedActivity, language: Language): ProcessingActivity {
  const processors = processorsOf(activity);
  return {
    purpose: activity.purpose,
    legalBasis: activity.legalBasis,
    categories: activity.categories,
    dataSubjects: activity.subjects,
    sources: activity.systems.map(({ key }) => key),
    processors,
    recipients: [
      ...activity.recipients,
      ...activity.recipientCategories.map((category) => ({ ...category, name: category.name[language] })),
    ],
    retention: activity.retention,
    readableBy: activity.readableBy,
    securityMeasures: activity.measures.map(({ text }) => text[language]),
    transfers: outsideEea(processors),
  };
}
