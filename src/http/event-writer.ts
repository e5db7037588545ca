import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { ExecutionResult } from "graphql";
import { createHandler } from "graphql-sse";

interface Written {
  readonly events: AsyncGenerator<ExecutionResult, void, undefined>;
}

/** No token: each stream is a connection of its own, and nothing is reserved in the process. */
const protocol = createHandler<null, Written>({
  authenticate: () => null,
  onSubscribe: ({ context }) => context.events,
});

/** As text, with comments in between that keep the connection alive. */
export async function written(events: Written["events"]): Promise<AsyncGenerator<string, void, undefined>> {
  const headers = new Map([
    ["accept", "text/event-stream"],
    ["content-type", "application/json"],
  ]);
  // The operation itself has been read, and let through, by Apollo.
  const asked = { method: "POST", url: "", headers, body: { query: "" }, raw: null, context: { events } };
  const [body] = await protocol(asked);
  if (body === null || typeof body === "string") throw new Error("graphql-sse opened no stream");
  return body;
}

/**
 * What is closed by the gateway ends without the event `complete`, and a client that knows the protocol connects again.
 */
export async function* untilClosed(
  body: AsyncGenerator<string, void, undefined>,
  closed: AbortSignal,
  failed: (error: unknown) => void,
): AsyncGenerator<string, void, undefined> {
  try {
    for await (const part of body) {
      if (closed.aborted) return;
      yield part;
    }
  } catch (error) {
    failed(error);
  }
}

/** A client that does not read costs nothing more than what it was sent. */
export async function taken(response: ServerResponse, closed: AbortSignal): Promise<void> {
  if (response.writableNeedDrain) await once(response, "drain", { signal: closed }).catch(() => undefined);
}
