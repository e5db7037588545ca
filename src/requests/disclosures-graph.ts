import type { GraphQLResolveInfo } from "graphql";
import {
  Arg,
  createUnionType,
  Ctx,
  Field,
  ID,
  Info,
  InputType,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from "type-graphql";
import { ChangedBy, EntersAsStaff, Personal } from "../access/annotate.ts";
import { DataCategory } from "../access/vocabulary.ts";
import { DateOnly, DateTime } from "../sources/scalars.ts";
import { dbOf } from "../store/tables.ts";
import { disclosuresOf, type StoredDisclosure } from "../subjects/disclosure-rows.ts";
import { NotFound } from "../subjects/not-found.ts";
import { Refusal } from "../subjects/refusal-graph.ts";
import { actAsStaff, staffAsker } from "./actor.ts";
import type { RequestContext } from "./context.ts";
import { disclosure as label } from "./labels.ts";
import { Recipient } from "./notice-graph.ts";
import { prolongSecrecy } from "./prolong-secrecy.ts";
import { lookInSecrecy, recordDisclosure } from "./record-disclosure.ts";
import { type DisclosedTo, toAuthority } from "./recipients-graph.ts";

@ObjectType({
  simpleResolvers: true,
  description: "That data of a person was handed over to an authority that ordered it.",
})
@Personal(label)
export class Disclosure {
  @Field(() => ID)
  id!: string;

  @Field(() => DateTime, { description: "When it was written down." })
  at!: Date;

  @Field(() => String, {
    nullable: true,
    description: "Absent, as the ground: the person was erased before a restore, and the words are gone.",
  })
  @Personal({ ...label, freeText: true })
  authority!: string | null;

  @Field(() => String, { nullable: true })
  @Personal({ ...label, freeText: true })
  legalGround!: string | null;

  @Field(() => [DataCategory])
  categories!: readonly DataCategory[];

  @Field(() => DateOnly, {
    nullable: true,
    description: "The last day, in Norway, on which the person is not to know of it.",
  })
  secrecyUntil!: string | null;

  @Field(() => Boolean, { description: "Whether the person is not shown it yet." })
  secret!: boolean;
}

const disclosureNode = ({ secretUntil, isSecret, ...stored }: StoredDisclosure): Disclosure => ({
  ...stored,
  secrecyUntil: secretUntil,
  secret: isSecret,
});

@Resolver()
export class DisclosureQueries {
  @Query(() => [Disclosure], {
    description:
      "Staff: everything of a person that was handed over to authorities, oldest first, also what is secret. The look is in the person's log; where something is secret, from the end of that on.",
  })
  @Personal(label)
  @EntersAsStaff("DATA_SUBJECT_RIGHTS")
  async disclosures(
    @Arg("subjectId", () => ID) subjectId: string,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<readonly Disclosure[]> {
    const { people, requests, entered, asStaff, sealedName } = context;
    const viewer = asStaff("DATA_SUBJECT_RIGHTS");
    const person = await people.byId(subjectId);
    if (person === null) {
      entered(viewer, [], info);
      throw new NotFound();
    }
    const { register } = requests;
    const found = await disclosuresOf(dbOf(register.store), register, person.id, { alsoSecret: true });
    const until = found.flatMap(({ isSecret, secretUntil }) =>
      isSecret && secretUntil ? [secretUntil] : [],
    );
    const last = until.sort().at(-1);
    if (last === undefined) entered(viewer, [{ id: person.id, sources: [] }], info);
    else {
      const look = lookInSecrecy(person.id, last, await sealedName(person.id));
      await requests.recorded(staffAsker(context, info, "nb"), async () => ({
        value: null,
        entries: [look],
      }));
    }
    return found.map(disclosureNode);
  }
}

@InputType()
export class RecordDisclosureInput {
  @Field(() => ID)
  subjectId!: string;

  @Field(() => String, { description: "One line. Kept under the person's own key." })
  authority!: string;

  @Field(() => String, {
    description: "The law and the order that it was demanded by. Kept under the person's own key.",
  })
  legalGround!: string;

  @Field(() => [DataCategory], { description: "Of what was handed over." })
  categories!: DataCategory[];

  @Field(() => DateOnly, {
    nullable: true,
    description:
      "The last day, in Norway, on which the person is not to know of it. Absent: secrecy is not ordered.",
  })
  secrecyUntil?: Date | null;
}

const RecordDisclosureResult = createUnionType({
  name: "RecordDisclosureResult",
  types: () => [Recipient, Refusal] as const,
  resolveType: (value: DisclosedTo | Refusal) => ("code" in value ? Refusal : Recipient),
});

@InputType()
export class ProlongSecrecyInput {
  @Field(() => ID, { description: "Of a `Disclosure`." })
  id!: string;

  @Field(() => DateOnly, { description: "The new last day, in Norway. Later than the one that is there." })
  secrecyUntil!: Date;
}

const ProlongSecrecyResult = createUnionType({
  name: "ProlongSecrecyResult",
  types: () => [Disclosure, Refusal] as const,
  resolveType: (value: Disclosure | Refusal) => ("code" in value ? Refusal : Disclosure),
});

@Resolver()
export class DisclosureMutations {
  @Mutation(() => RecordDisclosureResult, {
    description:
      "Writes down that data of a person was handed over to an authority. The person sees it among `recipients`, unless secrecy is ordered: then from its end on. It is never changed; `prolongSecrecy` has it stay secret.",
  })
  @ChangedBy("DPO")
  @EntersAsStaff("DATA_SUBJECT_RIGHTS")
  recordDisclosure(
    @Arg("input", () => RecordDisclosureInput) input: RecordDisclosureInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<DisclosedTo | Refusal> {
    return actAsStaff(context, info, async (by, viewer) => {
      const person = await context.people.byId(input.subjectId);
      if (person === null) throw new NotFound();
      const disclosed = await recordDisclosure(input, person.id, by, context);
      if (disclosed.secretUntil === null) context.entered(viewer, [{ id: person.id, sources: [] }], info);
      return toAuthority(disclosed, context.language);
    });
  }

  @Mutation(() => ProlongSecrecyResult, {
    description:
      "Has a disclosure stay secret for longer, with the looks that the person was to be told of when it ended: as long as it is secret still.",
  })
  @ChangedBy("DPO")
  @EntersAsStaff("DATA_SUBJECT_RIGHTS")
  prolongSecrecy(
    @Arg("input", () => ProlongSecrecyInput) input: ProlongSecrecyInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Disclosure | Refusal> {
    return actAsStaff(context, info, async (by) => {
      const subjectId = await prolongSecrecy(input, by, context);
      const { register } = context.requests;
      const all = await disclosuresOf(dbOf(register.store), register, subjectId, { alsoSecret: true });
      const prolonged = all.find(({ id }) => id === input.id.toLowerCase());
      if (!prolonged) throw new NotFound();
      return disclosureNode(prolonged);
    });
  }
}
