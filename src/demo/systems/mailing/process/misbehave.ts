import { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import type { FastifyInstance, FastifyReply } from "fastify";
import { changeAnswer, isEmptyAnswer } from "./answers.ts";
import type { Manners } from "./manners.ts";

/** Applies the manners that are on to every route of the instance. */
export function misbehave(api: FastifyInstance, manners: Manners): void {
  api.addHook("onRequest", async (_request, reply) => {
    const slow = manners.get("slow");
    if (slow !== undefined) await wait(Number(slow["ms"]), undefined, { ref: false });
    return refusal(reply, manners);
  });

  // After the body is read, and checked as ever.
  api.addHook("preHandler", async (request, reply) => {
    if (request.method === "GET" || manners.get("ignore-writes") === undefined) return undefined;
    return reply.send({ data: true });
  });

  api.addHook("preSerialization", async (request, reply, payload) => {
    if (reply.statusCode !== 200 && reply.statusCode !== 202) return payload;
    if (request.method !== "GET" && manners.take("write-500-once") !== undefined) {
      reply.code(500);
      return { message: "Internal Server Error" };
    }
    const changed = changeAnswer(payload, manners);
    if (manners.get("404-for-empty") === undefined || !isEmptyAnswer(changed)) return changed;
    reply.code(404);
    return { message: "Not Found" };
  });

  api.addHook("onSend", async (_request, reply, body) => {
    if (typeof body !== "string" || (reply.statusCode !== 200 && reply.statusCode !== 202)) return body;
    const half = body.slice(0, Math.ceil(body.length / 2));
    if (manners.get("malformed-json") !== undefined) return half;
    if (manners.get("half-page") === undefined) return body;
    reply.header("content-length", Buffer.byteLength(body));
    return Readable.from(brokenOff(half));
  });
}

function refusal(reply: FastifyReply, manners: Manners): FastifyReply | undefined {
  const limited = manners.get("rate-limited");
  if (limited !== undefined) {
    return reply
      .code(429)
      .header("retry-after", limited["retryAfter"])
      .send({ message: "Too Many Requests" });
  }
  if (manners.get("error-500") !== undefined)
    return reply.code(500).send({ message: "Internal Server Error" });
  const failure = manners.get("failure-in-200");
  if (failure === undefined) return undefined;
  const body =
    failure["body"] === "false" ? "false" : JSON.stringify({ message: "Error fetching subscribers" });
  return reply.type("application/json").send(body);
}

/** The length promised was the whole one: what reads it is left hanging. */
async function* brokenOff(half: string): AsyncGenerator<string> {
  yield half;
  await wait(20);
  throw new Error("hung up");
}
