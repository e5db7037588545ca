import { describe, expect, test } from "vitest";
import { BadConfiguration, readEnvironment } from "../../src/config/environment.ts";
import { masterKey } from "../../src/store/master-keys.ts";

const key = Buffer.alloc(32, 7).toString("base64");
const own = {
  INNSYN_CONFIG: "innsyn.config.ts",
  DATABASE_URL: "postgres://u:p@db/innsyn",
  INNSYN_MASTER_KEY: key,
};
const refusal = (variables: NodeJS.ProcessEnv): string => {
  try {
    readEnvironment(variables);
  } catch (error) {
    if (error instanceof BadConfiguration) return error.message;
    throw error;
  }
  return "";
};

test("nothing set is the demo, on the loopback address", () => {
  expect(readEnvironment({})).toMatchObject({
    NODE_ENV: "development",
    HOST: "127.0.0.1",
    PORT: 4000,
    DEMO_PERSONS: 1000,
    INNSYN_DATA: ".data",
    own: null,
  });
});

test("what is set to nothing is not set", () => {
  expect(readEnvironment({ PORT: "", DATABASE_URL: "", GRAPHIQL: "", INNSYN_CONFIG: "" })).toMatchObject({
    PORT: 4000,
    own: null,
  });
});

test("an organisation of one's own", () => {
  expect(readEnvironment(own).own).toMatchObject({
    configPath: "innsyn.config.ts",
    databaseUrl: own.DATABASE_URL,
    erasureJournal: undefined,
  });
  const journalling = { ...own, ERASURE_JOURNAL: "/journal" };
  expect(readEnvironment(journalling).own?.erasureJournal).toBe("/journal");
});

test("master keys: the current one, and others by their names", async () => {
  const [earlier, next, stranger] = [1, 2, 3].map((byte) => Buffer.alloc(32, byte)) as [
    Buffer,
    Buffer,
    Buffer,
  ];
  const others = `${earlier.toString("base64")}, ${next.toString("base64")}`;
  const keys = readEnvironment({ ...own, INNSYN_OTHER_MASTER_KEYS: others }).own?.masterKeys;
  expect((await keys?.current())?.bytes).toEqual(Buffer.alloc(32, 7));
  expect((await keys?.byId(masterKey(Buffer.alloc(32, 7)).id))?.bytes).toEqual(Buffer.alloc(32, 7));
  expect((await keys?.byId(masterKey(earlier).id))?.bytes).toEqual(earlier);
  expect((await keys?.byId(masterKey(next).id))?.bytes).toEqual(next);
  expect(await keys?.byId(masterKey(stranger).id)).toBeNull();
});

describe("each bad setting is named, with what to set, and never repeated", () => {
  test.each([
    ["NODE_ENV", "staging"],
    ["PORT", "70000"],
    ["PORT", "4000.5"],
    ["PORT", "http"],
    ["DATABASE_URL", "mysql://user:hemmelig@db/x"],
    ["DATABASE_URL", "hemmelig"],
    ["OIDC_ISSUER", "ftp://hemmelig"],
    ["INNSYN_MASTER_KEY", "hemmelig"],
    ["INNSYN_MASTER_KEY", Buffer.alloc(31).toString("base64")],
    ["INNSYN_OTHER_MASTER_KEYS", "hemmelig"],
    ["INNSYN_OTHER_MASTER_KEYS", `${key},`],
    ["INNSYN_OTHER_MASTER_KEYS", `${key},${Buffer.alloc(31).toString("base64")}`],
    ["DEMO_PERSONS", "10"],
    ["DEMO_PERSONS", "hemmelig"],
    ["GRAPHIQL", "perhaps"],
    ["LOG_LEVEL", "loud"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "hemmelig"],
  ])("%s=%s", (name, value) => {
    const message = refusal({ [name]: value });
    expect(message).toMatch(new RegExp(`^${name} must be \\S`));
    expect(message).not.toContain("hemmelig");
    if (value.length > 3) expect(message).not.toContain(value);
  });
});

describe("impossible combinations", () => {
  test.each([
    ["DATABASE_URL", { ...own, DATABASE_URL: undefined }],
    ["INNSYN_MASTER_KEY", { ...own, INNSYN_MASTER_KEY: undefined }],
    ["INNSYN_CONFIG", { NODE_ENV: "production", DATABASE_URL: own.DATABASE_URL }],
    ["INNSYN_CONFIG", { NODE_ENV: "production", HOST: "0.0.0.0" }],
  ])("say: set %s", (name, variables) => {
    expect(refusal(variables)).toMatch(new RegExp(`^Set ${name}\\b`));
  });
});

test.each([
  ["on", true],
  ["1", true],
  ["off", false],
  ["FALSE", false],
])("GRAPHIQL=%s", (value, on) => {
  expect(readEnvironment({ GRAPHIQL: value }).GRAPHIQL).toBe(on);
});
