import type { GraphQLResolveInfo } from "graphql";
import { Arg, createUnionType, Ctx, Field, ID, Info, InputType, Mutation, Resolver } from "type-graphql";
import { ChangedBy, Changes, EntersAsStaff } from "../access/annotate.ts";
import { DataSubject, type Subject } from "../sources/data-subject.ts";
import { refusals } from "./decision-refusals.ts";
import type { Decisions, RefusedDecision } from "./decisions.ts";
import { parseIdentifier } from "./identifiers.ts";
import { parseOneOf, parseReason } from "./invalid-argument.ts";
import { NotFound } from "./not-found.ts";
import { Refusal } from "./refusal-graph.ts";
import { IdentifierInput, type StaffContext } from "./staff-graph.ts";

/** What resolvers that settle matches need of the operation's context. */
export interface DecisionContext extends StaffContext {
  readonly decisions: Decisions;
}

const becauseDescription = "One line, at most 1000 characters. Kept under the person's own key.";

@InputType()
export class LinkIdentityInput {
  @Field(() => ID)
  subjectId!: string;

  @Field(() => String, { description: "As in `Holding.source`." })
  source!: string;

  @Field(() => IdentifierInput, { description: "Finds one record in the source: the customer number does." })
  identifier!: IdentifierInput;

  @Field(() => String, { description: becauseDescription })
  because!: string;
}

@InputType()
export class UnlinkIdentityInput {
  @Field(() => ID)
  subjectId!: string;

  @Field(() => String, { description: "As in `Holding.source`." })
  source!: string;

  @Field(() => String, { description: becauseDescription })
  because!: string;
}

const LinkIdentityResult = createUnionType({
  name: "LinkIdentityResult",
  description: "The person as the decision leaves them, or why there was no decision.",
  types: () => [DataSubject, Refusal] as const,
  resolveType: (value: Subject | Refusal) => ("code" in value ? Refusal : DataSubject),
});

@Resolver()
export class DecisionMutations {
  @Mutation(() => LinkIdentityResult, {
    description:
      "The record that the identifier finds in the source is this person's, and nobody else's: it holds at once, before whatever the person's own identifiers find there. The same link again changes nothing.",
  })
  @ChangedBy("DPO")
  @Changes("Holding.state")
  @EntersAsStaff("DATA_SUBJECT_RIGHTS")
  linkIdentity(
    @Arg("input", () => LinkIdentityInput) input: LinkIdentityInput,
    @Ctx() context: DecisionContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Subject | Refusal> {
    const identifier = parseIdentifier(input.identifier, "input.identifier");
    const about = aboutOf(input, context);
    return outcome(about, context, info, () => context.decisions.link(about, identifier));
  }

  @Mutation(() => LinkIdentityResult, {
    description:
      "No record that the source now has for the person, or that waits for review, is theirs. A later `linkIdentity` overrides it, record by record.",
  })
  @ChangedBy("DPO")
  @Changes("Holding.state")
  @EntersAsStaff("DATA_SUBJECT_RIGHTS")
  unlinkIdentity(
    @Arg("input", () => UnlinkIdentityInput) input: UnlinkIdentityInput,
    @Ctx() context: DecisionContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Subject | Refusal> {
    const about = aboutOf(input, context);
    return outcome(about, context, info, () => context.decisions.unlink(about));
  }
}

type About = Parameters<Decisions["unlink"]>[0];

/** @throws InvalidArgument */
function aboutOf(
  { subjectId, source, because }: UnlinkIdentityInput,
  { connected, asStaff }: DecisionContext,
): About {
  const sources = connected.map(({ key }) => key);
  return {
    subjectId,
    source: parseOneOf(source, "input.source", sources),
    because: parseReason(because, "input.because"),
    viewer: asStaff("DATA_SUBJECT_RIGHTS"),
  };
}

async function outcome(
  { subjectId, viewer }: About,
  { people, entered, language }: DecisionContext,
  info: GraphQLResolveInfo,
  decide: () => Promise<RefusedDecision | null>,
): Promise<Subject | Refusal> {
  const refused = await decide();
  if (refused !== null) {
    // It tells what a system has, so it is recorded as a search is.
    entered(viewer, [], info);
    const { code, text } = refusals[refused];
    return { code, message: text[language], legalGround: null };
  }
  const person = await people.byId(subjectId);
  if (person === null) throw new NotFound();
  return { ...person, viewer };
}
