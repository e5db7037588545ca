import { randomBytes, randomUUID } from "node:crypto";
import { inventory } from "../../src/access/inventory.ts";
import type { Purpose, Role } from "../../src/access/vocabulary.ts";
import { createAuditTrail } from "../../src/audit/trail.ts";
import { connectedSources } from "../../src/config/connected.ts";
import { referencesIn, validateConfig } from "../../src/config/load.ts";
import { createSources } from "../../src/connectors/sources.ts";
import { demoConfig } from "../../src/demo/organisation.ts";
import { canaryEmail } from "../../src/demo/people/fixed.ts";
import { createCallers } from "../../src/graphql/caller.ts";
import { rolesAs } from "../../src/graphql/operation-check.ts";
import { unguarded } from "../../src/graphql/schema.ts";
import type { RequestsOfCaller } from "../../src/requests/caller.ts";
import { disclosuresTo } from "../../src/requests/disclosures.ts";
import { knownRequests } from "../../src/requests/known.ts";
import { receiptKey } from "../../src/requests/receipt-key.ts";
import { publishConfigured } from "../../src/requests/configured-policies.ts";
import { createPrivacyPolicies } from "../../src/requests/policies.ts";
import { purposeSummaries } from "../../src/requests/notice.ts";
import { createSourceReader, type SourceReader } from "../../src/sources/loader.ts";
import type { Recipient } from "../../src/sources/recipient.ts";
import { openKeyring } from "../../src/store/keyring.ts";
import { fixedMasterKeys } from "../../src/store/master-keys.ts";
import { createPersonKeys } from "../../src/store/person-keys.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { dbOf, inTransaction } from "../../src/store/tables.ts";
import { putMark } from "../../src/requests/withheld.ts";
import { keyOfPerson } from "../../src/subjects/person-key.ts";
import { createInTurn } from "../../src/subjects/in-turn.ts";
import { endObjections } from "../../src/subjects/objections.ts";
import { createMatchings } from "../../src/subjects/matchings.ts";
import { createPeople, type RegisterParts } from "../../src/subjects/people.ts";
import { object, recordConsent, restrict, state, withhold } from "../setup/standing.ts";
import { testDatabase } from "../setup/database.ts";
import { startSystems } from "../setup/gateway.ts";
import { insertRequest } from "../setup/requests.ts";
import { callerWith } from "./caller.ts";
import type { OracleContext } from "./oracle.ts";
import type { Said } from "./reference.ts";

export interface Asking {
  readonly roles: ReadonlySet<Role>;
  readonly entry: "own" | "staff" | "search" | "reference";
  readonly purpose: Purpose;
  /** What the person has said; to be written by `say` before. */
  readonly said: Said;
  /** `me` comes upon somebody else's person, as a faulty resolver would. */
  readonly other: boolean;
}

/** The gateway's parts over real databases, without HTTP: one person in all systems, to be asked about by anybody. */
export interface World extends AsyncDisposable {
  /** Id of the person who has rows everywhere. */
  readonly canary: string;
  readonly email: string;
  context(asking: Asking): OracleContext;
  say(said: Said): Promise<void>;
}

export async function openWorld(): Promise<World> {
  await using parts = new AsyncDisposableStack();
  const database = parts.use(await testDatabase("gateway"));
  const systems = parts.use(await startSystems());
  const config = validateConfig(demoConfig(systems.addresses("http://127.0.0.1:1")), {});
  const sources = await createSources(config.sources);
  parts.defer(() => Promise.all([...sources.values()].map((source) => source.close())).then(() => undefined));
  const store = parts.adopt(await openStore({ url: database.url }), (opened) => opened.close(true));
  const masterKeys = fixedMasterKeys(randomBytes(32));
  const keyring = await openKeyring(store, masterKeys);
  const register = { store, keyring, personKeys: createPersonKeys(masterKeys) };
  const labelled = inventory(unguarded().schema);
  const connected = connectedSources(sources, config);
  // One for all: what the systems hold is read once, and only the verdicts differ.
  const reader = remembering(createSourceReader(sources, { timeLimits: () => 600_000 }));
  const trail = parts.adopt(createAuditTrail(store, { key: keyring.key("audit") }), (open) => open.close());
  const people = createPeople(register);
  const callers = createCallers({
    register,
    connected,
    labelled,
    people,
    matchings: createMatchings(register, people, referencesIn(config)),
    inTurn: createInTurn(),
    newRequests: () => onlyRead(register, sources),
    searches: { perMinute: 1_000_000, perDay: 1_000_000 },
    trail,
    onStaff: { search: () => undefined, refusal: () => undefined, entity: () => undefined },
    employeeNames: false,
  });
  const identifiers = [{ kind: "EMAIL", value: canaryEmail }] as const;
  const canary = await people.ofCaller(callerWith(["SUBJECT"], identifiers));
  if (!canary) throw new Error("the canary is nobody");
  await recordLook(trail, canary.id);
  const requestId = await recordRequest(register, canary.id);
  await recordMark(register, canary.id, requestId);
  await publishConfigured(store, config.organisation.policies);
  const disclosures = disclosuresTo(dbOf(store), config.recipients.map(unreachable));
  const stack = parts.move();
  return {
    canary: canary.id,
    email: canaryEmail,
    context({ roles, entry, purpose, said, other }) {
      const principal = callerWith(roles, identifiers);
      const made = callers(principal, reader, "differential");
      const viewer = { as: "own", roles: rolesAs("own", principal), purpose } as const;
      const own = { ...canary, viewer };
      let asked = 0;
      return {
        requestId: "differential",
        statedPurpose: entry === "reference" ? purpose : null,
        signInFault: null,
        stream: null,
        language: "en",
        identifiable: ["EMAIL"],
        organisation: config.organisation,
        privacyPolicies: createPrivacyPolicies(dbOf(store)),
        purposes: purposeSummaries(labelled),
        processing: { organisation: config.organisation, activities: [] },
        connected,
        disclosures,
        sources: reader,
        links: { download: (token) => token, complaint: (id) => id },
        principal,
        auditIntegrity: () => Promise.reject(new Error("no path leads there")),
        statistics: () => Promise.reject(new Error("no path leads there")),
        auditTrail: () => Promise.reject(new Error("no path leads there")),
        fieldPolicies: [],
        ...made,
        // Whatever the roles: what refuses is to be the rules. The resolver of the root asks first, the guards after it.
        self: async () => (other && asked++ > 0 ? { ...own, id: randomUUID() } : own),
        asked: { entry, purpose, said },
      };
    },
    async say({ restricted, objectedTo, yesTo }) {
      await dbOf(store).deleteFrom("restriction").where("until", "is", null).execute();
      await dbOf(store).deleteFrom("objection").where("ended_at", "is", null).execute();
      await forgetConsents(store);
      const at = new Date();
      const sourceKeys = restricted === "everywhere" ? [] : [...restricted];
      if (restricted === "everywhere" || sourceKeys.length > 0)
        await restrict(register, canary.id, { sources: sourceKeys, reason: "x", since: new Date(0) });
      for (const purpose of objectedTo) await object(register, canary.id, requestId, purpose);
      for (const purpose of yesTo) {
        const how = { byRole: "SUBJECT", channel: "PORTAL", policyVersion: "1" } as const;
        await recordConsent(register, canary.id, { purpose, status: "GIVEN", at, ...how });
      }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Nothing is changed here. */
function onlyRead(register: RegisterParts, erasable: RequestsOfCaller["erasable"]): RequestsOfCaller {
  const refuse = () => Promise.reject(new Error("no path leads there"));
  const unused = () => {
    throw new Error("no path leads there");
  };
  return {
    ...knownRequests(register),
    register,
    newReader: unused,
    erasable,
    planned: new Map(),
    erasure: {
      stepUp: { acrValues: [], maxAgeSeconds: 0 },
      graceSeconds: 0,
      dpoDecides: false,
      planMilliseconds: 600_000,
    },
    exports: { keptSeconds: 0, perDay: 0, review: "NEVER" },
    shown: { types: [], page: refuse },
    download: async () => ({
      token: "token",
      expiresAt: new Date(0),
      sha256: "0".repeat(64),
      size: "1",
      isWhole: true,
    }),
    digest: unused,
    receiptKey: receiptKey(register),
    attempts: 1,
    recorded: refuse,
    retention: { byId: async () => null, open: refuse, approve: refuse },
    open: refuse,
    change: refuse,
    acceptRelationship: refuse,
    identityCodes: { settings: { minutes: 0, tries: 0, perHour: 0, perDay: 0 }, canBeSent: false },
    confirmByCode: refuse,
    notConfirmedBySignIn: refuse,
    settled: refuse,
    follow: unused,
  };
}

/** The register makes a person's identity anew for every operation; the reader would ask for each. */
function remembering(reader: SourceReader): SourceReader {
  const found = new Map<string, ReturnType<SourceReader["find"]>>();
  return {
    ...reader,
    find(source, identity) {
      const name = JSON.stringify([source, identity]);
      const known = found.get(name) ?? reader.find(source, identity);
      found.set(name, known);
      return known;
    },
  };
}

/** What nobody else may: the tests' own user is a superuser. */
async function forgetConsents(store: Store): Promise<void> {
  await store.em.fork().execute(
    `alter table consent_event disable trigger user;
       delete from consent_event where purpose <> '${partners}';
       alter table consent_event enable trigger user`,
  );
}

/** No member of staff reads for it: what was said to it changes no verdict. */
const partners = "PARTNER_MARKETING";

const statedBeside = [
  ["crm", "orders", "conversations"],
  ["learning", "courses"],
  ["mailing", "deliveries"],
  ["events", "registrations"],
  ["website", "submissions"],
] as const;

/** So that the ledger, the requests, the recipients and what has ended have something to show. */
async function recordRequest(register: RegisterParts, subjectId: string): Promise<string> {
  const how = { byRole: "SUBJECT", channel: "PORTAL", policyVersion: "1" } as const;
  await recordConsent(register, subjectId, { purpose: partners, status: "GIVEN", at: new Date(0), ...how });
  const told = {
    source: "Meta Platforms Ireland Ltd",
    action: "NOTIFY",
    recordType: "CONSENT_GIVEN",
    end: { state: "DONE", result: "DONE" },
  } as const;
  const id = await insertRequest(register, subjectId, { status: "REFUSED", refusal: "No.", steps: [told] });
  await withhold(register, subjectId, id);
  await object(register, subjectId, id, "STATISTICS");
  await inTransaction(register.store, (db) => endObjections(db, { requestId: id }));
  await restrict(register, subjectId, { sources: [], reason: "x", since: new Date(0), until: new Date(1) });
  for (const [source, ...recordTypes] of statedBeside)
    for (const recordType of recordTypes) await state(register, subjectId, id, source, recordType);
  return id;
}

const unreachable = (known: Omit<Recipient, "reachable" | "tell" | "close">): Recipient => ({
  ...known,
  reachable: false,
  tell: () => Promise.reject(new Error("nobody is told")),
  close: () => Promise.resolve(),
});

/** So that the log of looks has something to show. */
async function recordLook(trail: ReturnType<typeof createAuditTrail>, subjectRef: string): Promise<void> {
  await trail.record({
    event: "READ",
    actorRole: "SUPPORT",
    actorRef: "x",
    actorName: null,
    subjectRef,
    purpose: "CUSTOMER_SUPPORT",
    requestId: "earlier",
    coordinates: ["CustomerRecord.name"],
    categories: ["IDENTITY"],
    sources: ["crm"],
    detail: null,
  });
  await trail.close();
}

/** Of a text that no system holds. */
function recordMark(register: RegisterParts, subjectId: string, requestId: string): Promise<string> {
  return inTransaction(register.store, async (db) =>
    putMark(db, await keyOfPerson(db, register, subjectId), {
      subjectId,
      requestId,
      source: "crm",
      recordType: "conversations",
      field: "body",
      textHash: "none",
      passages: [{ start: 0, length: 1 }],
      because: "x",
    }),
  );
}
