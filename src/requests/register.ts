import type { Identifier } from "../sources/contract.ts";
import type { Person } from "../sources/data-subject.ts";
import type { SourceUnavailable } from "../sources/loader.ts";
import { Refused } from "./actor.ts";
import type { RequestContext } from "./context.ts";
import type { Asker } from "./desk.ts";
import type { RequestRow } from "./rows.ts";
import { stated } from "./stated.ts";
import type { RequestChannel, RequestKind } from "./vocabulary.ts";

export interface Registration {
  readonly kind: RequestKind;
  readonly channel: RequestChannel;
  readonly receivedAt: Date;
  readonly identifiers: readonly Identifier[];
  readonly note?: string | null;
  readonly identityEstablishedBy?: string | null;
}

/**
 * Writes down a request that came by another channel; its deadline counts from the day that it came. Until it is
 * established who asks (GDPR Art. 12(6)), nothing is done on it. @throws Refused
 */
export async function register(
  { kind, channel, receivedAt, identifiers, note, identityEstablishedBy }: Registration,
  by: Asker,
  context: RequestContext,
): Promise<Registered> {
  if (receivedAt > new Date()) throw new Refused("RECEIVED_IN_FUTURE", { argument: "receivedAt" });
  const said = [
    ...(identityEstablishedBy ? [stated(identityEstablishedBy, "identityEstablishedBy")] : []),
    ...(note ? [stated(note, "note")] : []),
  ];
  const { person, failures } = await personBehind(identifiers, context);
  const { request } = await context.requests.open({
    subjectId: person.id,
    kind,
    channel,
    by,
    steps: [],
    status: identityEstablishedBy ? "AWAITING_DECISION" : "AWAITING_IDENTITY",
    receivedAt,
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
