import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identitySchema } from "../../src/config/identity.ts";
import { demoAccounts, demoIdentity } from "../../src/demo/identity/demo-accounts.ts";
import { serveIdentity, type Identity } from "../../src/demo/identity/server.ts";
import { addSigningKey } from "../../src/demo/identity/signing-keys.ts";
import type { AuthenticationSettings } from "../../src/http/authentication.ts";

/** The demo's real issuer, which a test may stop, start again and give a new key. */
export class TestIssuer implements AsyncDisposable {
  readonly folder: string;
  #identity: Identity;

  private constructor(folder: string, identity: Identity) {
    this.folder = folder;
    this.#identity = identity;
  }

  static async start(): Promise<TestIssuer> {
    const folder = await mkdtemp(join(tmpdir(), "innsyn-issuer-"));
    return new TestIssuer(folder, await serve(folder, 0));
  }

  get issuer(): string {
    return this.#identity.ready.issuer;
  }

  async stop(): Promise<void> {
    await this.#identity.close();
  }

  async startAgain(): Promise<void> {
    this.#identity = await serve(this.folder, Number(new URL(this.issuer).port));
  }

  async rotateKey(): Promise<void> {
    await this.stop();
    await addSigningKey(this.folder);
    await this.startAgain();
  }

  /** As after a theft: the old keys are gone for good. */
  async withdrawKey(): Promise<void> {
    await this.stop();
    await rm(join(this.folder, "signing-keys.json"));
    await this.startAgain();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true });
  }
}

/** How the gateway would be configured for it. */
export function settingsFor(
  issuer: string,
  changes: Partial<AuthenticationSettings> = {},
): AuthenticationSettings {
  return { ...identitySchema.parse(demoIdentity(issuer)), keyRefreshSeconds: 0, ...changes };
}

function serve(folder: string, port: number): Promise<Identity> {
  return serveIdentity({
    port,
    folder,
    accounts: demoAccounts,
    redirectUris: ["http://127.0.0.1:4000/graphiql", "http://localhost:4000/graphiql"],
    tokenLifetimeSeconds: 3600,
  });
}
