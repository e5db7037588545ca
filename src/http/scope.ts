import { AsyncLocalStorage } from "node:async_hooks";
import type { RequestTrace } from "./tracing.ts";

/** What is known of the request that the running code serves. */
export interface RequestScope {
  readonly requestId: string;
  /** Admitted name of the operation, and the error codes of its answer, once it is known. */
  operation: string | null;
  codes: readonly string[];
  readonly trace: RequestTrace | null;
}

export const requestScope = new AsyncLocalStorage<RequestScope>();
