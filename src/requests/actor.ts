import type { GraphQLResolveInfo } from "graphql";
import type { Language } from "../language/language.ts";
import type { Subject, Viewer } from "../sources/data-subject.ts";
import { InvalidArgument } from "../subjects/invalid-argument.ts";
import { NotFound } from "../subjects/not-found.ts";
import type { Refusal } from "../subjects/refusal-graph.ts";
import type { RequestContext } from "./context.ts";
import { type AskingPerson, RequestClosed } from "./desk.ts";
import { WrongState } from "./lifecycle.ts";
import { Refused } from "./refused.ts";
import { refusal } from "./refusals.ts";
import type { RequestRow } from "./rows.ts";
import { isFinal, type RequestChannel } from "./vocabulary.ts";

/** For whom a mutation is called: absent, the signed-in person; staff name the person and the request they act on. */
export interface ActsFor {
  readonly subjectId?: string | null;
  readonly requestId?: string | null;
}

/** Who calls a mutation, and for whom. */
export interface Actor {
  readonly subject: Subject;
  readonly by: AskingPerson;
  readonly channel: RequestChannel;
  /** The request that staff act on; null: the person's own doing. */
  readonly registered: RequestRow | null;
}

export type ActorOnRequest = Actor & { readonly registered: RequestRow };

/** Which of a person's requests staff may act on. */
export interface ActingOn {
  /** One that has ended, too: what it brought about is to be undone. */
  readonly ended?: true;
}

/**
 * Carries a mutation out for whom it is for; what it throws as `Refused` is answered as a refusal.
 * @throws InvalidArgument, NotFound
 */
export async function actFor<T>(
  input: ActsFor,
  context: RequestContext,
  info: GraphQLResolveInfo,
  act: (actor: Actor) => Promise<T>,
  on: ActingOn = {},
): Promise<T | Refusal> {
  return refusing(context, async () => act(await actorOf(input, context, info, on)));
}

/** As `actFor`, for staff who do not know yet of whom they speak. */
export function actAsStaff<T>(
  context: RequestContext,
  info: GraphQLResolveInfo,
  act: (by: AskingPerson, viewer: Viewer) => Promise<T>,
): Promise<T | Refusal> {
  const viewer = context.asStaff("DATA_SUBJECT_RIGHTS");
  if (!viewer.roles.has("DPO")) throw new NotFound();
  return refusing(context, () => act(staffAsker(context, info, "nb"), viewer));
}

/** As `actFor`, for staff who name the request alone. @throws NotFound */
export async function actOn<T>(
  id: string,
  context: RequestContext,
  info: GraphQLResolveInfo,
  act: (actor: ActorOnRequest) => Promise<T>,
): Promise<T | Refusal> {
  const viewer = context.asStaff("DATA_SUBJECT_RIGHTS");
  const registered = await context.requests.byId(id);
  const person = registered && (await context.people.byId(registered.subject_id));
  if (!registered || !person || !viewer.roles.has("DPO")) throw new NotFound();
  context.entered(viewer, [{ id: person.id, sources: [] }], info);
  const actor = { ...staffActor(registered, context, info), subject: { ...person, viewer } };
  return refusing(context, () => act(actor));
}

export async function refusing<T>(
  context: Pick<RequestContext, "language">,
  act: () => Promise<T>,
): Promise<T | Refusal> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof RequestClosed) return refusal("REQUEST_CLOSED", context.language);
    if (error instanceof WrongState && error.refusedAs) return refusal(error.refusedAs, context.language);
    if (error instanceof Refused) return refusal(error.reason, context.language, error.about);
    throw error;
  }
}

async function actorOf(
  input: ActsFor,
  context: RequestContext,
  info: GraphQLResolveInfo,
  { ended }: ActingOn,
): Promise<Actor> {
  if (input.subjectId === undefined || input.subjectId === null) {
    // Whoever means to act on somebody's request never acts for themself by mistake.
    if (input.requestId !== undefined && input.requestId !== null)
      throw new InvalidArgument("input.subjectId", "EMPTY");
    const subject = await context.self();
    if (subject === null || !subject.proven || context.principal === null) throw new Refused("NOT_VERIFIED");
    await context.people.rememberCaller(context.principal);
    return { subject, by: ownAsker(context, info), channel: "PORTAL", registered: null };
  }
  const viewer = context.asStaff("DATA_SUBJECT_RIGHTS");
  // The operation check has refused it before; this is for whoever leaves that out.
  if (!viewer.roles.has("DPO")) throw new NotFound();
  if (!input.requestId) throw new InvalidArgument("input.requestId", "EMPTY");
  const person = await context.people.byId(input.subjectId);
  if (person === null) throw new NotFound();
  const registered = await context.requests.byId(input.requestId);
  if (registered?.subject_id !== person.id) throw new NotFound();
  context.entered(viewer, [{ id: person.id, sources: [] }], info);
  if (isFinal(registered) && !ended) throw new Refused("REQUEST_CLOSED");
  if (registered.status === "AWAITING_IDENTITY") throw new Refused("IDENTITY_NOT_ESTABLISHED");
  return { ...staffActor(registered, context, info), subject: { ...person, viewer } };
}

const coordinateOf = ({ parentType, fieldName }: GraphQLResolveInfo) => `${parentType.name}.${fieldName}`;

export const ownAsker = (
  { requestId, language }: Pick<RequestContext, "requestId" | "language">,
  info: GraphQLResolveInfo,
): AskingPerson => ({
  role: "SUBJECT",
  actorRef: null,
  requestId,
  coordinate: coordinateOf(info),
  language,
});

export const staffAsker = (
  { actorRef, requestId }: RequestContext,
  info: GraphQLResolveInfo,
  language: Language,
): AskingPerson => ({ role: "DPO", actorRef, requestId, coordinate: coordinateOf(info), language });

const staffActor = (registered: RequestRow, context: RequestContext, info: GraphQLResolveInfo) => ({
  by: staffAsker(context, info, registered.language),
  channel: registered.channel,
  registered,
});
