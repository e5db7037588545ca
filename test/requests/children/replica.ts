import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import type * as Apps from "../../../src/app.ts";
import type { InnsynConfig } from "../../../src/config/define.ts";
import type * as Loading from "../../../src/config/load.ts";
import type * as Recipients from "../../../src/connectors/recipients/http.ts";
import type * as Smtp from "../../../src/connectors/smtp.ts";
import type * as Connectors from "../../../src/connectors/sources.ts";
import type * as Organisations from "../../../src/demo/organisation.ts";
import { runChild } from "../../../src/demo/process/child.ts";
import type * as Http from "../../../src/http/settings.ts";
import type { ErasableSource } from "../../../src/sources/erasures.ts";
import type { ExpiringSource } from "../../../src/sources/expiring.ts";
import { fixedMasterKeys } from "../../../src/store/master-keys.ts";

/** One replica of the gateway, as compiled, in a process of its own. */
export interface ReplicaSettings {
  readonly addresses: Organisations.DemoAddresses;
  readonly databaseUrl: string;
  readonly masterKey: Uint8Array;
  readonly requests: object;
  /** In place of the demo's. */
  readonly sources?: InnsynConfig["sources"];
  /** Where the most memory (bytes, resident) that the process ever had is written when it is stopped. */
  readonly memory?: string;
  /** Lists the steps after whose effect the process has been killed: once each. Absent: it is never killed. */
  readonly killed?: string;
}

const compiled = <M>(path: string): Promise<M> =>
  import(new URL(`../../../dist/${path}.js`, import.meta.url).href);

/** The effect stands outside; the gateway's own database does not know of it yet. */
function killer(killed: string | undefined) {
  return async <T>(step: string, effect: Promise<T>): Promise<T> => {
    const value = await effect;
    if (killed === undefined) return value;
    const already = existsSync(killed) ? readFileSync(killed, "utf8").split("\n") : [];
    if (already.includes(step)) return value;
    appendFileSync(killed, `${step}\n`);
    process.kill(process.pid, "SIGKILL");
    return new Promise<never>(() => undefined);
  };
}

type ThenDie = ReturnType<typeof killer>;

/** Once all of a source is counted, and after the first batch of each record type that went. */
function killingExpiring(thenDie: ThenDie, source: string, expiring: ExpiringSource): ExpiringSource {
  return {
    judges: (...given) => expiring.judges(...given),
    count: (asked, options) => {
      const count = expiring.count(asked, options);
      return asked.recordType === "record" ? thenDie(`count ${source}`, count) : count;
    },
    countOf: (...given) => expiring.countOf(...given),
    page: (...given) => expiring.page(...given),
    end: (asked, rows, options) =>
      thenDie(`end ${source} ${asked.recordType}`, expiring.end(asked, rows, options)),
  };
}

const killing = (thenDie: ThenDie, source: ErasableSource): ErasableSource => ({
  key: source.key,
  processor: source.processor,
  capabilities: source.capabilities,
  find: (...given) => source.find(...given),
  // Of a long list alone, half-way through it.
  page: (collection, asked, options) => {
    const page = source.page(collection, asked, options);
    return asked.some(({ after }) => after !== undefined) ? thenDie(`page ${collection}`, page) : page;
  },
  list: (...given) => source.list(...given),
  count: (...given) => source.count(...given),
  health: (...given) => source.health(...given),
  withdrawals: (...given) => source.withdrawals(...given),
  tally: (...given) => source.tally(...given),
  remains: (...given) => source.remains(...given),
  identified: (...given) => source.identified(...given),
  close: () => source.close(),
  ...(source.expiring && { expiring: killingExpiring(thenDie, source.key, source.expiring) }),
  rectify: (key, correction, options) =>
    thenDie(options.idempotencyKey, source.rectify(key, correction, options)),
  restrict: (key, restricted, options) =>
    thenDie(options.idempotencyKey, source.restrict(key, restricted, options)),
  suppress: (key, suppressed, options) =>
    thenDie(options.idempotencyKey, source.suppress(key, suppressed, options)),
  keep: (erasure, options) => thenDie(options.idempotencyKey, source.keep(erasure, options)),
  erase: (erasure, options) => thenDie(options.idempotencyKey, source.erase(erasure, options)),
});

runChild(async (settings: ReplicaSettings) => {
  const { addresses, databaseUrl, masterKey, requests, killed, memory } = settings;
  const { createApp } = await compiled<typeof Apps>("app");
  const { validateConfig } = await compiled<typeof Loading>("config/load");
  const { demoConfig } = await compiled<typeof Organisations>("demo/organisation");
  const { createSources } = await compiled<typeof Connectors>("connectors/sources");
  const { createRecipients } = await compiled<typeof Recipients>("connectors/recipients/http");
  const { createMailer } = await compiled<typeof Smtp>("connectors/smtp");
  const { httpSettings } = await compiled<typeof Http>("http/settings");
  const demo = demoConfig(addresses);
  const config = validateConfig({ ...demo, requests, sources: settings.sources ?? demo.sources }, {});
  const thenDie = killer(killed);
  const sources = await createSources(config.sources);
  const recipients = createRecipients(config.recipients);
  const mailer = createMailer(config.messages, config.organisation.controller.name);
  const app = await createApp(
    {
      config,
      databaseUrl,
      masterKeys: fixedMasterKeys(Buffer.from(masterKey)),
      http: httpSettings.parse({ port: 0 }),
      introspectableBy: new Set(),
    },
    {
      sources: new Map([...sources].map(([key, source]) => [key, killing(thenDie, source)])),
      recipients: recipients.map((recipient) => ({
        ...recipient,
        tell: (notice, options) => thenDie(notice.id, recipient.tell(notice, options)),
      })),
      mailer: { ...mailer, send: (message, options) => thenDie(message.id, mailer.send(message, options)) },
      logDestination: { write: () => undefined },
    },
  );
  const url = await app.listen();
  const close = async () => {
    await app.close();
    if (memory !== undefined) writeFileSync(memory, String(process.resourceUsage().maxRSS * 1_024));
  };
  return { ready: { url, pid: process.pid }, close };
});
