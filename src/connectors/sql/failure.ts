import { SourceFailure, type SourceFailureReason } from "../../sources/contract.ts";
import { MappingError } from "../match.ts";

/** What a driver said, without its message: that quotes values, and causes end up in logs. */
class DriverError extends Error {
  override readonly name = "DriverError";
  readonly code: string;
  constructor(error: unknown) {
    super(codeOf(error) || (error instanceof Error ? error.name : "unknown"));
    this.code = codeOf(error);
  }
}

export function toFailure(error: unknown): SourceFailure {
  if (error instanceof SourceFailure) return error;
  return new SourceFailure(reasonOf(error), {
    cause: error instanceof MappingError ? error : new DriverError(error),
  });
}

/** SQLSTATE class 22: a value that the column's type cannot be compared with. */
export function isDataException(failure: SourceFailure): boolean {
  return codeOf(failure.cause).startsWith("22");
}

const timedOut = new Set(["57014", "55P03", "ETIMEDOUT", "ER_QUERY_TIMEOUT"]);
const unreachable =
  /^(08|53300|57P|EAI_AGAIN|ENOTFOUND|EPIPE|EHOSTUNREACH|ENETUNREACH|ECONN|PROTOCOL_CONNECTION_LOST)/;
const lost = /connection (terminated|error)|server closed the connection/i;

function reasonOf(error: unknown): SourceFailureReason {
  const code = codeOf(error);
  if (timedOut.has(code)) return "TIMED_OUT";
  if (unreachable.test(code)) return "UNREACHABLE";
  // A session that ends: shutdown, or a database that takes no connections. 28 and 42 are credentials and rights.
  if (isFatal(error)) return /^(28|42)/.test(code) ? "FAILED" : "UNREACHABLE";
  if (code !== "" || !(error instanceof Error)) return "FAILED";
  if (/timeout/i.test(error.message)) return "TIMED_OUT";
  return lost.test(error.message) ? "UNREACHABLE" : "FAILED";
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

function isFatal(error: unknown): boolean {
  return error instanceof Error && "severity" in error && error.severity === "FATAL";
}
