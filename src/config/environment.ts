import { z } from "zod";
import { fixedMasterKeys, type MasterKeys } from "../store/master-keys.ts";

const flag = z.stringbool({ truthy: ["on", "true", "1"], falsy: ["off", "false", "0"] });

const masterKeyText = z.base64().refine((key) => Buffer.from(key, "base64").length === 32);

/** The environment, each variable with what it means. The table in the README is checked against it. */
export const environmentSchema = z.object({
  NODE_ENV: z.enum(["development", "production", "test"]).default("development"),
  HOST: z.string().min(1).default("127.0.0.1"),
  PORT: z.coerce.number().int().min(0).max(65_535).default(4000),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  OIDC_ISSUER: z.url({ protocol: /^https?$/ }).optional(),
  INNSYN_CONFIG: z.string().min(1).optional(),
  INNSYN_MASTER_KEY: masterKeyText.optional(),
  INNSYN_OTHER_MASTER_KEYS: z
    .string()
    .transform((list) => list.split(",").map((key) => key.trim()))
    .pipe(z.array(masterKeyText))
    .optional(),
  ERASURE_JOURNAL: z.string().min(1).optional(),
  INNSYN_DATA: z.string().min(1).default(".data"),
  DEMO_PERSONS: z.coerce.number().int().min(50).max(1_000_000).default(1000),
  GRAPHIQL: flag.optional(),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.url().optional(),
  OTEL_SERVICE_NAME: z.string().min(1).optional(),
  npm_lifecycle_event: z.string().optional(),
});
export type Environment = z.output<typeof environmentSchema>;

/** What to set instead, per variable; a wrong value itself is not repeated, since it may be a secret. */
const expected: Readonly<Partial<Record<keyof Environment, string>>> = {
  NODE_ENV: "development, production or test",
  PORT: "a port from 0 to 65535",
  DATABASE_URL: "a PostgreSQL connection string: postgresql://user:password@host:5432/database",
  OIDC_ISSUER: "the address of an OpenID Connect issuer, https://…",
  INNSYN_MASTER_KEY: "32 random bytes in base64, for example from: openssl rand -base64 32",
  INNSYN_OTHER_MASTER_KEYS: "master keys as in INNSYN_MASTER_KEY, with commas between them",
  DEMO_PERSONS: "a number from 50 to 1000000",
  GRAPHIQL: "on or off",
  LOG_LEVEL: "fatal, error, warn, info, debug, trace or silent",
};

/** Bad configuration: one message that names the setting and says what to set. */
export class BadConfiguration extends Error {
  override readonly name = "BadConfiguration";
}

/** What the gateway needs to serve an organisation of one's own rather than the demo's. */
export interface OwnOrganisation {
  readonly configPath: string;
  readonly databaseUrl: string;
  readonly masterKeys: MasterKeys;
  /** The folder that has what was erased; undefined: there is none. */
  readonly erasureJournal: string | undefined;
}

/** @throws BadConfiguration */
export function readEnvironment(
  variables: NodeJS.ProcessEnv = process.env,
): Environment & { readonly own: OwnOrganisation | null } {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ""));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const name = String(parsed.error.issues[0]?.path[0]);
    throw new BadConfiguration(`${name} must be ${expected[name as keyof Environment] ?? "set otherwise"}.`);
  }
  return { ...parsed.data, own: ownOrganisation(parsed.data) };
}

const loopback = new Set(["127.0.0.1", "::1", "localhost"]);

function ownOrganisation(env: Environment): OwnOrganisation | null {
  if (env.INNSYN_CONFIG === undefined) {
    if (env.NODE_ENV === "production" && env.DATABASE_URL !== undefined) {
      throw new BadConfiguration(
        "Set INNSYN_CONFIG: in production a database of your own goes with a configuration of your own, not with the demo.",
      );
    }
    if (env.NODE_ENV === "production" && !loopback.has(env.HOST)) {
      throw new BadConfiguration(
        "Set INNSYN_CONFIG, or leave HOST at 127.0.0.1: the demo's accounts have no passwords.",
      );
    }
    return null;
  }
  const required = <K extends "DATABASE_URL" | "INNSYN_MASTER_KEY">(name: K) => {
    const value = env[name];
    if (value !== undefined) return value;
    throw new BadConfiguration(
      `Set ${name} (${expected[name]}): with INNSYN_CONFIG nothing of the demo is used.`,
    );
  };
  return {
    configPath: env.INNSYN_CONFIG,
    databaseUrl: required("DATABASE_URL"),
    masterKeys: fixedMasterKeys(
      Buffer.from(required("INNSYN_MASTER_KEY"), "base64"),
      env.INNSYN_OTHER_MASTER_KEYS?.map((key) => Buffer.from(key, "base64")),
    ),
    erasureJournal: env.ERASURE_JOURNAL,
  };
}
