import { Ctx, Field, FieldResolver, ID, ObjectType, Resolver, Root } from "type-graphql";
import { Container, Personal } from "../access/annotate.ts";
import { Purpose, Role } from "../access/vocabulary.ts";
import { DataSubject, type Subject } from "../sources/data-subject.ts";
import { DateTime } from "../sources/scalars.ts";
import { Refusal } from "../subjects/refusal-graph.ts";
import type { RequestContext } from "./context.ts";
import { extensionIn } from "./extend.ts";
import { rightsRequest } from "./labels.ts";
import { noteColumn, type RequestRow } from "./rows.ts";
import { RequestStep, stepNode } from "./step-graph.ts";
import { RequestChannel, RequestKind, RequestStatus, RequestWaitsFor } from "./vocabulary.ts";
import { waitsFor } from "./waits-for.ts";

@ObjectType({ simpleResolvers: true })
@Personal(rightsRequest)
export class TimelineEntry {
  @Field(() => DateTime)
  at!: Date;

  @Field(() => Role, { nullable: true, description: "Absent: the gateway itself." })
  by!: Role | null;

  @Field(() => String)
  event!: string;

  @Field(() => String, { nullable: true })
  detail!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "What whoever did it wrote; of a message to the person, its subject and text as they were sent.",
  })
  @Personal({ ...rightsRequest, freeText: true })
  note!: string | null;
}

/** A request as the graph walks it, with whose it is. */
export interface RequestNode {
  readonly id: string;
  readonly kind: RequestKind;
  readonly status: RequestStatus;
  readonly channel: RequestChannel;
  readonly receivedAt: Date;
  readonly dueAt: Date;
  readonly completedAt: Date | null;
  readonly purpose: Purpose | null;
  readonly startsAt: Date | null;
  readonly receipt: string | null;
  readonly row: RequestRow;
  readonly subject: Subject;
}

export const requestNode = (row: RequestRow, subject: Subject): RequestNode => ({
  id: row.id,
  kind: row.kind,
  status: row.status,
  channel: row.channel,
  receivedAt: row.received_at,
  dueAt: row.due_at,
  completedAt: row.completed_at,
  purpose: row.purpose,
  startsAt: row.starts_at,
  receipt: row.receipt,
  row,
  subject,
});

@ObjectType({ description: "A right that somebody exercises (GDPR Art. 12-22), and how far it has come." })
@Personal(rightsRequest)
export class DataSubjectRequest implements RequestNode {
  @Field(() => ID, { simple: true })
  id!: string;

  @Field(() => RequestKind, { simple: true })
  kind!: RequestKind;

  @Field(() => RequestStatus, { simple: true })
  status!: RequestStatus;

  @Field(() => DataSubject, { nullable: true, simple: true })
  @Container
  subject!: Subject;

  @Field(() => RequestChannel, { simple: true })
  channel!: RequestChannel;

  @Field(() => DateTime, { simple: true })
  receivedAt!: Date;

  @Field(() => DateTime, {
    simple: true,
    description:
      "The end of the last day in Norway: 30 days after that of receipt, or one month if that is earlier; extended, three months (GDPR Art. 12(3)).",
  })
  dueAt!: Date;

  @Field(() => DateTime, { nullable: true, simple: true })
  completedAt!: Date | null;

  @Field(() => Purpose, {
    nullable: true,
    simple: true,
    description: "That an objection, a consent or a withdrawal is about.",
  })
  purpose!: Purpose | null;

  @Field(() => DateTime, {
    nullable: true,
    simple: true,
    description: "Nothing is done before then: until then it can be taken back.",
  })
  startsAt!: Date | null;

  @Field(() => String, {
    nullable: true,
    simple: true,
    description:
      "What was done, signed (compact JWS, ES256); the key is at `/.well-known/jwks.json`. Absent: it is not done yet, or there is none.",
  })
  receipt!: string | null;

  row!: RequestRow;
}

@Resolver(() => DataSubjectRequest)
export class RequestGraph {
  @FieldResolver(() => [RequestStep])
  @Personal(rightsRequest)
  async steps(
    @Root() { id }: RequestNode,
    @Ctx() { requests, language }: RequestContext,
  ): Promise<RequestStep[]> {
    return (await requests.steps(id)).map((step) => stepNode(step, language));
  }

  @FieldResolver(() => [TimelineEntry])
  @Personal(rightsRequest)
  async timeline(
    @Root() { row }: RequestNode,
    @Ctx() { requests }: RequestContext,
  ): Promise<readonly TimelineEntry[]> {
    const key = await requests.key(row);
    const events = await requests.events(row.id);
    return events.map(({ at, by_role, event, detail, sealed_note }) => {
      const note = key && sealed_note && key.unseal(sealed_note, noteColumn);
      return { at, by: by_role, event, detail, note };
    });
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "Why the deadline has been extended by two months (GDPR Art. 12(3)).",
  })
  @Personal({ ...rightsRequest, freeText: true })
  async extendedBecause(
    @Root() { row }: RequestNode,
    @Ctx() { requests }: RequestContext,
  ): Promise<string | null> {
    const key = await requests.key(row);
    const sealed = extensionIn(await requests.events(row.id));
    return key && sealed && key.unseal(sealed, noteColumn);
  }

  @FieldResolver(() => RequestWaitsFor, {
    nullable: true,
    description: "Whose turn it is; absent: it is over.",
  })
  @Personal(rightsRequest)
  async waitsFor(
    @Root() { row }: RequestNode,
    @Ctx() { requests }: RequestContext,
  ): Promise<RequestWaitsFor | null> {
    return waitsFor(row, await requests.steps(row.id), await requests.now());
  }

  @FieldResolver(() => Refusal, { nullable: true, description: "Where the request was refused: why." })
  @Personal(rightsRequest)
  refusal(
    @Root() { row }: RequestNode,
    @Ctx() { requests, language }: RequestContext,
  ): Promise<Refusal | null> {
    return requests.refusal(row, language);
  }
}
