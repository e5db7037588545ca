import { Ctx, Field, FieldResolver, ID, ObjectType, registerEnumType, Resolver } from "type-graphql";
import { Public, SignedIn } from "../access/annotate.ts";
import { DataCategory, LegalBasis, Purpose } from "../access/vocabulary.ts";
import type { Language } from "../language/language.ts";
import { DataSubject } from "../sources/data-subject.ts";
import { DateTime } from "../sources/scalars.ts";
import { Processor } from "../subjects/holdings-graph.ts";
import { authorities } from "./authorities.ts";
import type { PurposeSummary } from "./notice.ts";
import type { ControllerDetails, OrganisationContext } from "./organisation.ts";
import { Controller } from "./public-graph.ts";
import { rightsTexts } from "./rights.ts";

registerEnumType(LegalBasis, { name: "LegalBasis", description: "GDPR Art. 6(1)(a)-(f)." });

@ObjectType({ simpleResolvers: true, description: "Supervisory authority (GDPR Art. 77)." })
@Public
export class Authority {
  @Field(() => String)
  name!: string;

  @Field(() => String)
  url!: string;
}

@ObjectType({ simpleResolvers: true, description: "Who data is or may be disclosed to (GDPR Art. 4(9))." })
@SignedIn
export class Recipient {
  @Field(() => String)
  name!: string;

  @Field(() => String)
  role!: string;

  @Field(() => String, { description: "ISO 3166-1 alpha-2." })
  country!: string;

  @Field(() => [Purpose])
  purposes!: readonly Purpose[];

  @Field(() => String, { nullable: true, description: "GDPR Art. 46; of a recipient outside the EEA." })
  transferSafeguard?: string | undefined;

  @Field(() => DateTime, { nullable: true })
  since!: Date | null;

  @Field(() => DateTime, { nullable: true })
  lastAt!: Date | null;
}

@ObjectType({ simpleResolvers: true })
@SignedIn
export class PurposeNotice implements PurposeSummary {
  @Field(() => Purpose)
  purpose!: Purpose;

  @Field(() => LegalBasis)
  legalBasis!: LegalBasis;

  @Field(() => [DataCategory])
  categories!: readonly DataCategory[];

  @Field(() => [String])
  retention!: readonly string[];
}

@ObjectType({
  simpleResolvers: true,
  description: "What GDPR Art. 15(1)(a)-(h) and 15(2) ask to be told along with the data.",
})
@SignedIn
export class AccessNotice {
  @Field(() => Controller)
  controller!: ControllerDetails;

  @Field(() => ID)
  policyVersion!: string;

  @Field(() => [PurposeNotice])
  purposes!: readonly PurposeSummary[];

  @Field(() => [Recipient])
  recipients!: Recipient[];

  @Field(() => [String])
  sourcesOfData!: string[];

  @Field(() => String)
  automatedDecisions!: string;

  @Field(() => [Processor], { description: "Processors outside the EEA." })
  transfers!: Processor[];

  @Field(() => [String])
  rights!: string[];

  @Field(() => Authority)
  complaintTo!: Authority;
}

export interface NoticeContext extends OrganisationContext {
  readonly purposes: readonly PurposeSummary[];
  readonly language: Language;
}

@Resolver(() => DataSubject)
export class NoticeBranch {
  @FieldResolver(() => AccessNotice, {
    description: "What Art. 15(1)(a)-(h) and 15(2) ask to be told along with the data.",
  })
  @SignedIn
  async notice(
    @Ctx() { organisation, privacyPolicies, connected, purposes, language }: NoticeContext,
  ): Promise<AccessNotice> {
    const processors = connected.map(({ processor }) => processor);
    return {
      controller: organisation.controller,
      policyVersion: (await privacyPolicies.current()).version,
      purposes,
      recipients: [
        ...processors.map(({ name, country, transferSafeguard }) => ({
          name,
          role: "PROCESSOR",
          country,
          purposes: [],
          transferSafeguard,
        })),
        ...organisation.recipients,
        { ...authorities, name: authorities.name[language], transferSafeguard: undefined },
      ].map((recipient) => ({ ...recipient, since: null, lastAt: null })),
      sourcesOfData: organisation.sourcesOfData.map((text) => text[language]),
      automatedDecisions: organisation.automatedDecisions[language],
      transfers: processors.filter(({ transferSafeguard }) => transferSafeguard !== undefined),
      rights: rightsTexts.map((text) => text[language]),
      complaintTo: organisation.supervisoryAuthority,
    };
  }
}
