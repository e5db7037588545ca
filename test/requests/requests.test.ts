import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { InnsynConfig } from "../../src/config/define.ts";
import { dpo, kari, openWorld, rectify, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  // What the e-mail tool has of withdrawals would be requests, too, whenever it is asked.
  const quiet = (config: InnsynConfig) => ({
    ...config,
    requests: { ...config.requests, withdrawalsSeconds: 86_400 },
  });
  world = await openWorld({ config: quiet });
});
afterAll(() => world[Symbol.asyncDispose]());

interface Connection {
  readonly totalCount: number;
  readonly edges: readonly {
    readonly cursor: string;
    readonly node: { readonly id: string; readonly status: string };
  }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

const connection = "totalCount edges { cursor node { id status } } pageInfo { hasNextPage endCursor }";
const eva = "eva.enebo@example.com";

async function mine(after?: string, as = kari): Promise<Connection> {
  const { data, text } = await world.gateway.query<{ me: { requests: Connection } }>(
    `query($after: String) { me { requests(first: 2, after: $after) { ${connection} } } }`,
    { after },
    { as },
  );
  if (!data) throw new Error(text);
  return data.me.requests;
}

const one = (id: string, as: string) =>
  world.gateway.query<{ request: { id: string; subject: { id: string } } | null }>(
    "query($id: ID!) { request(id: $id) { id kind subject { id } } }",
    { id },
    { as },
  );

const list = (filter: object | null, as = dpo, after?: string) =>
  world.gateway.query<{ requests: Connection }>(
    `query($filter: RequestFilter, $after: String) { requests(filter: $filter, first: 1, after: $after) { ${connection} } }`,
    { filter, after },
    { as },
  );

describe("a person's requests", () => {
  const made: string[] = [];
  beforeAll(async () => {
    for (const title of ["Leder", "Direktør", "Rådgiver"])
      made.unshift((await rectify(world, [{ field: "JOB_TITLE", value: title }])).request.id);
  });

  it("are listed newest first, page by page", async () => {
    const first = await mine();
    expect(first.totalCount).toBe(3);
    expect(first.pageInfo.hasNextPage).toBe(true);
    const second = await mine(first.pageInfo.endCursor ?? "");
    expect(second.pageInfo.hasNextPage).toBe(false);
    expect([...first.edges, ...second.edges].map(({ node }) => node.id)).toEqual(made);
  });

  it("are read one by one by the person and by the DPO, and by nobody else", async () => {
    const [id = ""] = made;
    expect((await one(id, kari)).data?.request?.id).toBe(id);
    expect((await one(id, dpo)).data?.request?.id).toBe(id);
    expect((await one(id, eva)).errors?.[0]?.extensions.code).toBe("NOT_FOUND");
    expect((await one("no-uuid", kari)).errors?.[0]?.extensions.code).toBe("NOT_FOUND");
    expect((await one(crypto.randomUUID(), dpo)).errors?.[0]?.extensions.code).toBe("NOT_FOUND");
    for (const as of ["support@intech.example", "auditor@intech.example"])
      expect((await one(id, as)).status).toBe(403);
  });

  it("are looked at by staff on the record", async () => {
    const { data } = await world.gateway.query<{
      me: { accessLog: { edges: { node: { role: string; categories: string[] } }[] } };
    }>("{ me { accessLog(first: 1) { edges { node { role categories } } } } }", {}, { as: kari });
    expect(data?.me.accessLog.edges[0]?.node).toEqual({ role: "DPO", categories: ["RIGHTS_REQUEST"] });
  });

  it("take no cursor but their own", async () => {
    for (const after of ["", "x", Buffer.from('["requests","2026-02-30","x"]').toString("base64url")]) {
      const answer = await world.gateway.query(
        "query($after: String) { me { requests(after: $after) { totalCount } } }",
        { after },
        { as: kari },
      );
      expect(answer.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", argument: "after" });
    }
  });
});

describe("the work list", () => {
  it("has what is open, the most urgent first, and is for the DPO", async () => {
    expect((await list(null)).data?.requests.totalCount).toBe(0);
    await world.gateway.open("mailing", false);
    const waiting = [
      (await rectify(world, [{ field: "PHONE", value: "90011223" }])).request.id,
      (await rectify(world, [{ field: "PHONE", value: "90011224" }], { as: eva })).request.id,
    ];
    await world.gateway.rows("update request set due_at = $2 where id = $1", [
      waiting[1],
      new Date(Date.now() + 86_400_000),
    ]);
    const first = (await list(null)).data?.requests;
    expect(first).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true } });
    const second = (await list(null, dpo, first?.pageInfo.endCursor ?? "")).data?.requests;
    expect([...(first?.edges ?? []), ...(second?.edges ?? [])].map(({ node }) => node.id)).toEqual(
      waiting.toReversed(),
    );
    const soon = new Date(Date.now() + 2 * 86_400_000).toISOString();
    expect((await list({ dueBefore: soon })).data?.requests.totalCount).toBe(1);
    expect((await list({ statuses: ["COMPLETED"] })).data?.requests.totalCount).toBe(3);
    expect((await list({ kinds: ["ERASURE"] })).data?.requests.totalCount).toBe(0);
    for (const as of [kari, "support@intech.example"]) expect((await list(null, as)).status).toBe(403);
    await world.gateway.rows("update request set due_at = now() - interval '1 minute' where id = $1", [
      waiting[0],
    ]);
    const metrics = await (await fetch(`${world.gateway.url}/metrics`)).text();
    const open = [...metrics.matchAll(/^innsyn_requests_open\{status="\w+"\} (\d+)$/gm)];
    expect(open.reduce((sum, [, n]) => sum + Number(n), 0)).toBe(2);
    expect(metrics).toMatch(/^innsyn_requests_overdue 1$/m);
    await world.gateway.open("mailing", true);
    for (const id of waiting) await world.until(id, "COMPLETED");
  });
});
