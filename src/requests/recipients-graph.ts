import { Ctx, Field, FieldResolver, ID, ObjectType, Resolver, Root } from "type-graphql";
import { Personal } from "../access/annotate.ts";
import { Purpose } from "../access/vocabulary.ts";
import { DataSubject, type Subject } from "../sources/data-subject.ts";
import { DateTime } from "../sources/scalars.ts";
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

interface DisclosedTo {
  readonly name: string;
  readonly role: string;
  readonly country: string;
  readonly purposes: readonly Purpose[];
  readonly transferSafeguard?: string | undefined;
  readonly since: Date | null;
  readonly lastAt: Date | null;
  readonly told?: readonly Telling[];
}

@Resolver(() => DataSubject)
export class RecipientsBranch {
  @FieldResolver(() => [Recipient], {
    description:
      "To whom the person's data has been disclosed, and what they have been told. Recipients for a purpose that stands on consent only where the person has ever said yes.",
  })
  @Personal(rightsRequest)
  async recipients(
    @Root() subject: Subject,
    @Ctx() { disclosures }: RequestContext,
  ): Promise<readonly DisclosedTo[]> {
    return (await disclosures.of(subject.id)).map(disclosedTo);
  }
}

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
}
