import type { GraphQLResolveInfo } from "graphql";
import {
  Arg,
  createUnionType,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Info,
  InputType,
  Mutation,
  ObjectType,
  registerEnumType,
  Resolver,
  Root,
} from "type-graphql";
import { ChangedBy, Changes, Container, EntersAsNamed, Personal } from "../access/annotate.ts";
import { legalBases } from "../access/policy.ts";
import { names, Purpose, Role } from "../access/vocabulary.ts";
import { DataSubject, type Subject } from "../sources/data-subject.ts";
import { DateTime } from "../sources/scalars.ts";
import { dbOf } from "../store/tables.ts";
import { type ConsentRow, consentsOf } from "../subjects/consents.ts";
import { Refusal } from "../subjects/refusal-graph.ts";
import { actFor } from "./actor.ts";
import { ActsForInput } from "./acts-for-input.ts";
import type { RequestContext } from "./context.ts";
import { consent as label } from "./labels.ts";
import { isLetter } from "./letters.ts";
import { askedFor } from "./organisation.ts";
import { consentReceipt } from "./receipt.ts";
import { DataSubjectRequest, type RequestNode, requestNode } from "./request-graph.ts";
import { outcomeNode, StepOutcome } from "./step-graph.ts";
import { setConsent } from "./set-consent.ts";

export const ConsentStatus = names(["GIVEN", "WITHDRAWN", "NOT_ASKED"]);
export type ConsentStatus = keyof typeof ConsentStatus;
registerEnumType(ConsentStatus, { name: "ConsentStatus" });

@ObjectType({ simpleResolvers: true, description: "One yes or no, as it was said (ISO/IEC TS 27560)." })
@Personal(label)
export class ConsentEvent {
  @Field(() => ConsentStatus)
  status!: ConsentStatus;

  @Field(() => DateTime)
  at!: Date;

  @Field(() => Role, { description: "In what capacity it was written down." })
  by!: Role;

  @Field(() => String, { description: "How it came: a channel, or the system that it was taken over from." })
  channel!: string;

  @Field(() => ID)
  policyVersion!: string;

  @Field(() => String, { nullable: true, description: "What the person was shown." })
  wording!: string | null;
}

@ObjectType({
  description: "Whether the person has said yes to a purpose that stands on consent (GDPR Art. 7).",
})
@Personal(label)
export class Consent {
  @Field(() => Purpose, { simple: true })
  purpose!: Purpose;

  @Field(() => ConsentStatus, { simple: true })
  status!: ConsentStatus;

  @Field(() => DateTime, { nullable: true, simple: true })
  decidedAt!: Date | null;

  @Field(() => ID, { nullable: true, simple: true })
  policyVersion!: string | null;

  @Field(() => [ConsentEvent], { simple: true, description: "Only ever added to; oldest first." })
  history!: ConsentEvent[];

  events!: readonly ConsentRow[];
  subjectId!: string;
}

@Resolver(() => Consent)
export class ConsentGraph {
  @FieldResolver(() => String, {
    nullable: true,
    description: "What a yes is said to, in the caller's language. Absent: no consent is asked for.",
  })
  @Personal(label)
  wording(@Root() { purpose }: Consent, @Ctx() { organisation, language }: RequestContext): string | null {
    return askedFor(organisation, purpose)?.wording[language] ?? null;
  }

  @FieldResolver(() => String, { nullable: true, description: "GDPR Art. 7(3)." })
  @Personal(label)
  howToWithdraw(
    @Root() { purpose }: Consent,
    @Ctx() { organisation, language }: RequestContext,
  ): string | null {
    return askedFor(organisation, purpose)?.withdrawal[language] ?? null;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      "A signed record of the consent in the fields of ISO/IEC TS 27560: a compact JWS, to be verified with the key at `/.well-known/jwks.json`. Absent: nothing was ever said.",
  })
  @Personal(label)
  receipt(@Root() consent: Consent, @Ctx() context: RequestContext): Promise<string> | null {
    return consent.events.length === 0 ? null : consentReceipt(consent, context);
  }
}

@Resolver(() => DataSubject)
export class ConsentsBranch {
  @FieldResolver(() => [Consent], { description: "One per purpose that stands on consent." })
  @Personal(label)
  async consents(@Root() subject: Subject, @Ctx() context: RequestContext): Promise<Consent[]> {
    const events = await ledger(context, subject);
    return Object.values(Purpose)
      .filter((purpose) => legalBases[purpose] === "CONSENT")
      .map((purpose) => consentOf(subject, purpose, events));
  }
}

const ledger = ({ requests }: RequestContext, { id }: Subject) =>
  consentsOf(dbOf(requests.register.store), id);

function consentOf({ id }: Subject, purpose: Purpose, ledger: readonly ConsentRow[]): Consent {
  const events = ledger.filter((event) => event.purpose === purpose);
  const latest = events.at(-1);
  return {
    purpose,
    status: latest?.status ?? "NOT_ASKED",
    decidedAt: latest?.at ?? null,
    policyVersion: latest?.policy_version ?? null,
    history: events.map(({ status, at, by_role, channel, policy_version, wording }) => ({
      status,
      at,
      by: by_role,
      channel,
      policyVersion: policy_version,
      wording,
    })),
    events,
    subjectId: id,
  };
}

@InputType()
export class SetConsentInput extends ActsForInput {
  @Field(() => Purpose)
  purpose!: Purpose;

  @Field(() => Boolean)
  given!: boolean;

  @Field(() => ID, { nullable: true, description: "That the person was shown; the current one if absent." })
  policyVersion?: string | null;

  @Field(() => String, { nullable: true, description: "How it came: PORTAL, EMAIL, PHONE, POST or OPENDSR." })
  channel?: string | null;
}

@ObjectType({ simpleResolvers: true })
export class SetConsentPayload {
  @Field(() => Consent)
  @Container
  consent!: Consent;

  @Field(() => [StepOutcome], { description: "What it came to in each system, and with each recipient." })
  @Container
  outcomes!: StepOutcome[];

  @Field(() => DataSubjectRequest, {
    nullable: true,
    description: "That it is carried out by, to be followed. Absent: it was so before there was the gateway.",
  })
  @Container
  request!: RequestNode | null;
}

const SetConsentResult = createUnionType({
  name: "SetConsentResult",
  types: () => [SetConsentPayload, Refusal] as const,
  resolveType: (value: SetConsentPayload | Refusal) => ("code" in value ? Refusal : SetConsentPayload),
});

@Resolver()
export class ConsentMutation {
  @Mutation(() => SetConsentResult, {
    description:
      "Says yes or no to a purpose. A no counts from the very next look, and is carried out in every system that acts on it.",
  })
  @ChangedBy("SUBJECT", "DPO")
  @Changes(
    "Consent.status",
    "Consent.decidedAt",
    "Consent.policyVersion",
    "Consent.wording",
    "Consent.history",
  )
  @EntersAsNamed
  setConsent(
    @Arg("input", () => SetConsentInput) input: SetConsentInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<SetConsentPayload | Refusal> {
    return actFor(input, context, info, async (actor): Promise<SetConsentPayload> => {
      const request = await setConsent(input, actor, context);
      context.forgetReads();
      const steps = request ? await context.requests.steps(request.id) : [];
      return {
        consent: consentOf(actor.subject, input.purpose, await ledger(context, actor.subject)),
        outcomes: steps.flatMap((step) => (isLetter(step) ? [] : outcomeNode(step, context.language))),
        request: request && requestNode(request, actor.subject),
      };
    });
  }
}
