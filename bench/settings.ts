import type { AuditEntry } from "../src/audit/trail.ts";
import type { Demo } from "../src/demo/start.ts";

/** How every measured server reaches the same databases, issuer and e-mail tool. */
export interface BenchSettings extends Pick<Demo, "databaseUrl" | "issuer" | "systems"> {
  /** 32 bytes. */
  readonly masterKey: Uint8Array;
}

/** For the servers that the gateway is compared with: what it writes into the trail for the same look. */
export interface ServerSettings extends BenchSettings {
  readonly audit: Pick<AuditEntry, "coordinates" | "categories" | "sources">;
}
