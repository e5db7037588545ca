import type { GraphQLResolveInfo } from "graphql";
import { createUnionType, Field, ObjectType } from "type-graphql";
import { Container } from "../access/annotate.ts";
import { Refusal } from "../subjects/refusal-graph.ts";
import {
  actAsStaff,
  type ActingOn,
  actFor,
  actOn,
  type Actor,
  type ActorOnRequest,
  type ActsFor,
  ownAsker,
  refusing,
  staffAsker,
} from "./actor.ts";
import type { RequestContext } from "./context.ts";
import { DataSubjectRequest, type RequestNode, requestNode } from "./request-graph.ts";
import type { Asker, AskingPerson } from "./desk.ts";
import type { Registered } from "./register.ts";
import { requestForCaller } from "./requests-graph.ts";
import type { RequestRow } from "./rows.ts";

@ObjectType({ simpleResolvers: true })
export class RequestPayload {
  @Field(() => DataSubjectRequest)
  @Container
  request!: RequestNode;
}

export const RequestResult = createUnionType({
  name: "RequestResult",
  types: () => [RequestPayload, Refusal] as const,
  resolveType: (value: RequestPayload | Refusal) => ("code" in value ? Refusal : RequestPayload),
});

/** Carries out what makes or changes one request, as `actFor`, and answers with that. @throws InvalidArgument, NotFound */
export function answerWithRequest(
  input: ActsFor,
  context: RequestContext,
  info: GraphQLResolveInfo,
  act: (actor: Actor) => Promise<RequestRow>,
  on?: ActingOn,
): Promise<RequestPayload | Refusal> {
  return actFor(input, context, info, async (actor) => payload(await act(actor), actor, context), on);
}

/** As `answerWithRequest`, for staff who name the request alone. @throws NotFound */
export function answerOnRequest(
  id: string,
  context: RequestContext,
  info: GraphQLResolveInfo,
  act: (actor: ActorOnRequest) => Promise<RequestRow>,
): Promise<RequestPayload | Refusal> {
  return actOn(id, context, info, async (actor) => payload(await act(actor), actor, context));
}

/** As `answerWithRequest`, for staff who make a request of whom it turns out to be about. */
export function answerWithNew(
  context: RequestContext,
  info: GraphQLResolveInfo,
  make: (by: Asker) => Promise<Registered>,
): Promise<RequestPayload | Refusal> {
  return actAsStaff(context, info, async (by, viewer) => {
    const { request, person, failures } = await make(by);
    context.lacking(failures, info);
    context.entered(viewer, [{ id: person.id, sources: [] }], info);
    return payload(request, { subject: { ...person, viewer } }, context);
  });
}

/** As `answerWithRequest`, for a request of the caller's own, or for the DPO anybody's. @throws NotFound */
export async function answerOnOwn(
  id: string,
  context: RequestContext,
  info: GraphQLResolveInfo,
  act: (row: RequestRow, by: AskingPerson) => Promise<RequestRow>,
): Promise<RequestPayload | Refusal> {
  const { row, subject } = await requestForCaller(id, context, info);
  const by = subject.viewer.as === "own" ? ownAsker(context, info) : staffAsker(context, info, row.language);
  return refusing(context, async () => payload(await act(row, by), { subject }, context));
}

function payload(
  row: RequestRow,
  { subject }: Pick<Actor, "subject">,
  { forgetReads }: RequestContext,
): RequestPayload {
  forgetReads();
  return { request: requestNode(row, subject) };
}
