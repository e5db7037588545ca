import type { ServerResponse } from "node:http";

/** Calls back once the answer has left or its client is gone, also where that has been so for a while. */
export function whenClosed(response: ServerResponse, closed: () => void): void {
  if (response.destroyed) closed();
  else response.once("close", closed);
}
