import { Agent, type Dispatcher, request } from "undici";
import { SourceFailure, type SourceFailureReason } from "../../sources/contract.ts";
import { at, parseJson } from "./json.ts";
import type { Authentication, RestMapping } from "./mapping.ts";

type Api = Pick<
  RestMapping<string, Record<string, string>>,
  "baseUrl" | "authentication" | "success" | "emptyStatuses"
>;

/** Bytes of one answer at most. */
const answerBound = 32 * 1024 * 1024;
/** Milliseconds to wait after "too many requests" when the system does not say, and at most. */
const rateLimit = { unsaid: 1_000, most: 3_600_000 };

/** Not found, by a status that the mapping gives that meaning. */
export const nothing = Symbol("nothing");

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

  /** Rejects with `SourceFailure`, in which neither URL nor answer appears. */
  async get(url: URL, signal: AbortSignal): Promise<unknown> {
    if (signal.aborted) throw new SourceFailure("TIMED_OUT");
    if (Date.now() < this.#notBefore) throw new SourceFailure("RATE_LIMITED");
    const response = await this.#send(url, signal);
    const { statusCode: status } = response;
    // Read to the end whatever the status, so that the connection can be used again.
    const text = await response.body.text().catch((error: unknown) => {
      throw failureOf(error, signal, "MALFORMED_ANSWER");
    });
    if (this.#api.emptyStatuses?.includes(status)) return nothing;
    if (status === 429) throw this.#rateLimited(response.headers["retry-after"]);
    if (status === 400 || status === 422) throw new BadRequest();
    if (status < 200 || status > 299) throw new SourceFailure("FAILED");
    return this.#succeeded(parseJson(text));
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }

  async #send(url: URL, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const send = () => request(url, { dispatcher: this.#agent, headers: this.#headers, signal });
    try {
      // A kept connection may have been closed by the other side just now: once more, on a new one.
      return await send().catch((error: unknown) =>
        isStale(error) && !signal.aborted ? send() : Promise.reject(error),
      );
    } catch (error) {
      throw failureOf(error, signal, "UNREACHABLE");
    }
  }

  #rateLimited(retryAfter: string | string[] | undefined): SourceFailure {
    this.#notBefore = Date.now() + Math.min(waitOf(retryAfter), rateLimit.most);
    return new SourceFailure("RATE_LIMITED");
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

function authorisation(authentication: Authentication): Record<string, string> {
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
  return wait > 0 ? wait : rateLimit.unsaid;
}

function failureOf(error: unknown, signal: AbortSignal, reason: SourceFailureReason): SourceFailure {
  if (signal.aborted) return new SourceFailure("TIMED_OUT", { cause: signal.reason });
  if (/TIMEOUT/.test(codeOf(error))) return new SourceFailure("TIMED_OUT", { cause: error });
  return new SourceFailure(reason, { cause: error });
}

const isStale = (error: unknown) => /^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/.test(codeOf(error));

const codeOf = (error: unknown) =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
