import type { Along, Asked, Opened } from "./desk.ts";
import { openRequest } from "./desk.ts";
import { type KnownRequests, knownRequests } from "./known.ts";
import type { RequestRow } from "./rows.ts";
import type { Service } from "./service.ts";

/** Requests as one operation reads and makes them. */
export interface RequestsOfCaller extends KnownRequests {
  open(asked: Asked, along?: Along): Promise<Opened>;
  /** Waits a moment for the steps that can be done at once; resolves with the request as it is then. */
  settled(id: string): Promise<RequestRow>;
}

/** Made per operation. */
export function requestsOfCaller({ parts, settled }: Service): RequestsOfCaller {
  const known = knownRequests(parts.register);
  return {
    ...known,
    open: (asked, along) => openRequest(parts, asked, along),
    async settled(id) {
      await settled(id);
      known.forget();
      const row = await known.byId(id);
      if (!row) throw new Error("a request that was just made is gone");
      return row;
    },
  };
}
