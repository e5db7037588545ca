import type { GraphQLResolveInfo } from "graphql";
import {
  Arg,
  Args,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Info,
  InputType,
  Int,
  Query,
  Resolver,
  Root,
} from "type-graphql";
import { EntersAsStaff, EntersByRole, Personal } from "../access/annotate.ts";
import { type Connection, connectionOf, defaultPageSize, PageArguments } from "../sources/connection.ts";
import { DataSubject, type Subject } from "../sources/data-subject.ts";
import { DateTime } from "../sources/scalars.ts";
import { NotFound } from "../subjects/not-found.ts";
import type { RequestContext } from "./context.ts";
import { rightsRequest } from "./labels.ts";
import { dueCursor, duePosition, receivedCursor, receivedPosition } from "./request-cursors.ts";
import { DataSubjectRequest, type RequestNode, requestNode } from "./request-graph.ts";
import { RequestKind, RequestStatus } from "./vocabulary.ts";
import type { Wanted } from "./work-list.ts";

@InputType({ description: "Which requests of the work list." })
export class RequestFilter {
  @Field(() => [RequestKind], { nullable: true })
  kinds?: RequestKind[] | null;

  @Field(() => [RequestStatus], { nullable: true, description: "Absent: those that are open." })
  statuses?: RequestStatus[] | null;

  @Field(() => DateTime, { nullable: true })
  dueBefore?: Date | null;
}

const RequestConnection = connectionOf(DataSubjectRequest, "Request", rightsRequest);

interface Page extends Connection<RequestNode> {
  readonly count: () => Promise<number>;
}

@Resolver(() => RequestConnection)
export class RequestConnectionGraph {
  @FieldResolver(() => Int)
  @Personal(rightsRequest)
  totalCount(@Root() { count }: Page): Promise<number> {
    return count();
  }
}

/** A request of the caller's own, or for the DPO anybody's. @throws NotFound */
export async function requestForCaller(
  id: string,
  context: RequestContext,
  info: GraphQLResolveInfo,
): Promise<RequestNode> {
  const { people, requests, self } = context;
  const viewer = context.asStaff("DATA_SUBJECT_RIGHTS");
  // Other staff are nobody here but the person that they may be as well.
  if (!viewer.roles.has("DPO")) {
    // Before the request: whoever had written by letter becomes one with who signs in for the first time.
    const own = await self();
    const row = await requests.byId(id);
    if (own === null || row?.subject_id !== own.id) throw new NotFound();
    return requestNode(row, own);
  }
  const row = await requests.byId(id);
  const person = row && (await people.byId(row.subject_id));
  context.entered(viewer, person ? [{ id: person.id, sources: [] }] : [], info);
  if (!row || !person) throw new NotFound();
  return requestNode(row, { ...person, viewer });
}

@Resolver()
export class RequestQueries {
  @Query(() => DataSubjectRequest, {
    nullable: true,
    description: "One of the caller's own requests; for the DPO, anybody's.",
  })
  @Personal(rightsRequest)
  @EntersByRole
  request(
    @Arg("id", () => ID) id: string,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<RequestNode> {
    return requestForCaller(id, context, info);
  }

  @Query(() => RequestConnection, {
    description: "Staff: the work list, most urgent first. Without a filter, the requests that are open.",
  })
  @Personal({ ...rightsRequest, onlyFor: ["DPO"] })
  @EntersAsStaff("DATA_SUBJECT_RIGHTS")
  async requests(
    @Arg("filter", () => RequestFilter, { nullable: true }) filter: RequestFilter | null | undefined,
    @Args(() => PageArguments) { first, after }: PageArguments,
    @Ctx() { asStaff, people, requests, entered }: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Page> {
    const wanted: Wanted = {
      kinds: filter?.kinds ?? null,
      statuses: filter?.statuses ?? null,
      dueBefore: filter?.dueBefore ?? null,
    };
    const size = first ?? defaultPageSize;
    const rows = await requests.urgent(wanted, after == null ? null : duePosition(after), size + 1);
    const shown = rows.slice(0, size);
    const persons = await people.byIds([...new Set(shown.map(({ subject_id }) => subject_id))]);
    const viewer = asStaff("DATA_SUBJECT_RIGHTS");
    entered(
      viewer,
      persons.map(({ id }) => ({ id, sources: [] })),
      info,
    );
    const nodes = shown.flatMap((row) => {
      const person = persons.find(({ id }) => id === row.subject_id);
      return person ? [requestNode(row, { ...person, viewer })] : [];
    });
    return pageOf(nodes, rows.length > size, after, dueCursor, () => requests.countOf(wanted));
  }
}

@Resolver(() => DataSubject)
export class RequestsBranch {
  @FieldResolver(() => RequestConnection, {
    description: "What the person has asked for, newest first.",
  })
  @Personal(rightsRequest)
  async requests(
    @Root() subject: Subject,
    @Args(() => PageArguments) { first, after }: PageArguments,
    @Ctx() { requests }: RequestContext,
  ): Promise<Page> {
    const size = first ?? defaultPageSize;
    const rows = await requests.page(subject.id, after == null ? null : receivedPosition(after), size + 1);
    const nodes = rows.slice(0, size).map((row) => requestNode(row, subject));
    return pageOf(nodes, rows.length > size, after, receivedCursor, () => requests.count(subject.id));
  }
}

function pageOf(
  nodes: readonly RequestNode[],
  hasNextPage: boolean,
  after: string | null | undefined,
  cursorOf: (node: RequestNode) => string,
  count: () => Promise<number>,
): Page {
  const edges = nodes.map((node) => ({ cursor: cursorOf(node), node }));
  return {
    edges,
    count,
    pageInfo: {
      hasNextPage,
      hasPreviousPage: after != null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
