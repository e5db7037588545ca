import { fileURLToPath } from "node:url";
import { signIn } from "../src/demo/identity/client.ts";
import { demoMasterKeys } from "../src/demo/master-key.ts";
import { startDemo } from "../src/demo/start.ts";
import { lengthenHistory, reader } from "./history.ts";
import type { BenchSettings } from "./settings.ts";

/** The demo's data, apart from that of `npm start`; kept, so that the next run need not fill it again. */
const folder = fileURLToPath(new URL("../.data/bench", import.meta.url));
const gatewayPort = 4_000;

export interface Systems {
  readonly settings: BenchSettings;
  /** Access tokens, through a real sign-in: of a person with a hundred records, and of one with a thousand. */
  readonly tokens: { readonly hundred: string; readonly thousand: string };
  stop(): Promise<void>;
}

/** Embedded PostgreSQL with the filled systems, the issuer, the e-mail tool and what plays the world outside, each in its own process. */
export async function startSystems(say: (line: string) => void): Promise<Systems> {
  await using parts = new AsyncDisposableStack();
  const demo = await startDemo({
    folder,
    persons: 1_000,
    gatewayPort,
    ports: { issuer: 0, mailing: 0, outside: 0 },
    onProgress: say,
  });
  parts.defer(() => demo.stop());
  const { issuer, databaseUrl, systems, outside } = demo;
  await lengthenHistory(systems);
  const { bytes: masterKey } = await (await demoMasterKeys(folder)).current();
  const settings = { issuer, databaseUrl, systems, outside, masterKey };
  const tokens = {
    hundred: await signIn({ issuer, email: "kari.nordmann@example.com" }),
    thousand: await signIn({ issuer, email: reader }),
  };
  const stack = parts.move();
  return { settings, tokens, stop: () => stack.disposeAsync() };
}
