import type { GraphQLResolveInfo } from "graphql";
import { Args, Ctx, Field, FieldResolver, ID, Info, Int, ObjectType, Resolver, Root } from "type-graphql";
import { Personal } from "../access/annotate.ts";
import { DataCategory, Purpose, Role } from "../access/vocabulary.ts";
import type { RecordedLook } from "../audit/looks.ts";
import { type Connection, connectionOf, defaultPageSize, PageArguments } from "../sources/connection.ts";
import { InvalidCursor } from "../sources/contract.ts";
import { decodeCursor, encodeCursor } from "../sources/cursor.ts";
import { DataSubject, type Subject } from "../sources/data-subject.ts";
import { DateTime } from "../sources/scalars.ts";
import type { SourceUnavailable } from "../sources/loader.ts";
import type { AccessLog } from "./access-log.ts";
import { askEachSource, type SubjectContext } from "./ask.ts";
import type { EmployeeNames } from "./employee-names.ts";
import { accessLog as label } from "./labels.ts";

/** What resolvers of the log of looks need of the operation's context. */
export interface AccessLogContext extends SubjectContext {
  readonly accessLog: AccessLog;
  /** Null: the configuration does not want them. */
  readonly employeeNames: EmployeeNames | null;
  /** For the response: what the field's answer lacks. */
  readonly lacking: (failures: readonly SourceUnavailable[], info: GraphQLResolveInfo) => void;
}

@ObjectType({ simpleResolvers: true, description: "A look of staff at a person's data." })
@Personal(label)
export class AccessLogEntry {
  @Field(() => DateTime)
  at!: string;

  @Field(() => Role)
  role!: Role;

  @Field(() => Purpose, { description: "As stated by the employee." })
  purpose!: Purpose;

  @Field(() => [DataCategory], {
    description: "Of what was given out. Empty: nothing but that the person is known.",
  })
  categories!: readonly DataCategory[];

  @Field(() => [String], { description: "Systems whose data it was." })
  sources!: readonly string[];

  @Field(() => ID, {
    nullable: true,
    description: "Of the HTTP request: what was read in one request has the same.",
  })
  requestId!: string;

  subjectRef!: string;
  sealedActorName!: Uint8Array | null;
}

@Resolver(() => AccessLogEntry)
export class AccessLogEntryGraph {
  @FieldResolver(() => String, {
    nullable: true,
    description: "Who looked. Null unless the controller has chosen that persons are told by name.",
  })
  @Personal(label)
  employee(
    @Root() { subjectRef, sealedActorName }: AccessLogEntry,
    @Ctx() { employeeNames }: AccessLogContext,
  ): Promise<string | null> | null {
    return sealedActorName && employeeNames && employeeNames.open(subjectRef, sealedActorName);
  }
}

const AccessLogConnection = connectionOf(AccessLogEntry, "AccessLog", label);

interface Page extends Connection<AccessLogEntry> {
  readonly names: readonly string[];
}

@Resolver(() => AccessLogConnection)
export class AccessLogConnectionGraph {
  @FieldResolver(() => Int)
  @Personal(label)
  totalCount(@Root() { names }: Page, @Ctx() { accessLog }: AccessLogContext): Promise<number> {
    return accessLog.count(names);
  }
}

@Resolver(() => DataSubject)
export class AccessLogBranch {
  @FieldResolver(() => AccessLogConnection, {
    description:
      "Who looked at what, when and why: every read by staff, newest first. One's own are not in it.",
  })
  @Personal(label)
  async accessLog(
    @Root() subject: DataSubject,
    @Args(() => PageArguments) { first, after }: PageArguments,
    @Ctx() context: AccessLogContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Page> {
    const before = after == null ? null : sequenceOf(after);
    const names = await everyName(subject, context, info);
    const size = first ?? defaultPageSize;
    const looks = await context.accessLog.page(names, before, size + 1);
    const edges = looks.slice(0, size).map((node) => ({ cursor: cursorOf(node), node }));
    return {
      names,
      edges,
      pageInfo: {
        hasNextPage: looks.length > size,
        hasPreviousPage: before !== null,
        startCursor: edges[0]?.cursor ?? null,
        endCursor: edges.at(-1)?.cursor ?? null,
      },
    };
  }
}

/**
 * Staff may have found a person by an identifier that the person has not shown, such as a customer number, and looked
 * at them as somebody new: only the record that both lead to tells that they are one. So every source is asked first,
 * and one that cannot answer is named, since the log may lack what was read there.
 */
async function everyName(
  subject: Subject,
  context: AccessLogContext,
  info: GraphQLResolveInfo,
): Promise<readonly string[]> {
  const answers = await Promise.all(askEachSource(context, subject));
  context.lacking(
    answers.flatMap((answer) => (answer.state === "UNAVAILABLE" ? answer.failure : [])),
    info,
  );
  const foundAs = answers.flatMap((answer) => (answer.state === "HELD" ? answer.foundAs : []));
  return context.accessLog.namesOf([subject.id, ...foundAs]);
}

const collection = "accessLog";
const largestSequence = 2n ** 63n - 1n;

const cursorOf = ({ sequence }: RecordedLook): string => encodeCursor(collection, [sequence]);

/** @throws InvalidCursor */
function sequenceOf(cursor: string): string {
  const [sequence] = decodeCursor(collection, cursor, 1);
  if (!/^\d{1,19}$/.test(sequence ?? "") || BigInt(sequence ?? 0) > largestSequence)
    throw new InvalidCursor();
  return sequence ?? "";
}
