import { Arg, Ctx, Field, ID, ObjectType, Query, Resolver } from "type-graphql";
import { Public } from "../access/annotate.ts";
import { DateTime } from "../sources/scalars.ts";
import { NotFound } from "../subjects/not-found.ts";
import type { ControllerDetails, OrganisationContext } from "./organisation.ts";
import type { PolicyVersion } from "./policies.ts";

@ObjectType({
  simpleResolvers: true,
  description: "Who decides why and how data is processed (GDPR Art. 4(7)).",
})
@Public
export class Controller implements ControllerDetails {
  @Field(() => String)
  name!: string;

  @Field(() => String)
  organisationNumber!: string;

  @Field(() => String)
  postalAddress!: string;

  @Field(() => String)
  email!: string;

  @Field(() => String)
  phone!: string;
}

@ObjectType({
  simpleResolvers: true,
  description: "A published version of the privacy policy (GDPR Art. 12-14).",
})
@Public
export class PrivacyPolicy implements PolicyVersion {
  @Field(() => ID)
  version!: string;

  @Field(() => DateTime, { description: "From when on it counts." })
  publishedAt!: Date;

  @Field(() => String)
  text!: string;

  @Field(() => String, { description: "BCP 47." })
  language!: string;

  @Field(() => String, { nullable: true, description: "What is another than in the version before." })
  changes!: string | null;

  @Field(() => Boolean, { description: "Whether each person is asked for an answer." })
  requiresConsent!: boolean;

  @Field(() => Boolean, { description: "Whether persons are told of it by e-mail." })
  tellsPersons!: boolean;
}

@Resolver()
export class PublicQueries {
  @Query(() => Controller, { description: "Public." })
  @Public
  controller(@Ctx() { organisation }: OrganisationContext): ControllerDetails {
    return organisation.controller;
  }

  @Query(() => PrivacyPolicy, { description: "Public. The current policy, or one earlier version." })
  @Public
  async privacyPolicy(
    @Arg("version", () => ID, { nullable: true }) version: string | undefined,
    @Ctx() { privacyPolicies }: OrganisationContext,
  ): Promise<PolicyVersion> {
    const policy = await (version == null ? privacyPolicies.current() : privacyPolicies.find(version));
    if (policy === null) throw new NotFound();
    return policy;
  }
}
