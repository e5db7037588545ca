/** What may be said of an error in a log: messages of drivers and parsers quote the values they fail on. */
export interface SafeError {
  readonly type: string;
  readonly code?: string | number;
  readonly reason?: string;
  readonly stack?: readonly string[];
  readonly cause?: SafeError;
  readonly errors?: readonly SafeError[];
}

const typeName = /^[A-Za-z_$][A-Za-z0-9_$]{0,63}$/;
const codeName = /^[A-Z0-9][A-Z0-9_]{0,63}$/;
/** A frame ends in a place in a file. A line of the message that looks like one would need that too. */
const frame =
  /^ {4}at (?:(?:async |new )*[\w$.<>#[\] ]{1,100} \()?((?:file:\/\/|node:|\/|[A-Z]:\\)[^\s()@?]{1,300}:\d+:\d+)\)?$/;

/** Type, code and stack locations of anything thrown, with its causes; never a message. */
export function safeError(error: unknown, depth = 4): SafeError {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code, reason } = error as { code?: unknown; reason?: unknown };
  const cause = "originalError" in error ? (error.originalError ?? error.cause) : error.cause;
  const nested =
    depth > 0 && "errors" in error && Array.isArray(error.errors) ? error.errors.slice(0, 5) : [];
  const stack = locations(error);
  return {
    type: typeOf(error),
    ...(isCode(code) && { code }),
    ...(typeof reason === "string" && isCode(reason) && { reason }),
    ...(stack.length > 0 && { stack }),
    ...(depth > 0 && cause instanceof Error && { cause: safeError(cause, depth - 1) }),
    ...(nested.length > 0 && { errors: nested.map((each) => safeError(each, depth - 1)) }),
  };
}

function typeOf(error: Error): string {
  const names: unknown[] = [error.name, error.constructor.name];
  return names.filter((name) => typeof name === "string").find((name) => typeName.test(name)) ?? "Error";
}

/** SQLSTATE is five characters that start with a digit or letter; Node's codes are upper case; others are numbers. */
function isCode(code: unknown): code is string | number {
  return typeof code === "number" || (typeof code === "string" && codeName.test(code) && !/\d{6}/.test(code));
}

function locations(error: Error): string[] {
  if (typeof error.stack !== "string") return [];
  const message = String(error.message);
  const body = message === "" ? error.stack : error.stack.split(message).join("");
  return body
    .split("\n")
    .filter((line) => frame.test(line))
    .map((line) => line.trim());
}
