import { Arg, Ctx, Field, ID, ObjectType, Query, Resolver } from "type-graphql";
import { Public } from "../access/annotate.ts";
import { DateTime } from "../sources/scalars.ts";
import { NotFound } from "../subjects/not-found.ts";
import type { ControllerDetails, OrganisationContext, PolicyVersion } from "./organisation.ts";

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

  @Field(() => DateTime)
  publishedAt!: Date;

  @Field(() => String)
  text!: string;

  @Field(() => String, { description: "BCP 47." })
  language!: string;

  @Field(() => String, { nullable: true })
  changes!: string | null;

  @Field(() => Boolean)
  requiresConsent!: boolean;
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
  privacyPolicy(
    @Arg("version", () => ID, { nullable: true }) version: string | undefined,
    @Ctx() { organisation: { policies } }: OrganisationContext,
  ): PolicyVersion {
    const policy = version == null ? policies.at(-1) : policies.find((p) => p.version === version);
    if (policy === undefined) throw new NotFound();
    return policy;
  }
}
