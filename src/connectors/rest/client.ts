import { Agent, type Dispatcher, errors, request } from "undici";
import { SourceFailure, type SourceFailureReason } from "../../sources/contract.ts";
import { at, parseJson } from "./json.ts";
import type { Authentication, RestMapping } from "./mapping.ts";

type Api = Pick<
  RestMapping<string, Record<string, string>>,
  "baseUrl" | "authentication" | "success" | "emptyStatuses"
>;

/** Bytes of one answer at most. */
const answerBound = 32 * 1024 * 1024;
/** Milliseconds to wait for a system that is busy: when it does not say how long, and at most. */
const rateLimit = { unsaid: 1_000, most: 3_600_000 };

/** Not found, by a status that the mapping gives that meaning. */
export const nothing = Symbol("nothing");

/** What became of a request that changes something; anything else is a failure. */
export type Sent = "done" | "absent" | "refused";

/** A status by which the system refuses the request itself, not the caller. */
export class BadRequest extends SourceFailure {
  constructor() {
    super("FAILED");
  }
}

/** Asks one API for JSON. No redirect is followed: credentials and identifiers go to the mapped host alone. */
export class RestClient {
  readonly #api: Api;
  readonly #headers: Record<string, string>;
  readonly #agent = new Agent({
    connections: 8,
    keepAliveTimeout: 10_000,
    connect: { timeout: 5_000 },
    headersTimeout: 30_000,
    bodyTimeout: 30_000,
    maxResponseSize: answerBound,
  });
  #notBefore = 0;

  constructor(api: Api) {
    this.#api = api;
    this.#headers = { accept: "application/json", ...authorisation(api.authentication) };
  }

  url(path: string, parameters: Readonly<Record<string, string>>): URL {
    const url = new URL(this.#api.baseUrl.replace(/\/+$/, "") + path);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.append(name, value);
    return url;
  }

  /**
   * `absent`: statuses that mean that there is nothing, besides those of the mapping. Rejects with `SourceFailure`, in
   * which neither URL nor answer appears.
   */
  async get(url: URL, signal: AbortSignal, absent: readonly number[] = []): Promise<unknown> {
    return (await this.poll(url, signal, absent)).answer;
  }

  /** As `get`, and says when the system wants to be asked again. */
  async poll(url: URL, signal: AbortSignal, absent: readonly number[] = []): Promise<Polled> {
    const { status, text, headers } = await this.#ask(signal, () => this.#getOnce(url, signal));
    const retryAt = retryAtOf(headers);
    if (this.#api.emptyStatuses?.includes(status) || absent.includes(status))
      return { answer: nothing, retryAt };
    if (status === 400 || status === 422) throw new BadRequest();
    if (status < 200 || status > 299) throw failedWith(headers);
    return { answer: this.#succeeded(parseJson(text)), retryAt };
  }

  /** Sends a change, once: whether it took effect is for the caller to read. Rejects as `get` does. */
  async send(change: Change, signal: AbortSignal): Promise<Sent> {
    return (await this.start(change, signal)).sent;
  }

  /** As `send`, with what was answered; `nothing` where that is empty, not asked for or not a success. */
  async start(change: Change, signal: AbortSignal): Promise<Polled & { readonly sent: Sent }> {
    const { status, text, headers } = await this.#ask(signal, () => this.#sendOnce(change, signal));
    const retryAt = retryAtOf(headers);
    if (status === 404 || status === 410) return { sent: "absent", answer: nothing, retryAt };
    if (status === 400 || status === 409 || status === 422)
      return { sent: "refused", answer: nothing, retryAt };
    if (status < 200 || status > 299) throw failedWith(headers);
    const said = text !== "" && change.answer !== "ignored";
    return { sent: "done", answer: said ? this.#succeeded(parseJson(text)) : nothing, retryAt };
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }

  async #ask(signal: AbortSignal, send: () => Promise<Dispatcher.ResponseData>): Promise<Answer> {
    if (signal.aborted) throw new SourceFailure("TIMED_OUT");
    if (Date.now() < this.#notBefore) throw this.#limited();
    const response = await send().catch((error: unknown) => {
      throw failureOf(error, signal, "UNREACHABLE");
    });
    const { statusCode: status, headers } = response;
    // Read to the end whatever the status, so that the connection can be used again.
    const text = await response.body.text().catch((error: unknown) => {
      throw failureOf(error, signal, "MALFORMED_ANSWER");
    });
    if (status !== 429) return { status, text, headers };
    this.#notBefore = Date.now() + waitOf(headers["retry-after"]);
    throw this.#limited();
  }

  #limited(): SourceFailure {
    return new SourceFailure("RATE_LIMITED", { retryAt: new Date(this.#notBefore) });
  }

  #getOnce(url: URL, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const send = () => request(url, { dispatcher: this.#agent, headers: this.#headers, signal });
    // A kept connection may have been closed by the other side just now: once more, on a new one.
    return send().catch((error: unknown) =>
      isStale(error) && !signal.aborted ? send() : Promise.reject(error),
    );
  }

  #sendOnce({ method, url, body, headers }: Change, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const json = body === undefined ? {} : { "content-type": "application/json" };
    return request(url, {
      dispatcher: this.#agent,
      method,
      headers: { ...this.#headers, ...json, ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal,
    });
  }

  #succeeded(answer: unknown): unknown {
    if (typeof answer !== "object" || answer === null) throw new SourceFailure("FAILED");
    const failed = this.#api.success?.failedIf.some(({ path, equals }) => {
      const value = at(answer, path);
      return equals === undefined ? Boolean(value) : value === equals;
    });
    if (failed) throw new SourceFailure("FAILED");
    return answer;
  }
}

export interface Polled {
  readonly answer: unknown;
  readonly retryAt: Date | undefined;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Dispatcher.ResponseData["headers"];
}

/** A request that changes something. */
export interface Change {
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: URL;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The status alone says whether it took effect: the answer's body may be anything. */
  readonly answer?: "ignored";
}

/** A system that is busy may say how long. */
function failedWith(headers: Answer["headers"]): SourceFailure {
  const retryAt = retryAtOf(headers);
  return new SourceFailure("FAILED", retryAt && { retryAt });
}

function retryAtOf({ "retry-after": retryAfter }: Answer["headers"]): Date | undefined {
  return retryAfter === undefined ? undefined : new Date(Date.now() + waitOf(retryAfter));
}

export function authorisation(authentication: Authentication): Record<string, string> {
  switch (authentication.scheme) {
    case "basic": {
      const { user, password } = authentication;
      return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
    }
    case "bearer":
      return { authorization: `Bearer ${authentication.token}` };
    case "header":
      return { [authentication.name]: authentication.value };
  }
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3), in milliseconds from now. */
function waitOf(retryAfter: string | string[] | undefined): number {
  if (typeof retryAfter !== "string") return rateLimit.unsaid;
  const seconds = Number(retryAfter);
  const wait = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(retryAfter) - Date.now();
  return wait > 0 ? Math.min(wait, rateLimit.most) : rateLimit.unsaid;
}

function failureOf(error: unknown, signal: AbortSignal, reason: SourceFailureReason): SourceFailure {
  if (signal.aborted) return new SourceFailure("TIMED_OUT", { cause: signal.reason });
  // No cause: it quotes the answer.
  if (error instanceof errors.HTTPParserError) return new SourceFailure("MALFORMED_ANSWER");
  if (/TIMEOUT/.test(codeOf(error))) return new SourceFailure("TIMED_OUT", { cause: error });
  return new SourceFailure(reason, { cause: error });
}

const isStale = (error: unknown) => /^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/.test(codeOf(error));

const codeOf = (error: unknown) =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
