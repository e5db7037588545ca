import type { LabelledCoordinate } from "../access/inventory.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { Language } from "../language/language.ts";
import type { Records } from "../records/records.ts";
import { requestsOfCaller } from "../requests/caller.ts";
import type { Disclosures } from "../requests/disclosures.ts";
import { createPrivacyPolicies } from "../requests/policies.ts";
import type { PurposeSummary } from "../requests/notice.ts";
import type { Organisation } from "../requests/organisation.ts";
import type { Service } from "../requests/service.ts";
import type { IdentifierKind } from "../access/vocabulary.ts";
import type { Subject } from "../sources/data-subject.ts";
import type { SourceReader } from "../sources/loader.ts";
import { dbOf } from "../store/tables.ts";
import type { ConnectedSource } from "../subjects/ask.ts";
import type { InTurn } from "../subjects/in-turn.ts";
import type { Matchings } from "../subjects/matchings.ts";
import type { People, RegisterParts } from "../subjects/people.ts";
import type { Principal } from "../subjects/principal.ts";
import type { SearchAllowance } from "../subjects/search-limit.ts";
import { createCallers, type StaffReports } from "./caller.ts";
import type { GatewayContext } from "./context.ts";
import type { createStatisticsLook } from "./statistics-look.ts";
import type { FieldPolicyRow } from "./field-policies.ts";
import type { createTrailReading } from "./trail-reading.ts";
import type { createVerification } from "./verification.ts";

export interface ContextParts {
  readonly organisation: Organisation;
  readonly connected: readonly ConnectedSource[];
  readonly labelled: readonly LabelledCoordinate[];
  readonly purposes: readonly PurposeSummary[];
  readonly processing: Records;
  /** Kinds of identifiers that the issuer verifies. */
  readonly identifiable: readonly IdentifierKind[];
  readonly searches: SearchAllowance;
  readonly employeeNames: boolean;
  readonly register: RegisterParts;
  readonly people: People;
  readonly matchings: Matchings;
  readonly disclosures: Disclosures;
  readonly inTurn: InTurn;
  readonly trail: AuditTrail;
  readonly service: Service;
  readonly onStaff: StaffReports;
  readonly verify: ReturnType<typeof createVerification>;
  readonly statistics: ReturnType<typeof createStatisticsLook>;
  readonly readTrail: ReturnType<typeof createTrailReading>;
  readonly fieldPolicies: readonly FieldPolicyRow[];
}

/** Who asks, through what, and how they are answered. */
export interface Calling extends Pick<
  GatewayContext,
  "principal" | "statedPurpose" | "signInFault" | "requestId" | "stream"
> {
  readonly reader: SourceReader;
  readonly language: Language;
  readonly links: GatewayContext["links"];
}

export interface Contexts {
  of(calling: Calling): GatewayContext;
  /** Of an operation that the person, or whoever looks at them, would send themself, while they need not be there. */
  ofPerson(subject: Subject, reader: SourceReader, language: Language): GatewayContext;
}

/** Makes what one operation has at hand. */
export function createContexts(parts: ContextParts): Contexts {
  const {
    organisation,
    connected,
    purposes,
    processing,
    identifiable,
    disclosures,
    service,
    verify,
    statistics,
    readTrail,
    fieldPolicies,
  } = parts;
  const db = dbOf(parts.register.store);
  const callers = createCallers({ ...parts, newRequests: () => requestsOfCaller(service) });
  const of = ({ reader, links, ...calling }: Calling): GatewayContext => {
    const persons = callers(calling.principal, reader, calling.requestId);
    return {
      ...calling,
      ...persons,
      organisation,
      privacyPolicies: createPrivacyPolicies(db),
      connected,
      identifiable,
      disclosures,
      purposes,
      processing,
      sources: reader,
      links,
      auditIntegrity: () => verify({ ...calling, actorRef: persons.actorRef }),
      statistics: statistics({ ...calling, actorRef: persons.actorRef }),
      auditTrail: (...asked) => readTrail({ ...calling, actorRef: persons.actorRef }, ...asked),
      fieldPolicies,
    };
  };
  return {
    of,
    ofPerson: (subject, reader, language) => ({
      ...of({ ...absent, principal: { ...themself, roles: subject.viewer.roles }, reader, language }),
      self: async () => subject,
    }),
  };
}

/** Stands for whoever looks before the guards; who the person is is said by `self` alone. */
const themself: Principal = {
  sub: "",
  namespace: "",
  name: null,
  roles: new Set(["SUBJECT"]),
  identifiers: [],
  authenticatedAt: null,
  authenticationContext: null,
};

const absent = {
  statedPurpose: null,
  signInFault: null,
  requestId: "",
  stream: null,
  links: { download: (token: string) => token, complaint: (id: string) => id },
} as const;
