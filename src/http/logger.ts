import { pino, type DestinationStream, type Logger } from "pino";
import { safeError } from "./safe-error.ts";
import type { HttpSettings } from "./settings.ts";

/** JSON lines. Errors are reduced to what `safeError` keeps, however they are handed in. */
export function createLogger(
  settings: Pick<HttpSettings, "logLevel">,
  destination?: DestinationStream,
): Logger {
  const options = {
    level: settings.logLevel,
    // No host name: in a small organisation it is often a person's.
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: safeError, error: safeError, req: () => undefined, res: () => undefined },
    hooks: { logMethod: withoutForeignMessages },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** pino takes an error's message as the line's own where none is given: here the line is named instead. */
function withoutForeignMessages(this: Logger, args: Parameters<pino.LogFn>, method: pino.LogFn): void {
  const [first, message] = args as [unknown, unknown];
  const text = typeof message === "string" ? message : "error";
  if (first instanceof Error) method.call(this, { err: first }, text);
  else if (carriesError(first)) method.call(this, first, text);
  else method.apply(this, args);
}

function carriesError(fields: unknown): fields is object {
  return typeof fields === "object" && fields !== null && "err" in fields;
}
