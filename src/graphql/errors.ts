import { randomUUID } from "node:crypto";
import { unwrapResolverError } from "@apollo/server/errors";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { TooManyCodes } from "../requests/identity-codes.ts";
import { NotFound } from "../subjects/not-found.ts";
import { InvalidCursor } from "../sources/contract.ts";
import { SourceUnavailable } from "../sources/loader.ts";
import { IdentityAmbiguous, IdentityNotVerified } from "../sources/match.ts";
import { InvalidIdentifier } from "../subjects/identifiers.ts";
import { InvalidArgument } from "../subjects/invalid-argument.ts";
import { RowRefused } from "../subjects/row-refused.ts";
import { TooManySearches } from "../subjects/search-limit.ts";
import { type FaultCode, faults, faultText, isFaultCode } from "./faults.ts";
import { limits } from "./limits.ts";
import type { Language } from "../language/language.ts";

/** Told of every fault that the caller is not shown, by the reference that the caller gets. */
export type ReportInternal = (reference: string, error: unknown) => void;

/** What graphql and Apollo found wrong with the request itself: told as they put it, since no resolver has run. */
const requestErrors = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
  "BAD_REQUEST",
  "PERSISTED_QUERY_NOT_SUPPORTED",
]);

/** Errors as callers see them: a code of the table, no message of foreign code, no stack. */
export function createErrorFormat(report: ReportInternal) {
  return (formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError => {
    const place = {
      ...(formatted.locations && { locations: formatted.locations }),
      ...(formatted.path && { path: formatted.path }),
    };
    const told = (code: FaultCode, details: object = {}, message = faultText(code, "en")) => ({
      message,
      ...place,
      extensions: { ...details, code },
    });
    const error = unwrapResolverError(thrown);
    if (error instanceof SourceUnavailable) return { ...unavailable(error), ...place };
    if (error instanceof InvalidCursor) return told("BAD_USER_INPUT", { argument: "after" });
    if (error instanceof NotFound) return told("NOT_FOUND");
    if (error instanceof InvalidIdentifier) {
      const { argument, kind, reason } = error;
      return told("BAD_USER_INPUT", { argument, kind, reason });
    }
    if (error instanceof InvalidArgument) {
      const { argument, reason, oneOf } = error;
      return told("BAD_USER_INPUT", { argument, reason, ...(oneOf && { oneOf }) });
    }
    if (error instanceof RowRefused) return told(error.refusal);
    if (error instanceof IdentityAmbiguous) return told("IDENTITY_AMBIGUOUS", { source: error.source });
    if (error instanceof IdentityNotVerified) return told("IDENTITY_NOT_VERIFIED");
    if (error instanceof TooManySearches || error instanceof TooManyCodes)
      return told("RATE_LIMITED", { retryAfterSeconds: error.retryAfterSeconds });
    const { code, stacktrace: _, ...details } = formatted.extensions ?? {};
    if (typeof code === "string" && requestErrors.has(code)) return requestError(formatted, details, told);
    if (code === "BAD_USER_INPUT" && formatted.message !== faults.BAD_USER_INPUT.text.en) {
      return told(code, {}, withoutValues(formatted.message));
    }
    if (isFaultCode(code) && code !== "INTERNAL" && error instanceof GraphQLError) return told(code, details);
    const reference = randomUUID();
    report(reference, error);
    return told("INTERNAL", { reference });
  };
}

/** A source that could not answer, as callers are told of it. */
export const unavailable = ({ source, reason }: SourceUnavailable): GraphQLFormattedError => ({
  message: faultText("SOURCE_UNAVAILABLE", "en"),
  extensions: { source, reason, code: "SOURCE_UNAVAILABLE" },
});

type Tell = (code: FaultCode, details: object, message?: string) => GraphQLFormattedError;

function requestError(
  { message }: GraphQLFormattedError,
  details: object,
  told: Tell,
): GraphQLFormattedError {
  if ("limit" in details) return told("LIMIT_EXCEEDED", details);
  // graphql-js writes "more that".
  if (/more tha[nt] \d+ tokens/.test(message))
    return told("LIMIT_EXCEEDED", { limit: "tokens", allowed: limits.tokens });
  // The parser calls itself for each level.
  if (message === "Maximum call stack size exceeded") return told("LIMIT_EXCEEDED", { limit: "depth" });
  if (message === "Maximum introspection depth exceeded")
    return told("LIMIT_EXCEEDED", { limit: "introspectionDepth" });
  if (message.startsWith("Too many validation errors"))
    return told("LIMIT_EXCEEDED", { limit: "validationErrors" });
  return told("BAD_USER_INPUT", {}, withoutValues(message));
}

const quoted = /"(?:[^"\\]|\\.)*"/g;
const name = /^"[@$[]?[_A-Za-z][\w$.]*(?:\[\d+\][\w$.]*)*[!\]]*"$/;
const punctuator = /^"[!$&()[\]{}:=|@.]+"$/;

/** graphql repeats what the caller wrote; names of the schema may stay, a value may be a person's. */
function withoutValues(message: string): string {
  const kept = message.startsWith("Syntax Error") ? punctuator : name;
  return message
    .replace(/ got invalid value .*$/s, ` got an invalid value${placeIn(message)}.`)
    .replace(/ cannot represent .*$/s, " cannot represent the value given.")
    .replace(/, found (?!<EOF>|[A-Z]\w+ ").*$/s, ".")
    .replace(/^Value "[^"]*" does not exist/, "The value does not exist")
    .replaceAll(quoted, (text) => (kept.test(text) ? text : '"…"'));
}

/** Where in a variable; nothing where the value could be read as saying it. */
function placeIn(message: string): string {
  const places = [...message.matchAll(/ at ("\w+(?:\.\w+|\[\d+\])+"); /g)];
  return places.length === 1 ? ` at ${places[0]?.[1]}` : "";
}

/** An oversize document is refused as such, whatever else is wrong with it. */
export function onlyTheLimit(errors: readonly GraphQLFormattedError[]): readonly GraphQLFormattedError[] {
  const limit = errors.find(
    ({ extensions }) => extensions?.["code"] === "LIMIT_EXCEEDED" && extensions["allowed"] !== undefined,
  );
  return limit === undefined ? errors : [limit];
}

/** The person's own language for the messages of the table; others stay as they are. */
export function localise(error: GraphQLFormattedError, language: Language): GraphQLFormattedError {
  const code = error.extensions?.["code"];
  if (!isFaultCode(code) || error.message !== faults[code].text.en) return error;
  return { ...error, message: faultText(code, language) };
}
