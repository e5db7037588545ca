import type { Demo } from "../src/demo/start.ts";

/** How every measured server reaches the same databases, issuer and e-mail tool. */
export interface BenchSettings extends Pick<Demo, "databaseUrl" | "issuer" | "systems"> {
  /** 32 bytes. */
  readonly masterKey: Uint8Array;
}
