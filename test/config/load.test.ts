import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { InnsynConfig } from "../../src/config/define.ts";
import { BadConfiguration, readEnvironment } from "../../src/config/environment.ts";
import { httpSettingsFrom } from "../../src/config/http.ts";
import { loadConfig, validateConfig } from "../../src/config/load.ts";
import { demoConfig } from "../../src/demo/organisation.ts";

const systems = {
  crm: "postgres://x/crm",
  learning: "",
  events: "",
  website: "",
  mailing: { url: "http://127.0.0.1:1", user: "u", token: "hemmelig" },
};
const outside = {
  url: "http://127.0.0.1:1",
  partnerToken: "hemmelig",
  smtpUrl: "smtp://u:hemmelig@127.0.0.1:25",
};
const good = (): InnsynConfig => demoConfig({ issuer: "http://127.0.0.1:4001", systems, outside });

/** The configuration with one member set to something else, as JavaScript could have it. */
function changed(path: string, value: unknown): InnsynConfig {
  const config: unknown = structuredClone({ ...good(), sources: withoutFunctions(good().sources) });
  const members = path.split(".");
  const last = members.pop() ?? "";
  const parent = members.reduce<unknown>(
    (object, member) => (object as Record<string, unknown>)[member],
    config,
  );
  if (value === undefined) delete (parent as Record<string, unknown>)[last];
  else (parent as Record<string, unknown>)[last] = value;
  return config as InnsynConfig;
}
const withoutFunctions = (value: object): unknown => JSON.parse(JSON.stringify(value));

const refusal = (config: InnsynConfig): string => {
  try {
    validateConfig(config, {});
  } catch (error) {
    if (error instanceof BadConfiguration) return error.message;
    throw error;
  }
  return "";
};

test("the demo's own configuration is good", () => {
  const config = validateConfig(good(), {});
  expect([...config.sources.keys()]).toEqual(["crm", "learning", "mailing", "events", "website"]);
  expect(config.sources.get("crm")).toMatchObject({ timeLimit: 2_000, processor: { country: "NO" } });
  expect(config.organisation.supervisoryAuthority.name).toBe("Datatilsynet");
});

describe("each bad setting is named", () => {
  test.each<[string, string, unknown]>([
    ["sources.crm.processor.transferSafeguard", "sources.crm.processor.country", "US"],
    ["sources.crm.processor.country", "sources.crm.processor.country", "Norway"],
    ["sources.crm.mapping.collections.orders", "sources.crm.mapping.collections.orders", { whole: "data" }],
    // What is kept for what it refers to needs a mark that is written and read.
    ["erasures.collections.conversations.mark", "sources.crm.mapping.erasures.collections.conversations", {}],
    [
      "sources.crm.mapping.collections.conversations",
      "sources.crm.mapping.collections.conversations.fields.retainedUntil",
      undefined,
    ],
    ["sources.crm.processor.agreement", "sources.crm.processor.agreement", undefined],
    ["sources.crm.processor.name", "sources.crm.processor.name", ""],
    ["sources.crm.timeLimit", "sources.crm.timeLimit", 0],
    ["sources.crm.mapping.connector", "sources.crm.mapping.connector", "soap"],
    ["sources.crm.mapping", "sources.crm.mapping", undefined],
    ["sources.payroll", "sources.payroll", withoutFunctions(good().sources.crm ?? {})],
    ["sources", "sources", {}],
    ["sources", "sources", undefined],
    ["organisation.controller.email", "organisation.controller.email", undefined],
    [
      "organisation.dataProtectionOfficer.email",
      "organisation.dataProtectionOfficer",
      { name: "Kari", email: "x" },
    ],
    ["organisation.securityMeasures[0].nn", "organisation.securityMeasures", [{ nb: "a", en: "b" }]],
    ["organisation.policies", "organisation.policies", []],
    ["statistics.minimumGroupSize", "statistics", { minimumGroupSize: 1 }],
    ["statistics.minimumGroupSize", "statistics", { minimumGroupSize: 9.5 }],
    ["statistics.countMilliseconds", "statistics", { countMilliseconds: 0 }],
    ["organisation.automatedDecisions.nn", "organisation.automatedDecisions.nn", undefined],
    ["organisation.recipients[0].purposes[0]", "organisation.recipients.0.purposes", ["SPAM"]],
    ["identity.issuer", "identity.issuer", "http://id.example"],
    ["identity.issuer", "identity.issuer", undefined],
    ["identity.algorithms", "identity.algorithms", ["HS256"]],
    ["identity.roles.default", "identity.roles.default", ["DPO"]],
    ["identity.identifiers", "identity.identifiers", []],
    ["http.bodyLimit", "http", { bodyLimit: -1 }],
    ["http.corsOrigins", "http", { corsOrigins: ["https://example.com/path"] }],
    ["colour", "colour", "blue"],
  ])("%s (%s = %j)", (named, path, value) => {
    const message = refusal(changed(path, value));
    expect(message).toContain(named);
    expect(message).not.toContain("hemmelig");
  });

  test("a processor outside the EEA: what to name, and by which article", () => {
    expect(refusal(changed("sources.mailing.processor.country", "US"))).toMatch(
      /outside the EEA.*transfer safeguard.*Art\. 46/,
    );
    const safeguarded = changed("sources.mailing.processor", {
      name: "Mail Inc",
      country: "US",
      agreement: "DPA",
      transferSafeguard: "SCC 2021/914",
    });
    expect(refusal(safeguarded)).toBe("");
  });

  test.each(["NO", "IS", "LI", "SE", "DE"])("%s is inside", (country) => {
    expect(refusal(changed("sources.mailing.processor.country", country))).toBe("");
  });
  test.each(["GB", "CH", "US", "IN", "UK", "no"])("%s is not", (country) => {
    expect(refusal(changed("sources.mailing.processor.country", country))).not.toBe("");
  });
});

test("the issuer of the environment goes before the configuration's", () => {
  expect(validateConfig(good(), { OIDC_ISSUER: "https://id.example" }).identity.issuer).toBe(
    "https://id.example",
  );
});

describe("HTTP settings: the environment goes first", () => {
  const http = (variables: NodeJS.ProcessEnv) =>
    httpSettingsFrom(readEnvironment(variables), validateConfig(good(), {}));
  test("GraphiQL is on in development, off in production unless switched on", () => {
    expect(http({}).graphiql).not.toBeNull();
    expect(http({ NODE_ENV: "production" }).graphiql).toBeNull();
    expect(http({ NODE_ENV: "production", GRAPHIQL: "on" }).graphiql).not.toBeNull();
    expect(http({ GRAPHIQL: "off" }).graphiql).toBeNull();
  });
  test("GraphiQL asks for the sign-in that erasure asks for", () => {
    expect(http({}).graphiql?.stepUp).toEqual(validateConfig(good(), {}).erasure.stepUp);
  });
  test("traces are sent where an address is set", () => {
    expect(http({}).tracing).toBeNull();
    expect(http({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" }).tracing).not.toBeNull();
  });
});

describe("a configuration file", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "innsyn-config-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const load = async (name: string, text?: string) => {
    const path = join(folder, name);
    if (text !== undefined) await writeFile(path, text);
    return loadConfig(path).then(
      (config) => config,
      (error: unknown) => (error instanceof BadConfiguration ? error.message : expect.fail(String(error))),
    );
  };

  test("is its default export", async () => {
    expect(await load("good.mjs", "export default { sources: {} };")).toEqual({ sources: {} });
  });
  test.each([
    ["missing.mjs", undefined],
    ["broken.mjs", "export default {"],
    ["throws.mjs", 'throw new Error("no");'],
    ["empty.mjs", "export const config = {};"],
  ])("%s: INNSYN_CONFIG is named, and the file", async (name, text) => {
    expect(await load(name, text)).toMatch(new RegExp(`^INNSYN_CONFIG: .*${name} `));
  });
});
