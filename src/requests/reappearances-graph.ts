import type { GraphQLResolveInfo } from "graphql";
import {
  Arg,
  Args,
  createUnionType,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Info,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from "type-graphql";
import { ChangedBy, Container, EntersAsStaff, Personal } from "../access/annotate.ts";
import { type Connection, connectionOf, defaultPageSize, PageArguments } from "../sources/connection.ts";
import { DataSubject, type Subject } from "../sources/data-subject.ts";
import { DateTime } from "../sources/scalars.ts";
import { dbOf } from "../store/tables.ts";
import { NotFound } from "../subjects/not-found.ts";
import { countReappearances } from "../subjects/reappearance-rows.ts";
import { Refusal } from "../subjects/refusal-graph.ts";
import { actAsStaff } from "./actor.ts";
import type { RequestContext } from "./context.ts";
import { reappearance } from "./labels.ts";
import { reappearanceCursor, reappearancePosition, waitingReappearances } from "./reappearances.ts";
import { DataSubjectRequest, type RequestNode, requestNode } from "./request-graph.ts";
import { settleReappearance } from "./settle-reappearance.ts";

@ObjectType({
  simpleResolvers: true,
  description:
    "A record that names somebody who was erased from its system: by an import, a synchronisation or a sign-up. The person sees it; nobody on the staff does before it is settled.",
})
@Personal(reappearance)
export class Reappearance {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { description: "As in `Holding.source`." })
  source!: string;

  @Field(() => DateTime, { description: "When it was first noticed." })
  seenAt!: Date;

  @Field(() => DataSubject, { description: "Who was erased." })
  @Container
  subject!: Subject;
}

const ReappearanceConnection = connectionOf(Reappearance, "Reappearance", reappearance);

interface Page extends Connection<Reappearance> {
  readonly count: () => Promise<number>;
}

@Resolver(() => ReappearanceConnection)
export class ReappearanceConnectionGraph {
  @FieldResolver(() => Int)
  @Personal(reappearance)
  totalCount(@Root() { count }: Page): Promise<number> {
    return count();
  }
}

@Resolver()
export class ReappearanceQueries {
  @Query(() => ReappearanceConnection, {
    description:
      "Staff: erased persons who have come up again, oldest first, until it is settled what it means.",
  })
  @Personal(reappearance)
  @EntersAsStaff("DATA_SUBJECT_RIGHTS")
  async reappearances(
    @Args(() => PageArguments) { first, after }: PageArguments,
    @Ctx() { asStaff, people, requests, entered }: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Page> {
    const db = dbOf(requests.register.store);
    const size = first ?? defaultPageSize;
    const rows = await waitingReappearances(db, after == null ? null : reappearancePosition(after), size + 1);
    const shown = rows.slice(0, size);
    const persons = await people.byIds([...new Set(shown.map(({ subject_id }) => subject_id))]);
    const viewer = asStaff("DATA_SUBJECT_RIGHTS");
    entered(
      viewer,
      shown.map(({ subject_id, source }) => ({ id: subject_id, sources: [source] })),
      info,
    );
    const edges = shown.flatMap((row) => {
      const person = persons.find(({ id }) => id === row.subject_id);
      if (!person) return [];
      const { id, source, seen_at: seenAt } = row;
      return [
        { cursor: reappearanceCursor(row), node: { id, source, seenAt, subject: { ...person, viewer } } },
      ];
    });
    return {
      edges,
      count: () => countReappearances(db),
      pageInfo: {
        hasNextPage: rows.length > size,
        hasPreviousPage: after != null,
        startCursor: edges[0]?.cursor ?? null,
        endCursor: edges.at(-1)?.cursor ?? null,
      },
    };
  }
}

@InputType()
export class SettleReappearanceInput {
  @Field(() => ID)
  id!: string;

  @Field(() => Boolean, {
    description:
      "True: the person has come back, and may come up again in every system. False: what has come up is erased again.",
  })
  newRelationship!: boolean;

  @Field(() => String, { description: "Kept under the person's own key." })
  because!: string;
}

@ObjectType({ simpleResolvers: true })
export class ReappearancePayload {
  @Field(() => DataSubject, { description: "Who was erased." })
  @Container
  subject!: Subject;

  @Field(() => DataSubjectRequest, {
    nullable: true,
    description: "The erasure that comes of it; null where the person has come back.",
  })
  @Container
  request!: RequestNode | null;
}

const SettleReappearanceResult = createUnionType({
  name: "SettleReappearanceResult",
  types: () => [ReappearancePayload, Refusal] as const,
  resolveType: (value: ReappearancePayload | Refusal) => ("code" in value ? Refusal : ReappearancePayload),
});

@Resolver()
export class ReappearanceMutations {
  @Mutation(() => SettleReappearanceResult, {
    description:
      "Says what it means that an erased person has come up again. A new relationship lifts the suppression, and the record is an ordinary one from then on; anything else is erased again, in that system, which asks for a recent strong sign-in.",
  })
  @ChangedBy("DPO")
  @EntersAsStaff("DATA_SUBJECT_RIGHTS")
  settleReappearance(
    @Arg("input", () => SettleReappearanceInput) input: SettleReappearanceInput,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<ReappearancePayload | Refusal> {
    return actAsStaff(context, info, async (by, viewer) => {
      const { reappearance: settled, request } = await settleReappearance(input, by, context);
      context.forgetReads();
      const person = await context.people.byId(settled.subject_id);
      if (!person) throw new NotFound();
      const subject = { ...person, viewer };
      context.entered(viewer, [{ id: person.id, sources: [settled.source] }], info);
      return { subject, request: request && requestNode(request, subject) };
    });
  }
}
