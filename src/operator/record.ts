import { randomUUID } from "node:crypto";
import type { AuditEntry } from "../audit/entry.ts";
import { createAuditTrail } from "../audit/trail.ts";
import type { Keyring } from "../store/keyring.ts";
import type { Store } from "../store/store.ts";

/** What a command has done: of nobody in particular, and by whoever has the keys. */
export type Done = Pick<AuditEntry, "event" | "detail"> & Partial<Pick<AuditEntry, "purpose" | "sources">>;

/** Writes down in the trail what a command has done. */
export async function record(
  { store, keyring }: { readonly store: Store; readonly keyring: Keyring },
  { event, detail, purpose = null, sources = [] }: Done,
): Promise<void> {
  const trail = createAuditTrail(store, { key: keyring.key("audit") });
  try {
    await trail.record({
      event,
      actorRole: null,
      actorRef: null,
      actorName: null,
      subjectRef: null,
      purpose,
      requestId: randomUUID(),
      coordinates: [],
      categories: [],
      sources,
      detail,
    });
  } finally {
    await trail.close();
  }
}
