import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { type Language, negotiateLanguage, type Text } from "../language/language.ts";

/** An answer of the HTTP layer itself, in the shape of GraphQL over HTTP. Messages are fixed: nothing of the request is repeated. */
export interface HttpFault {
  readonly status: number;
  readonly code:
    | "UNAUTHENTICATED"
    | "FORBIDDEN"
    | "BAD_USER_INPUT"
    | "LIMIT_EXCEEDED"
    | "NOT_FOUND"
    | "RATE_LIMITED"
    | "INTERNAL";
  readonly message: Text;
  /** For the caller, along with the code. */
  readonly details?: Readonly<Record<string, unknown>>;
}

const malformedAddress: Text = {
  nb: "Adressen er feil skrevet",
  nn: "Adressa er feil skriven",
  en: "The address is malformed",
};

export const notFound: HttpFault = {
  status: 404,
  code: "NOT_FOUND",
  message: { nb: "Det finnes ikke", nn: "Det finst ikkje", en: "Not found" },
};
const internal: HttpFault = {
  status: 500,
  code: "INTERNAL",
  message: { nb: "Noe gikk galt hos oss", nn: "Noko gjekk gale hos oss", en: "Internal error" },
};

const faults: Readonly<Record<string, HttpFault>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: {
    status: 413,
    code: "LIMIT_EXCEEDED",
    message: { nb: "Innholdet er for stort", nn: "Innhaldet er for stort", en: "The body is too large" },
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    code: "BAD_USER_INPUT",
    message: {
      nb: "Innholdet må være application/json",
      nn: "Innhaldet må vere application/json",
      en: "The body must be application/json",
    },
  },
  FST_ERR_BAD_URL: { status: 400, code: "BAD_USER_INPUT", message: malformedAddress },
  FST_ERR_MAX_PARAM_LENGTH: {
    status: 414,
    code: "LIMIT_EXCEEDED",
    message: { nb: "Adressen er for lang", nn: "Adressa er for lang", en: "The address is too long" },
  },
  /** A Host header that no address can be made of. */
  ERR_INVALID_URL: { status: 400, code: "BAD_USER_INPUT", message: malformedAddress },
};

export function faultOf(error: FastifyError): HttpFault {
  const known = faults[error.code];
  if (known !== undefined) return known;
  const status = error.statusCode ?? 500;
  if (status < 400 || status >= 500) return internal;
  return {
    status,
    code: "BAD_USER_INPUT",
    message: {
      nb: "Forespørselen kunne ikke leses",
      nn: "Førespurnaden kunne ikkje lesast",
      en: "The request could not be read",
    },
  };
}

export function bodyOf(fault: HttpFault, requestId: string, language: Language) {
  const reference = fault.code === "INTERNAL" ? { reference: requestId } : {};
  const extensions = { ...fault.details, code: fault.code, ...reference };
  return { errors: [{ message: fault.message[language], extensions }] };
}

export function answer(reply: FastifyReply, fault: HttpFault, request: FastifyRequest): FastifyReply {
  return reply
    .code(fault.status)
    .type("application/json; charset=utf-8")
    .send(bodyOf(fault, request.id, negotiateLanguage(request.headers["accept-language"])));
}
