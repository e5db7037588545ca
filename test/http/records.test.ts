import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ProcessingActivitiesDocument } from "../generated/graphql.ts";
import { type Gateway, startGateway } from "../setup/gateway.ts";

const auditor = "auditor@intech.example";
const dpo = "dpo@intech.example";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

async function records(as: string | null, headers: Record<string, string> = {}) {
  const authorization = as === null ? {} : { authorization: `Bearer ${await gateway.token(as)}` };
  return fetch(new URL("/records", gateway.url), { headers: { ...authorization, ...headers } });
}

describe("/records", () => {
  test.each([
    [undefined, "application/ld+json"],
    ["*/*", "application/ld+json"],
    ["text/csv", "text/csv"],
    ["text/html,application/xhtml+xml,*/*;q=0.8", "text/html"],
    ["application/ld+json;q=0.1, text/csv;q=0.2", "text/csv"],
    ["text/*", "text/csv"],
  ])("Accept: %s is answered with %s", async (accept, type) => {
    const answer = await records(auditor, accept === undefined ? {} : { accept });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe(`${type}; charset=utf-8`);
    expect(answer.headers.get("vary")).toContain("accept");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect((await answer.text()).length).toBeGreaterThan(10_000);
  });

  test("the data protection officer reads them too, in the language that is asked for", async () => {
    const answer = await records(dpo, { accept: "text/csv", "accept-language": "nn" });
    expect(await answer.text()).toContain('"NEWSLETTER","Nyheitsbrev"');
  });

  test("the page may be shown, and is told nothing else than it says itself", async () => {
    const answer = await records(auditor, { accept: "text/html" });
    const policy = answer.headers.get("content-security-policy") ?? "";
    const [, own = "none"] = /Content-Security-Policy" content="([^"]+)"/.exec(await answer.text()) ?? [];
    expect(policy).toBe(`${own}; frame-ancestors 'none'`);
  });

  test("nothing else is served: 406", async () => {
    const answer = await records(auditor, { accept: "application/pdf", "accept-language": "en" });
    expect(answer.status).toBe(406);
    expect(await answer.json()).toMatchObject({
      errors: [
        {
          message: "Answers here are application/ld+json, text/csv, text/html",
          extensions: { code: "BAD_USER_INPUT" },
        },
      ],
    });
  });

  test("nobody without a token: 401", async () => {
    const answer = await records(null);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    const forged = await fetch(new URL("/records", gateway.url), {
      headers: { authorization: "Bearer x.y.z" },
    });
    expect(forged.status).toBe(401);
  });

  test.each(["kari.nordmann@example.com", "support@intech.example", "marketing@intech.example"])(
    "not %s: 403",
    async (as) => {
      const answer = await records(as, { accept: "text/csv" });
      expect(answer.status).toBe(403);
      expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: "FORBIDDEN" } }] });
    },
  );

  test("who reads them looks at nobody: the trail says nothing of it", async () => {
    const count = async () =>
      (await gateway.rows<{ n: string }>("select count(*) as n from audit_entry"))[0]?.n;
    const before = await count();
    await (await records(auditor)).text();
    expect(await count()).toBe(before);
  });
});

describe("processingActivities", () => {
  const ask = (as: string, language = "en") =>
    gateway.query<{
      processingActivities: { purpose: string; readableBy: string[]; securityMeasures: string[] }[];
    }>(ProcessingActivitiesDocument.toString(), {}, { as, headers: { "accept-language": language } });

  test.each([auditor, dpo])("for %s, the same as the document has", async (as) => {
    const { data, errors } = await ask(as);
    expect(errors).toBeUndefined();
    const document = (await (await records(as)).json()) as {
      "dpv:hasProcess": { "dct:identifier": string }[];
    };
    const purposes = data?.processingActivities.map(({ purpose }) => purpose) ?? [];
    expect(purposes).toEqual(document["dpv:hasProcess"].map((process) => process["dct:identifier"]));
    const newsletter = data?.processingActivities.find(({ purpose }) => purpose === "NEWSLETTER");
    expect(newsletter).toMatchObject({
      legalBasis: "CONSENT",
      dataSubjects: ["SUBSCRIBER"],
      sources: ["mailing"],
      processors: [{ name: "Brevdue AS", country: "NO" }],
      transfers: [],
      readableBy: ["MARKETING"],
    });
  });

  test.each([
    ["nb", "Offentlige myndigheter i Norge som pålegger utlevering"],
    ["nn", "Offentlege styresmakter i Noreg som pålegg utlevering"],
    ["en", "Public authorities in Norway that order it"],
  ])("authorities are a recipient of what they may order, of every system: %s", async (language, name) => {
    const { data } = await ask(auditor, language);
    const of = (purpose: string) => data?.processingActivities.find((each) => each.purpose === purpose);
    expect(of("DISCLOSURE_TO_AUTHORITIES")).toMatchObject({
      categories: expect.arrayContaining(["RIGHTS_REQUEST", "PURCHASE", "SPECIAL_NEED"]),
      sources: ["crm", "learning", "mailing", "events", "website"],
      recipients: [{ name, role: "AUTHORITY", country: "NO", transferSafeguard: null }],
    });
    expect(of("BOOKKEEPING")).toMatchObject({ recipients: [] });
  });

  test("measures are in the caller's language", async () => {
    const { data } = await ask(auditor, "nb");
    expect(data?.processingActivities[0]?.securityMeasures).toContain(
      "Passord lagres kryptert og er ikke tilgjengelig for noen.",
    );
  });

  test.each(["kari.nordmann@example.com", "accounting@intech.example"])("not for %s", async (as) => {
    const { status, errors } = await ask(as);
    expect(status).toBe(403);
    expect(errors?.[0]?.extensions.code).toBe("FORBIDDEN");
  });
});
