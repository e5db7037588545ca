import type { GraphqlError, Json } from "../setup/gateway.ts";

export interface StreamEvent<Data = Json> {
  readonly name: string;
  readonly data: { readonly data?: Data | null; readonly errors?: readonly GraphqlError[] } | null;
}

/** An event stream as a client reads it, byte by byte. */
export interface EventStream<Data = Json> {
  readonly response: Response;
  /** The next event; null: the stream has ended. */
  next(): Promise<StreamEvent<Data> | null>;
  /** Every event until the stream ends. */
  rest(): Promise<readonly StreamEvent<Data>[]>;
  /** Everything that came so far. */
  text(): string;
  /** The client goes away. */
  leave(): void;
}

export interface Opening {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Null: none. */
  readonly body?: object | string | null;
  readonly method?: string;
}

/** POST to an address, unless said otherwise, as a client of GraphQL over Server-Sent Events does it. */
export async function openStream<Data = Json>(url: string, opening: Opening): Promise<EventStream<Data>> {
  const { token, headers = {}, body = null, method = "POST" } = opening;
  const leaving = new AbortController();
  const response = await fetch(url, {
    method,
    signal: leaving.signal,
    headers: {
      accept: "text/event-stream",
      ...(body === null ? {} : { "content-type": "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === null ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  let reader: ReadableStreamDefaultReader<string> | undefined;
  let text = "";
  let read = 0;
  const next = async (): Promise<StreamEvent<Data> | null> => {
    for (;;) {
      const end = text.indexOf("\n\n", read);
      if (end >= 0) {
        const block = text.slice(read, end);
        read = end + 2;
        const event = eventIn<Data>(block);
        if (event) return event;
        continue;
      }
      reader ??= response.body?.pipeThrough(new TextDecoderStream()).getReader();
      const part = await reader?.read();
      if (part === undefined || part.done) return null;
      text += part.value;
    }
  };
  return {
    response,
    next,
    async rest() {
      const events: StreamEvent<Data>[] = [];
      for (let event = await next(); event; event = await next()) events.push(event);
      return events;
    },
    text: () => text,
    leave: () => leaving.abort(),
  };
}

function eventIn<Data>(block: string): StreamEvent<Data> | null {
  const lines = block.split("\n").filter((line) => line !== "" && !line.startsWith(":"));
  if (lines.length === 0) return null;
  const field = (name: string) =>
    lines
      .filter((line) => line.startsWith(`${name}:`))
      .map((line) => line.slice(name.length + 1).trim())
      .join("\n");
  const data = field("data");
  return { name: field("event"), data: data === "" ? null : JSON.parse(data) };
}
