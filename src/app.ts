import type { DestinationStream } from "pino";
import { Role } from "./access/vocabulary.ts";
import { inventory } from "./access/inventory.ts";
import { type AuditTrail, createAuditTrail } from "./audit/trail.ts";
import { createEntries } from "./audit/entries.ts";
import { verifyTrail } from "./audit/verify.ts";
import { connectedSources } from "./config/connected.ts";
import { referencesIn, type ValidatedConfig } from "./config/load.ts";
import { recordsIn } from "./config/records.ts";
import { createRecipients } from "./connectors/recipients/http.ts";
import { createMailer } from "./connectors/smtp.ts";
import { createSources } from "./connectors/sources.ts";
import { type Contexts, createContexts } from "./graphql/contexts.ts";
import type { GatewayContext } from "./graphql/context.ts";
import { fieldPoliciesOf } from "./graphql/field-policies.ts";
import { purposeHeader } from "./graphql/operation-check.ts";
import { createRecordReader } from "./graphql/record-reader.ts";
import { recordTitles } from "./graphql/record-titles.ts";
import { shownTypes } from "./graphql/record-types.ts";
import { gatewaySchema } from "./graphql/schema.ts";
import { createTrailReading } from "./graphql/trail-reading.ts";
import { createVerification } from "./graphql/verification.ts";
import { createGraphql } from "./graphql/server.ts";
import { createStatisticsLook } from "./graphql/statistics-look.ts";
import { type Authenticator, createAuthenticator } from "./http/authentication.ts";
import { healthChecks } from "./http/checks.ts";
import { linksFor } from "./http/downloads.ts";
import { createHttp, listen } from "./http/server.ts";
import type { HttpSettings } from "./http/settings.ts";
import type { ContextFunction } from "./http/stream-operation.ts";
import { authenticate, callerKey } from "./http/sign-in.ts";
import { createTelemetry, type Telemetry } from "./http/telemetry.ts";
import { negotiateLanguage } from "./language/language.ts";
import { publishConfigured } from "./requests/configured-policies.ts";
import { type Disclosures, disclosuresTo } from "./requests/disclosures.ts";
import { createComplaints } from "./requests/complaints.ts";
import { createDownloads } from "./requests/downloads.ts";
import { stepHandlers } from "./requests/handlers.ts";
import { heldHere, type PurposeSummary, purposeSummaries } from "./requests/notice.ts";
import { countWaiting } from "./requests/policy-notices.ts";
import { type Service, startService } from "./requests/service.ts";
import type { Shown } from "./requests/shown.ts";
import { countOpen } from "./requests/work-list.ts";
import type { Mailer } from "./sources/mailer.ts";
import type { Recipient } from "./sources/recipient.ts";
import type { ErasableSource } from "./sources/erasures.ts";
import { createSourceReader, type SourceReader } from "./sources/loader.ts";
import { createWitness } from "./sources/witness.ts";
import { type ErasureJournal, openErasureJournal } from "./store/erasure-journal.ts";
import { type Keyring, openKeyring } from "./store/keyring.ts";
import type { MasterKeys } from "./store/master-keys.ts";
import { createPersonKeys } from "./store/person-keys.ts";
import { migrateDatabase, openStore } from "./store/store.ts";
import { dbOf } from "./store/tables.ts";
import type { ConnectedSource } from "./subjects/ask.ts";
import { countReappearances } from "./subjects/reappearance-rows.ts";
import { countReviews } from "./subjects/review-rows.ts";
import { createInTurn, type InTurn } from "./subjects/in-turn.ts";
import { createMatchings, type Matchings } from "./subjects/matchings.ts";
import { createPeople, type People, type RegisterParts } from "./subjects/people.ts";
import { createStatistics } from "./subjects/statistics.ts";

export interface AppSettings {
  readonly config: ValidatedConfig;
  readonly databaseUrl: string;
  readonly masterKeys: MasterKeys;
  readonly http: HttpSettings;
  readonly introspectableBy: ReadonlySet<Role>;
  /** The folder that has what was erased; absent: there is none. */
  readonly erasureJournal?: string | undefined;
}

/** What a test may put in the place of a part. */
export interface Overrides {
  readonly sources?: ReadonlyMap<string, ErasableSource>;
  readonly recipients?: readonly Recipient[];
  readonly mailer?: Mailer;
  readonly logDestination?: DestinationStream;
}

export interface App {
  /** Starts to answer; resolves with the address. */
  listen(): Promise<string>;
  /** Finishes running requests, then lets everything go. */
  close(): Promise<void>;
}

/** Milliseconds that the gateway's own database may take for one statement. */
const statementLimit = 10_000;
/** To write, to seal and to count. */
const trailConnections = 3;

/** Joins the parts. Nothing is kept in the process that another replica would need. */
export async function createApp(settings: AppSettings, overrides: Overrides = {}): Promise<App> {
  await using parts = new AsyncDisposableStack();
  const telemetry = parts.adopt(await createTelemetry(settings.http, overrides.logDestination), (t) =>
    t.close(),
  );
  await migrateDatabase(settings.databaseUrl);
  const openOwn = async (poolSize?: number) =>
    parts.adopt(
      await openStore({
        url: settings.databaseUrl,
        timeLimit: statementLimit,
        ...(poolSize && { poolSize }),
      }),
      (s) => s.close(true),
    );
  const store = await openOwn();
  await publishConfigured(store, settings.config.organisation.policies);
  const keyring = await openKeyring(store, settings.masterKeys);
  const journal = await openJournal(settings, keyring, telemetry);
  const trail = parts.adopt(
    // What waits for an entry may hold up all who have the other connections: the trail never waits for one of those.
    createAuditTrail(await openOwn(trailConnections), { key: keyring.key("audit"), ...telemetry.onTrail }),
    (t) => t.close(),
  );
  telemetry.watchTrail(trail);
  telemetry.watchReviews(() => countReviews(dbOf(store)));
  telemetry.watchReappearances(() => countReappearances(dbOf(store)));
  telemetry.watchPolicyNotices(() => countWaiting(dbOf(store)));
  telemetry.watchRequests(() => countOpen(dbOf(store)));
  const sources =
    overrides.sources ??
    parts.adopt(await createSources(settings.config.sources), (all) => closeAll([...all.values()]));
  const authenticator = createAuthenticator(settings.config.identity);
  const register = { store, keyring, personKeys: createPersonKeys(settings.masterKeys) };
  const people = createPeople(register);
  const matchings = createMatchings(register, people, referencesIn(settings.config));
  const inTurn = createInTurn();
  const connected = connectedSources(sources, settings.config);
  const recipients =
    overrides.recipients ?? parts.adopt(createRecipients(settings.config.recipients), closeAll);
  const disclosures = disclosuresTo(dbOf(store), recipients);
  const { messages, organisation } = settings.config;
  const mailer =
    overrides.mailer ?? parts.adopt(createMailer(messages, organisation.controller.name), (m) => m.close());
  const { schema, policies } = gatewaySchema();
  const labelled = inventory(schema);
  const purposes = purposeSummaries(heldHere(labelled, connected));
  const processing = recordsIn(settings.config, labelled);
  const persons: RegisterOfPersons = {
    telemetry,
    sources,
    connected,
    register,
    people,
    matchings,
    disclosures,
    mailer,
    trail,
    inTurn,
  };
  const contexts = later<Contexts>();
  const newReader = () =>
    createSourceReader(sources, {
      timeLimits: timeLimitsOf(settings.config),
      onCall: telemetry.onSourceCall,
    });
  const shown = createRecordReader(
    schema,
    shownTypes(schema, policies, recordTitles),
    async (subject, language) => (await contexts.promise).ofPerson(subject, newReader(), language),
  );
  const service = parts.adopt(
    await startRequests({ ...persons, settings, journal, newReader, shown, purposes }),
    (s) => s.close(),
  );
  const apollo = parts.adopt(
    await createGraphql({
      schema,
      policies,
      trail,
      report: (reference, err) => telemetry.log.error({ reference, err }, "internal fault"),
      introspectableBy: settings.introspectableBy,
      plugins: [telemetry.operationReporter],
    }),
    (server) => server.stop(),
  );
  const config = settings.config;
  contexts.resolve(
    createContexts({
      ...persons,
      organisation,
      labelled,
      purposes,
      processing,
      identifiable: config.identity.identifiers.map(({ kind }) => kind),
      searches: config.searches,
      employeeNames: config.accessLog.employeeNames,
      onStaff: telemetry.onStaff,
      service,
      statistics: createStatisticsLook(
        trail,
        connected,
        createStatistics({
          ...persons,
          minimumGroupSize: config.statistics.minimumGroupSize,
          newReader: () =>
            createSourceReader(sources, {
              timeLimits: () => config.statistics.countMilliseconds,
              onCall: telemetry.onSourceCall,
            }),
        }),
      ),
      verify: createVerification(trail, () => verifyTrail(store, keyring.key("audit"))),
      readTrail: createTrailReading(trail, createEntries(store)),
      fieldPolicies: fieldPoliciesOf(policies),
    }),
  );
  const context = createContext(settings, { telemetry, sources, authenticator }, await contexts.promise);
  const { employeeNames } = config.accessLog;
  const downloads = createDownloads({ ...persons, shown, onDownload: telemetry.onDownload, employeeNames });
  const http = parts.adopt(
    await createHttp(settings.http, {
      apollo,
      context,
      downloads: {
        ...downloads,
        ...createComplaints({ ...persons, organisation, employeeNames }),
        authenticate: authenticator.authenticate,
      },
      records: { records: processing, authenticate: authenticator.authenticate },
      callerOf: callerKey(authenticator),
      telemetry,
      jwks: { keys: [service.receiptKey.publicJwk] },
      checks: healthChecks(store, authenticator, sources),
    }),
    (server) => server.close(),
  );
  const stack = parts.move();
  return { listen: () => listen(http, settings.http), close: () => stack.disposeAsync() };
}

interface RegisterOfPersons {
  readonly telemetry: Telemetry;
  readonly sources: ReadonlyMap<string, ErasableSource>;
  readonly connected: readonly ConnectedSource[];
  readonly register: RegisterParts;
  readonly people: People;
  readonly matchings: Matchings;
  readonly disclosures: Disclosures;
  readonly mailer: Mailer;
  readonly trail: AuditTrail;
  readonly inTurn: InTurn;
}

/** What is known only once what needs it is there. */
function later<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

const timeLimitsOf =
  ({ sources }: ValidatedConfig) =>
  (key: string) =>
    sources.get(key)?.timeLimit ?? 2_000;

interface RequestParts extends RegisterOfPersons {
  readonly settings: AppSettings;
  readonly journal: ErasureJournal | null;
  readonly newReader: () => SourceReader;
  readonly shown: Shown;
  readonly purposes: readonly PurposeSummary[];
}

/** Null: there is none. @throws BrokenJournal */
async function openJournal(
  { erasureJournal: folder }: AppSettings,
  keyring: Keyring,
  { log }: Telemetry,
): Promise<ErasureJournal | null> {
  if (folder !== undefined) return openErasureJournal(folder, keyring.key("erasures"));
  log.warn("no ERASURE_JOURNAL: after a restore from a backup nothing tells who has been erased since");
  return null;
}

/** Carries requests out, on behalf of persons who need not be there. */
function startRequests({
  settings: { config, databaseUrl },
  telemetry,
  journal,
  newReader,
  shown,
  purposes,
  ...parts
}: RequestParts): Promise<Service> {
  const { sources, connected, matchings, disclosures, mailer } = parts;
  const newFinder = () => matchings(newReader()).records;
  const { register, people } = parts;
  return startService(
    {
      databaseUrl,
      newReader,
      ...config.requests,
      erasure: config.erasure,
      exports: config.exports,
      retention: config.retention,
      shown,
      identityCodes: { settings: config.identityCodes, canBeSent: mailer.reachable },
    },
    {
      ...parts,
      attempts: config.requests.attempts,
      patience: config.requests,
      handlers: stepHandlers({
        sources,
        connected,
        register,
        people,
        newReader,
        newFinder,
        mailer,
        disclosures,
        organisation: config.organisation,
        journal,
        shown,
        purposes,
        exports: config.exports,
        liftNoticeSeconds: config.requests.liftNoticeSeconds,
      }),
      daily: dailyTo(config),
      onStep: telemetry.onStep,
      onPoll: telemetry.onPoll,
      onRetention: telemetry.onRetention,
      onReview: telemetry.onReview,
      onReviewed: telemetry.onReviewed,
      onScan: telemetry.onScan,
      onDownload: telemetry.onDownload,
      onPolicyNotice: telemetry.onPolicyNotice,
      organisation: config.organisation,
      newFinder,
      failed: (err) => telemetry.log.error({ err }, "a request could not be carried on; tried again soon"),
    },
  );
}

const dailyTo = ({ messages }: ValidatedConfig) =>
  messages?.dailyTo === undefined ? null : { to: messages.dailyTo, language: messages.language };

function createContext(
  { config, http }: AppSettings,
  {
    telemetry,
    sources,
    authenticator,
  }: Pick<RegisterOfPersons, "telemetry" | "sources"> & { readonly authenticator: Authenticator },
  contexts: Contexts,
): ContextFunction<GatewayContext> {
  const witness = createWitness();
  const timeLimits = timeLimitsOf(config);
  return async (request, { gone, stream }) => {
    const reader = createSourceReader(sources, {
      timeLimits,
      witness,
      signal: gone,
      onCall: telemetry.onSourceCall,
    });
    return contexts.of({
      ...(await authenticate(authenticator, request.headers.authorization)),
      statedPurpose: request.headers[purposeHeader]?.toString() ?? null,
      reader,
      requestId: request.id,
      stream,
      language: negotiateLanguage(request.headers["accept-language"]),
      links: linksFor(request, http),
    });
  };
}

async function closeAll(parts: readonly { close(): Promise<void> }[]): Promise<void> {
  await Promise.all(parts.map((part) => part.close()));
}
