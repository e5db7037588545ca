import { Ctx, Field, FieldResolver, Int, ObjectType, registerEnumType, Resolver, Root } from "type-graphql";
import { Personal, Public } from "../access/annotate.ts";
import { IdentifierKind } from "../access/vocabulary.ts";
import type { Identifier as FoundBy, Processor as ConfiguredProcessor } from "../sources/contract.ts";
import type { Text } from "../language/language.ts";
import { DataSubject } from "../sources/data-subject.ts";
import { failureTexts } from "../sources/failures.ts";
import { DateTime } from "../sources/scalars.ts";
import { type Answer, askEachSource, type SubjectContext } from "./ask.ts";
import { computed, known } from "./labels.ts";
import { notVerified } from "./not-verified.ts";

export const HoldingState = {
  HELD: "HELD",
  NOT_HELD: "NOT_HELD",
  UNAVAILABLE: "UNAVAILABLE",
  NEEDS_REVIEW: "NEEDS_REVIEW",
} as const;
registerEnumType(HoldingState, { name: "HoldingState" });

@ObjectType({ simpleResolvers: true })
@Personal({ ...known, category: "CONTACT" })
export class Identifier implements FoundBy {
  @Field(() => IdentifierKind)
  kind!: IdentifierKind;

  @Field(() => String, { description: "Normalised." })
  value!: string;
}

@ObjectType({
  simpleResolvers: true,
  description: "Who holds data for the controller (GDPR Art. 28), where, and under which agreement.",
})
@Public
export class Processor implements ConfiguredProcessor {
  @Field(() => String)
  name!: string;

  @Field(() => String, { description: "ISO 3166-1 alpha-2." })
  country!: string;

  @Field(() => String)
  agreement!: string;

  @Field(() => String, { nullable: true, description: "Outside the EEA: GDPR Art. 46." })
  transferSafeguard?: string | undefined;
}

@ObjectType({ simpleResolvers: true, description: "What one source answered." })
@Personal(computed("IDENTITY"))
export class Holding {
  @Field(() => String)
  source!: string;

  @Field(() => HoldingState)
  state!: keyof typeof HoldingState;

  @Field(() => DateTime)
  checkedAt!: Date;

  @Field(() => [Identifier], { description: "The ones it was found by." })
  identifiers!: readonly FoundBy[];

  @Field(() => Processor)
  processor!: ConfiguredProcessor;

  @Field(() => String, {
    nullable: true,
    description: "Why it could not be asked, or why a person must look at the match.",
  })
  detail!: string | null;

  recordKey!: string | null;
}

@Resolver(() => DataSubject)
export class HoldingsBranch {
  @FieldResolver(() => [Holding], {
    description: "One answer per source, always all of them: what is held, not held, or could not be asked.",
  })
  @Personal(computed("IDENTITY"))
  holdings(@Root() subject: DataSubject, @Ctx() context: SubjectContext): Promise<Holding>[] {
    // Not awaited together: a slow source would use up the time that the others have to count their rows.
    return askEachSource(context, subject).map(async (asked) => holdingOf(await asked, context));
  }
}

function holdingOf(answer: Answer, context: SubjectContext): Holding {
  return {
    source: answer.source,
    state: answer.state === "NOT_VERIFIED" ? "UNAVAILABLE" : answer.state,
    checkedAt: new Date(),
    identifiers: answer.state === "HELD" ? answer.foundBy : [],
    processor: answer.module.processor,
    detail: detailOf(answer, context),
    recordKey: answer.state === "HELD" ? answer.record.key : null,
  };
}

@Resolver(() => Holding)
export class HoldingGraph {
  @FieldResolver(() => Int, { nullable: true, description: "Rows of every kind, the person's own included." })
  @Personal(computed("IDENTITY"))
  recordCount(@Root() { source, state, recordKey }: Holding, @Ctx() { sources }: SubjectContext) {
    if (state === "NOT_HELD") return 0;
    return recordKey === null ? null : sources.count(source, recordKey);
  }
}

const texts = {
  review: {
    nb: "Det er ikke avgjort hvilken oppføring som er personens. Ingen vises før en medarbeider har avgjort det.",
    nn: "Det er ikkje avgjort kva oppføring som er personen sin. Ingen blir vist før ein medarbeidar har avgjort det.",
    en: "It is not settled which record is the person's. None is shown until a member of staff has settled it.",
  },
  settledAside: {
    nb: "En medarbeider har avgjort at en annen oppføring som svarer til personen, ikke er personens.",
    nn: "Ein medarbeidar har avgjort at ei anna oppføring som svarar til personen, ikkje er personen si.",
    en: "A member of staff has settled that another record that answers to the person is not theirs.",
  },
} satisfies Record<string, Text>;

function detailOf(answer: Answer, { language, identifiable }: SubjectContext): string | null {
  switch (answer.state) {
    case "UNAVAILABLE":
      return failureTexts[answer.failure.reason][language];
    case "NEEDS_REVIEW":
      return texts.review[language];
    case "NOT_VERIFIED":
      return notVerified(identifiable)[language];
    default:
      return answer.settledAside > 0 ? texts.settledAside[language] : null;
  }
}
