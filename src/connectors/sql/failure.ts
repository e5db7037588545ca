import { SourceFailure, type SourceFailureReason } from "../../sources/contract.ts";
import { MappingError } from "../match.ts";

/** What a driver said, without its message: that quotes values, and causes end up in logs. */
class DriverError extends Error {
  override readonly name = "DriverError";
  readonly code: string;
  readonly refusal: boolean;
  constructor(error: unknown) {
    super(codeOf(error) || (error instanceof Error ? error.name : "unknown"));
    this.code = codeOf(error);
    this.refusal = refuses(error);
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

/** The column takes no such value: too long, not of its type, not unique, or against a check. */
export function isRefusal(failure: SourceFailure): boolean {
  return failure.cause instanceof DriverError && failure.cause.refusal;
}

/** SQLSTATE classes 22 (data exception) and 23 (integrity constraint violation), as MySQL's driver gives them too. */
const refusedState = /^2[23][\dA-Z]{3}$/;
const refusedBySqlite = /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG)/;
/** SQL Server's own numbers: constraint, null, duplicate, conversion, overflow, truncation. */
const refusedByMssql = new Set<unknown>([245, 515, 547, 2601, 2627, 2628, 8114, 8115, 8152]);

function refuses(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const state = "sqlState" in error ? String(error.sqlState) : codeOf(error);
  const number = "number" in error ? error.number : undefined;
  return refusedState.test(state) || refusedBySqlite.test(state) || refusedByMssql.has(number);
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
