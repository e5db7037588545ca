import accepts from "accepts";
import type { FastifyInstance } from "fastify";
import { pagePolicy } from "../archive/html.ts";
import { negotiateLanguage } from "../language/language.ts";
import { recordReaders } from "../records/activities-graph.ts";
import { recordsDocuments } from "../records/documents.ts";
import type { Records } from "../records/records.ts";
import type { Authenticator } from "./authentication.ts";
import { callerOf, refuseUnknown } from "./bearer.ts";
import { answer, type HttpFault } from "./errors.ts";

export interface RecordsAnswers extends Pick<Authenticator, "authenticate"> {
  readonly records: Records;
}

const documents = Object.values(recordsDocuments);

const forbidden: HttpFault = {
  status: 403,
  code: "FORBIDDEN",
  message: {
    nb: "Protokollen er for personvernombudet og revisor",
    nn: "Protokollen er for personvernombodet og revisor",
    en: "The records are for the data protection officer and the auditor",
  },
};

const notAcceptable: HttpFault = {
  status: 406,
  code: "BAD_USER_INPUT",
  message: {
    nb: `Her svares det med ${documents.map(({ type }) => type).join(", ")}`,
    nn: `Her blir det svara med ${documents.map(({ type }) => type).join(", ")}`,
    en: `Answers here are ${documents.map(({ type }) => type).join(", ")}`,
  },
};

/**
 * Records of processing activities (GDPR Art. 30(1)), in the form that is asked for (RFC 9110, 12.5.1). They are no
 * person's data: who reads them does not look at anybody, and the trail says nothing of it.
 */
export function serveRecords(app: FastifyInstance, { records, authenticate }: RecordsAnswers): void {
  app.get("/records", async (request, reply) => {
    void reply.header("vary", "accept, accept-language");
    const principal = await callerOf({ authenticate }, request);
    if (principal === null) return refuseUnknown(reply, request);
    if (!recordReaders.some((role) => principal.roles.has(role))) return answer(reply, forbidden, request);
    const wanted = accepts(request.raw).type(documents.map(({ type }) => type));
    const document = documents.find(({ type }) => type === wanted);
    if (document === undefined) return answer(reply, notAcceptable, request);
    const language = negotiateLanguage(request.headers["accept-language"]);
    if (document.type === "text/html")
      void reply.header("content-security-policy", `${pagePolicy}; frame-ancestors 'none'`);
    void reply
      .type(`${document.type}; charset=utf-8`)
      .header("content-disposition", `inline; filename="${document.fileName}"`);
    return reply.send(document.write(records, language, new Date()));
  });
}
