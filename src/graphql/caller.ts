import { type GraphQLFormattedError, responsePathAsArray } from "graphql";
import type { AuditTrail } from "../audit/trail.ts";
import type { LabelledCoordinate } from "../access/inventory.ts";
import type { RowRefusal } from "../access/row-guard.ts";
import type { Subject, Viewer } from "../sources/data-subject.ts";
import type { RequestsOfCaller } from "../requests/caller.ts";
import { createStatements } from "../requests/statements.ts";
import { createWithholding } from "../requests/withheld.ts";
import type { SourceReader } from "../sources/loader.ts";
import { dbOf } from "../store/tables.ts";
import { createAccessLog } from "../subjects/access-log.ts";
import type { ConnectedSource } from "../subjects/ask.ts";
import { createDecisions } from "../subjects/decisions.ts";
import { EmployeeNames } from "../subjects/employee-names.ts";
import type { InTurn } from "../subjects/in-turn.ts";
import type { Matchings } from "../subjects/matchings.ts";
import { identifierHash, type People, type RegisterParts } from "../subjects/people.ts";
import type { Principal } from "../subjects/principal.ts";
import { readableSources } from "../subjects/readable.ts";
import { createReviews } from "../subjects/reviews.ts";
import { createSearch } from "../subjects/search.ts";
import { createSearchLimit, type SearchAllowance, TooManySearches } from "../subjects/search-limit.ts";
import type { GatewayContext } from "./context.ts";
import { decisionEntry } from "./decision-entry.ts";
import { unavailable } from "./errors.ts";
import { fault } from "./faults.ts";
import { LookLog } from "./look-log.ts";
import { rolesAs } from "./operation-check.ts";
import { coordinatesWithin } from "./selection.ts";

export interface CallerSettings {
  readonly register: RegisterParts;
  readonly connected: readonly ConnectedSource[];
  readonly labelled: readonly LabelledCoordinate[];
  readonly people: People;
  readonly matchings: Matchings;
  /** For what waits for the trail. */
  readonly inTurn: InTurn;
  readonly searches: SearchAllowance;
  readonly onStaff: StaffReports;
  readonly trail: Pick<AuditTrail, "record">;
  readonly newRequests: () => RequestsOfCaller;
  /** Whether the trail has the names of employees. */
  readonly employeeNames: boolean;
}

/** Told of what staff do, and other subgraphs, for the metrics: neither who nor of whom. */
export interface StaffReports {
  search(outcome: "found" | "none" | "limited"): void;
  refusal(code: RowRefusal): void;
  entity(outcome: "found" | "none"): void;
}

type CallerContext = Pick<
  GatewayContext,
  | "records"
  | "people"
  | "search"
  | "reviews"
  | "decisions"
  | "accessLog"
  | "employeeNames"
  | "sealedName"
  | "self"
  | "actorRef"
  | "looks"
  | "lacks"
  | "asStaff"
  | "countSearch"
  | "countEntity"
  | "entered"
  | "keptBack"
  | "lacking"
  | "requests"
  | "statements"
  | "withholding"
  | "forgetReads"
>;

/** What a request may do with persons: the caller's own, and others' as staff. */
export function createCallers(settings: CallerSettings) {
  const { register, people, matchings, inTurn, connected, labelled, searches, onStaff, trail } = settings;
  const db = dbOf(register.store);
  const readable = readableSources(connected, labelled);
  const countSearch = createSearchLimit(register.store, searches);
  const accessLog = createAccessLog(register.store);
  const hashIdentifier = identifierHash(register.keyring.hash("identifier"));
  const hashRecord = register.keyring.hash("record");
  const hashActor = register.keyring.hash("actor");

  return (principal: Principal | null, reader: SourceReader, requestId: string): CallerContext => {
    const hashes = { hashIdentifier, hashRecord };
    const { records, claims } = matchings(reader);
    const actorRef = principal && hashActor(principal.namespace, principal.sub);
    const employeeNames = settings.employeeNames ? new EmployeeNames(db, register.personKeys) : null;
    const signedIn = () => {
      if (actorRef === null) throw fault("UNAUTHENTICATED");
      return actorRef;
    };
    const looks = new LookLog(onStaff.refusal);
    const lacks: GraphQLFormattedError[] = [];
    const viewer: Viewer | null = principal && {
      as: "own",
      roles: rolesAs("own", principal),
      purpose: "DATA_SUBJECT_RIGHTS",
    };
    let self: Promise<Subject | null> | undefined;
    return {
      records,
      people,
      search: createSearch({
        reader,
        records,
        people,
        claims,
        readable,
        ...hashes,
        onSearch: onStaff.search,
      }),
      reviews: createReviews({ db, people, records, claims, readable, ...hashes }),
      decisions: createDecisions({
        register,
        people,
        reader,
        matching: records,
        ...hashes,
        inTurn,
        decidedBy: signedIn,
        record: (event, subjectId, source) =>
          trail.record(decisionEntry(event, { subjectId, source, requestId, actorRef: signedIn() })),
      }),
      requests: settings.newRequests(),
      statements: createStatements(register),
      withholding: createWithholding(register),
      forgetReads: () => {
        reader.forget();
        records.forget();
        self = undefined;
      },
      accessLog,
      employeeNames,
      sealedName: async (subjectRef) =>
        principal?.name && employeeNames ? employeeNames.seal(subjectRef, principal.name) : null,
      actorRef,
      looks,
      lacks,
      self: () => (self ??= ownPerson(principal, viewer, people)),
      asStaff: (purpose) => {
        if (principal === null) throw fault("UNAUTHENTICATED");
        return { as: "staff", roles: rolesAs("staff", principal), purpose };
      },
      countEntity: onStaff.entity,
      countSearch: async () => {
        try {
          await countSearch(signedIn());
        } catch (error) {
          if (error instanceof TooManySearches) onStaff.search("limited");
          throw error;
        }
      },
      entered: (viewer, persons, info, notedApart = []) => {
        // Each branch of the person is noted when it is let through to staff.
        const except = new Set([...(viewer.as === "staff" ? ["DataSubject"] : []), ...notedApart]);
        const coordinates = coordinatesWithin(info, { onlyIncluded: true, except });
        if (persons.length === 0) looks.read(viewer, null, { coordinates, path: info.path });
        for (const { id, sources } of persons)
          looks.read(viewer, id, { coordinates, path: info.path, sources });
      },
      keptBack: (viewer, refusal, info) =>
        looks.refused(viewer, refusal.subjectId, coordinatesWithin(info), refusal.refusal),
      lacking: (failures, info) => {
        const path = responsePathAsArray(info.path);
        lacks.push(...failures.map((failure) => ({ ...unavailable(failure), path })));
      },
    };
  };
}

async function ownPerson(
  principal: Principal | null,
  viewer: Viewer | null,
  people: CallerContext["people"],
): Promise<Subject | null> {
  const person = principal && (await people.ofCaller(principal));
  return person && viewer && { ...person, viewer };
}
