import type { ErasableSource } from "../../src/sources/erasures.ts";
import type { KeyType, SystemStore } from "./system.ts";

/** `blind`: empty answers for lack of rights. `slow`: longer than any test waits. `down`: takes no connection. */
export type Manner = "polite" | "blind" | "slow" | "down";

/** A real system behind a connector. */
export interface System extends AsyncDisposable {
  readonly store: SystemStore;
  readonly source: ErasableSource;
  behave(manner: Manner): Promise<void>;
  /** Calls that reached the system so far. */
  calls(): number;
}

export interface Harness {
  readonly name: string;
  make(keyType: KeyType): Promise<System>;
}

export const processor = { name: "Test", country: "NO", agreement: "none" };

export type Fields = "email" | "name" | "phone" | "born" | "weight" | "device" | "unheld";
export type Collections = {
  letters: "sent" | "subject" | "opened" | "ip";
  "letters.clicks": "url";
  tags: "label" | "since";
};

export const soon = () => ({ signal: AbortSignal.timeout(10_000) });

export const email = (value: string) => ({ identifiers: [{ kind: "EMAIL", value } as const] });
export const external = (value: string) => ({ identifiers: [{ kind: "EXTERNAL_ID", value } as const] });
