import type { AuditEntry } from "../src/audit/entry.ts";
import type { Demo } from "../src/demo/start.ts";

/** How every measured server reaches the same databases, issuer and e-mail tool. */
export interface BenchSettings extends Pick<Demo, "databaseUrl" | "issuer" | "systems" | "outside"> {
  /** 32 bytes. */
  readonly masterKey: Uint8Array;
}

/** For the servers that the gateway is compared with: what it writes into the trail for the same look. */
export interface ServerSettings extends BenchSettings {
  readonly audit: Pick<AuditEntry, "coordinates" | "categories" | "sources">;
  /** What the gateway hashes the name of a sign-in with. */
  readonly signInKey: Uint8Array;
}
