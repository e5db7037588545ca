import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  ID,
  InputType,
  Int,
  ObjectType,
  Query,
  Resolver,
} from "type-graphql";
import { OpenTo } from "../access/annotate.ts";
import { Purpose, Role } from "../access/vocabulary.ts";
import { auditEvents } from "../audit/entry.ts";
import type { ListedEntry, WantedEntries } from "../audit/entries.ts";
import { annotatedConnection, type Connection } from "../sources/connection.ts";
import { InvalidCursor } from "../sources/contract.ts";
import { decodeCursor, encodeCursor } from "../sources/cursor.ts";
import { DateTime } from "../sources/scalars.ts";
import { isUuid } from "../store/uuid.ts";
import { InvalidArgument, parseOneOf } from "../subjects/invalid-argument.ts";

/** What the query about the trail has at hand. */
export interface AuditTrailContext {
  /** Recorded in the trail itself. Null: there is no entry of the sequence. */
  readonly auditTrail: (
    wanted: WantedEntries,
    after: string | null,
    most: number,
  ) => Promise<readonly ListedEntry[] | null>;
}

const auditors = OpenTo("AUDITOR", "DPO");

@ObjectType({
  simpleResolvers: true,
  description: "What was done, in which role, why and to whose data. It holds no value of a person.",
})
@auditors
export class AuditEntry {
  @Field(() => ID, {
    description: "Given when the entry is written, before the answer leaves; rises, with gaps.",
  })
  sequence!: string;

  @Field(() => DateTime)
  at!: string;

  @Field(() => String)
  event!: string;

  @Field(() => Role, { nullable: true, description: "Null: the gateway itself." })
  actorRole!: Role | null;

  @Field(() => String, { nullable: true, description: "Pseudonym of the member of staff." })
  actorRef!: string | null;

  @Field(() => String, { nullable: true, description: "Pseudonym of the person: the gateway's id." })
  subjectRef!: string | null;

  @Field(() => Purpose, { nullable: true })
  purpose!: Purpose | null;

  @Field(() => String, { description: "Of the HTTP request: what was done in one has the same." })
  requestId!: string;

  @Field(() => [String], { description: "Coordinates of the schema that were read, or the mutation." })
  coordinates!: readonly string[];

  @Field(() => [String], { description: "As in `DataCategory`, when it was written." })
  categories!: readonly string[];

  @Field(() => [String], { description: "Systems whose data it was." })
  sources!: readonly string[];

  @Field(() => String, { nullable: true, description: "A system, a count, a result: never a value." })
  detail!: string | null;

  @Field(() => String, {
    description: "The MAC over all of the entry, hexadecimal: what its seal has of it (HMAC-SHA-256).",
  })
  hash!: string;

  @Field(() => Boolean, {
    description: "Not chained yet: for moments, unless sealing fails. Nobody would miss it until then.",
  })
  awaitsSeal!: boolean;
}

@InputType({ description: "Which entries of the trail; what is absent narrows nothing." })
export class AuditFilter {
  @Field(() => [String], { nullable: true })
  events?: string[] | null;

  @Field(() => DateTime, { nullable: true, description: "At this moment or later." })
  since?: Date | null;

  @Field(() => DateTime, { nullable: true, description: "Before this moment." })
  until?: Date | null;

  @Field(() => String, { nullable: true, description: "As `AuditEntry.subjectRef`." })
  subjectRef?: string | null;
}

const defaultSize = 50;

@ArgsType()
class TrailPage {
  @Field(() => Int, { nullable: true, defaultValue: defaultSize, description: "At most 500." })
  first?: number | null;

  @Field(() => String, { nullable: true, description: "A cursor of an earlier page." })
  after?: string | null;
}

const AuditEntryConnection = annotatedConnection(AuditEntry, "AuditEntry", auditors);

@Resolver()
export class AuditTrailQuery {
  @Query(() => AuditEntryConnection, {
    description: "The trail, newest first. That it was looked at, and how much of it, is recorded in it.",
  })
  @auditors
  async auditTrail(
    @Arg("filter", () => AuditFilter, { nullable: true }) filter: AuditFilter | null | undefined,
    @Args(() => TrailPage) { first, after }: TrailPage,
    @Ctx() { auditTrail }: AuditTrailContext,
  ): Promise<Connection<AuditEntry>> {
    const size = first ?? defaultSize;
    const position = after == null ? null : sequenceOf(after);
    const found = await auditTrail(wantedBy(filter ?? {}), position, size + 1);
    if (found === null) throw new InvalidCursor();
    const edges = found.slice(0, size).map((entry) => ({ cursor: cursorOf(entry), node: shown(entry) }));
    return {
      edges,
      pageInfo: {
        hasNextPage: found.length > size,
        hasPreviousPage: position !== null,
        startCursor: edges[0]?.cursor ?? null,
        endCursor: edges.at(-1)?.cursor ?? null,
      },
    };
  }
}

/** @throws InvalidArgument */
function wantedBy({ events, since, until, subjectRef }: AuditFilter): WantedEntries {
  if (subjectRef != null && !isUuid(subjectRef)) throw new InvalidArgument("filter.subjectRef", "UNKNOWN");
  return {
    ...(events != null && { events: events.map((name) => parseOneOf(name, "filter.events", auditEvents)) }),
    ...(since != null && { since }),
    ...(until != null && { until }),
    ...(subjectRef != null && { subjectRef: subjectRef.toLowerCase() }),
  };
}

/** Only somebody else than the gateway writes a role or purpose that it does not know: the integrity tells of it. */
function shown(entry: ListedEntry): AuditEntry {
  return {
    ...entry,
    actorRole: isIn(Role, entry.actorRole) ? entry.actorRole : null,
    purpose: isIn(Purpose, entry.purpose) ? entry.purpose : null,
  };
}

const isIn = <T extends string>(names: Readonly<Record<T, T>>, name: string | null): name is T =>
  name !== null && Object.hasOwn(names, name);

const collection = "auditTrail";
const largestSequence = 2n ** 63n - 1n;

const cursorOf = ({ sequence }: ListedEntry): string => encodeCursor(collection, [sequence]);

/** @throws InvalidCursor */
function sequenceOf(cursor: string): string {
  const [sequence] = decodeCursor(collection, cursor, 1);
  if (!/^\d{1,19}$/.test(sequence ?? "") || BigInt(sequence ?? 0) > largestSequence)
    throw new InvalidCursor();
  return sequence ?? "";
}
