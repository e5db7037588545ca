import type { IdentifierKind } from "../access/vocabulary.ts";
import type { Identifier } from "../sources/contract.ts";
import type { Subject } from "../sources/data-subject.ts";
import { isOnTheirWord } from "../subjects/on-their-word.ts";
import { type ActorOnRequest } from "./actor.ts";
import { Refused } from "./refused.ts";
import type { RequestContext } from "./context.ts";
import { drawCode } from "./identity-codes.ts";
import { codeStep } from "./identity-code-step.ts";
import type { RequestRow } from "./rows.ts";

export interface SendCodeInput {
  readonly source: string;
  readonly kind?: IdentifierKind | null;
}

/**
 * Sends a one-time code to the address that a source holds of the person (GDPR Art. 12(6)), and never to one that whoever
 * asks has stated. @throws Refused, SourceUnavailable, TooManyCodes
 */
export async function sendIdentityCode(
  { source, kind }: SendCodeInput,
  { registered, subject, by }: ActorOnRequest,
  context: RequestContext,
): Promise<RequestRow> {
  const { requests } = context;
  const { settings, canBeSent } = requests.identityCodes;
  if ((kind ?? "EMAIL") !== "EMAIL") throw new Refused("NOT_WRITTEN_TO", { argument: "kind" });
  statedSource(source, context);
  refuseUnasked(registered);
  if (!canBeSent) throw new Refused("NOBODY_IS_WRITTEN_TO");
  const address = await addressIn(source, subject, context);
  await refuseShared(address, subject, context);
  const request = await requests.change({
    request: registered,
    by,
    event: "IDENTITY_CODE_MADE",
    detail: source,
    change: async (db, now, key) => {
      refuseUnasked(now);
      const made = { requestId: now.id, source, address: address.value };
      const drawn = await drawCode(db, { keyring: requests.register.keyring, key }, made, settings);
      const step = codeStep({ ...drawn, to: address.value, minutes: settings.minutes });
      return { steps: [step] };
    },
  });
  return requests.settled(request.id);
}

function statedSource(source: string, { connected }: RequestContext): void {
  if (!connected.some(({ key }) => key === source))
    throw new Refused("UNKNOWN_SOURCE", { argument: "source" });
}

function refuseUnasked({ status }: Pick<RequestRow, "status">): void {
  if (status !== "AWAITING_IDENTITY") throw new Refused("IDENTITY_NOT_ASKED_FOR");
}

/** As the source has it at this moment. */
async function addressIn(source: string, subject: Subject, { records }: RequestContext): Promise<Identifier> {
  const match = await records.find(source, subject);
  if (match.state === "NEEDS_REVIEW") throw new Refused("ADDRESS_OF_SEVERAL", { argument: "source" });
  if (match.state !== "HELD") throw new Refused("NO_RECORD_THERE", { argument: "source" });
  const address = match.record.identifiers.find((each) => each.kind === "EMAIL");
  if (!address) throw new Refused("NO_ADDRESS_THERE", { argument: "source" });
  // One correction is written to several sources, and read in any of them.
  if (isOnTheirWord(address, subject.shown, [...subject.corrected.values()].flat()))
    throw new Refused("ADDRESS_ON_THEIR_WORD", { argument: "source" });
  return address;
}

/**
 * Whoever reads a mailbox that several go by may be any of them. Where a source cannot be asked, it is not known, and no
 * code is sent.
 */
async function refuseShared(
  address: Identifier,
  subject: Subject,
  { sources, connected, search, people }: RequestContext,
): Promise<void> {
  const shared = () => new Refused("ADDRESS_OF_SEVERAL", { argument: "source" });
  const findings = await Promise.all(
    connected.map(({ key }) => sources.find(key, { identifiers: [address] })),
  );
  if (findings.some(({ state }) => state === "NEEDS_REVIEW")) throw shared();
  const { found, failures } = await search.find(address, subject.viewer);
  const [failure] = failures;
  if (failure) throw failure;
  // Persons whom staff had found by several identifiers of one record may have become one just now.
  const person = await people.byId(subject.id);
  if (found.length !== 1 || found[0]?.subject.id !== person?.id) throw shared();
}
