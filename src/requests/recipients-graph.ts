import { Ctx, Field, FieldResolver, ID, ObjectType, Resolver, Root } from "type-graphql";
import { Personal } from "../access/annotate.ts";
import { DataCategory, Purpose } from "../access/vocabulary.ts";
import type { Language, Text } from "../language/language.ts";
import { DataSubject, type Subject } from "../sources/data-subject.ts";
import { DateTime } from "../sources/scalars.ts";
import { dbOf } from "../store/tables.ts";
import { disclosuresOf, type StoredDisclosure } from "../subjects/disclosure-rows.ts";
import { authorities } from "./authorities.ts";
import type { RequestContext } from "./context.ts";
import type { Disclosure, Telling } from "./disclosures.ts";
import { rightsRequest } from "./labels.ts";
import { Recipient } from "./notice-graph.ts";

@ObjectType({ simpleResolvers: true, description: "That a recipient was told (GDPR Art. 19)." })
@Personal(rightsRequest)
export class RecipientTold implements Telling {
  @Field(() => ID, { description: "The request that it was a step of." })
  requestId!: string;

  @Field(() => String, { description: "What they were told of: RECTIFICATION, CONSENT_WITHDRAWN and so on." })
  event!: string;

  @Field(() => DateTime)
  at!: Date;
}

export interface DisclosedTo {
  readonly name: string;
  readonly role: string;
  readonly country: string;
  readonly purposes: readonly Purpose[];
  readonly transferSafeguard?: string | undefined;
  readonly since: Date | null;
  readonly lastAt: Date | null;
  readonly told?: readonly Telling[];
  readonly legalGround?: string | null;
  readonly categories?: readonly DataCategory[];
}

@Resolver(() => DataSubject)
export class RecipientsBranch {
  @FieldResolver(() => [Recipient], {
    description:
      "To whom the person's data has been disclosed, and what they have been told. Recipients for a purpose that stands on consent only where the person has ever said yes. Authorities come last, one for each disclosure, unless secrecy is ordered.",
  })
  @Personal(rightsRequest)
  async recipients(
    @Root() subject: Subject,
    @Ctx() { disclosures, requests: { register }, language }: RequestContext,
  ): Promise<readonly DisclosedTo[]> {
    const [recipients, authorities] = await Promise.all([
      disclosures.of(subject.id),
      disclosuresOf(dbOf(register.store), register, subject.id, { alsoSecret: false }),
    ]);
    return [...recipients.map(disclosedTo), ...authorities.map((each) => toAuthority(each, language))];
  }
}

const unknownAuthority: Text = {
  nb: "En myndighet (navnet er gått tapt)",
  nn: "Ei styresmakt (namnet er gått tapt)",
  en: "An authority (its name is lost)",
};

export const toAuthority = (
  { authority, legalGround, categories, at }: AuthorityDisclosure,
  language: Language,
): DisclosedTo => ({
  name: authority ?? unknownAuthority[language],
  role: authorities.role,
  country: authorities.country,
  purposes: authorities.purposes,
  since: at,
  lastAt: at,
  legalGround,
  categories,
});

type AuthorityDisclosure = Pick<StoredDisclosure, "authority" | "legalGround" | "categories" | "at">;

function disclosedTo({ recipient, since, told }: Disclosure): DisclosedTo {
  const { name, role, country, purposes, transferSafeguard } = recipient;
  return { name, role, country, purposes, transferSafeguard, since, lastAt: told.at(-1)?.at ?? null, told };
}

@Resolver(() => Recipient)
export class RecipientGraph {
  @FieldResolver(() => [RecipientTold], {
    description: "Oldest first; empty where no person is asked about.",
  })
  @Personal(rightsRequest)
  told(@Root() { told }: DisclosedTo): readonly Telling[] {
    return told ?? [];
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "What an authority has ordered it by; absent of other recipients.",
  })
  @Personal({ ...rightsRequest, freeText: true })
  legalGround(@Root() { legalGround }: DisclosedTo): string | null {
    return legalGround ?? null;
  }

  @FieldResolver(() => [DataCategory], {
    description: "Of what was handed over to an authority; empty of other recipients.",
  })
  @Personal(rightsRequest)
  categories(@Root() { categories }: DisclosedTo): readonly DataCategory[] {
    return categories ?? [];
  }
}
