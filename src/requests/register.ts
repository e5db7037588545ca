import type { Identifier } from "../sources/contract.ts";
import { databaseNow } from "../store/clock.ts";
import { dbOf } from "../store/tables.ts";
import type { Person } from "../sources/data-subject.ts";
import type { SourceUnavailable } from "../sources/loader.ts";
import { Refused } from "./refused.ts";
import type { RequestContext } from "./context.ts";
import type { Asker } from "./desk.ts";
import { receipt } from "./letters.ts";
import type { RequestRow } from "./rows.ts";
import { statedIfAny } from "./stated.ts";
import type { RequestChannel, RequestKind } from "./vocabulary.ts";

export interface Registration {
  readonly kind: RequestKind;
  readonly channel: RequestChannel;
  readonly receivedAt: Date;
  readonly identifiers: readonly Identifier[];
  readonly note?: string | null;
  readonly identityEstablishedBy?: string | null;
}

/** Milliseconds: before that it is a date that was mistyped. */
const longestAgo = 10 * 365.25 * 86_400_000;

/** Each is searched by. */
const mostIdentifiers = 10;

/**
 * Writes down a request that came by another channel; its deadline counts from the day that it came. Until it is
 * established who asks (GDPR Art. 12(6)), nothing is done on it. Where the person has such a request open, it joins that.
 * @throws Refused
 */
export async function register(
  { kind, channel, receivedAt, identifiers, note, identityEstablishedBy }: Registration,
  by: Asker,
  context: RequestContext,
): Promise<Registered> {
  const now = await databaseNow(dbOf(context.requests.register.store));
  if (channel === "PORTAL") throw new Refused("PORTAL_CHANNEL", { argument: "channel" });
  if (receivedAt > now) throw new Refused("RECEIVED_IN_FUTURE", { argument: "receivedAt" });
  if (now.getTime() - receivedAt.getTime() > longestAgo)
    throw new Refused("RECEIVED_TOO_LONG_AGO", { argument: "receivedAt" });
  if (identifiers.length > mostIdentifiers) throw new Refused("TOO_LONG", { argument: "identifiers" });
  const established = statedIfAny(identityEstablishedBy, "identityEstablishedBy");
  const said = [established, statedIfAny(note, "note")].filter((text) => text !== undefined);
  const { person, failures } = await personBehind(identifiers, context);
  const { request } = await context.requests.open({
    subjectId: person.id,
    kind,
    channel,
    by,
    // Whoever has proven an address hears of it at once: somebody else may have written in their name.
    steps: established || person.proven ? [receipt] : [],
    status: established ? "AWAITING_DECISION" : "AWAITING_IDENTITY",
    receivedAt,
    joins: true,
    ...(said.length > 0 && { note: said.join("\n\n") }),
  });
  return { request, person, failures };
}

export interface Registered {
  readonly request: RequestRow;
  readonly person: Person;
  /** Sources that could not be asked: they may know the person as somebody else. */
  readonly failures: readonly SourceUnavailable[];
}

/** Whom all of the identifiers lead to; somebody new where they lead to nobody. @throws Refused */
async function personBehind(
  identifiers: readonly Identifier[],
  { people, search, asStaff, countSearch }: RequestContext,
): Promise<Pick<Registered, "person" | "failures">> {
  const viewer = asStaff("DATA_SUBJECT_RIGHTS");
  const found = new Map<string, Person>();
  const failures = new Map<string, SourceUnavailable>();
  for (const identifier of identifiers) {
    await countSearch();
    const result = await search.find(identifier, viewer);
    for (const failure of result.failures) failures.set(failure.source, failure);
    for (const { subject } of result.found) found.set(subject.id, subject);
  }
  const [person, ...others] = found.values();
  if (others.length > 0) throw new Refused("SEVERAL_PERSONS", { argument: "identifiers" });
  const [first] = identifiers;
  if (!first) throw new Refused("EMPTY", { argument: "identifiers" });
  return { person: person ?? (await people.enrolFound(first)), failures: [...failures.values()] };
}
