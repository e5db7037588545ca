import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { unzip } from "../archive/unzip.ts";
import { setClock } from "../setup/clock.ts";
import { exported, exportOf, get, untilExported } from "./archives.ts";
import { ask, idOf, letter } from "./rights.ts";
import { dpo, kari, openWorld, type World } from "./world.ts";

const ola = "ola.nordmann@example.com";
const ingrid = "ingrid.aas@example.com";

let world: World;
beforeAll(async () => {
  world = await openWorld({
    config: (config) => ({
      ...config,
      accessLog: { employeeNames: true },
      requests: { ...config.requests, exportsSeconds: 1 },
    }),
  });
});
afterAll(() => world[Symbol.asyncDispose]());
afterEach(() => setClock(world.gateway, null));

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const bodyOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

/** Rows that hold a person's data, of one export or of all. */
const held = async () => {
  const [row] = await world.gateway.rows<{ n: number }>(
    `select ((select count(*) from export_chunk) + (select count(*) from export_part)
      + (select count(*) from export where sealed_key is not null))::int as n`,
  );
  return row?.n;
};

const entries = (event: string) =>
  world.gateway.rows<{
    actor_role: string | null;
    detail: string | null;
    sources: string[];
    categories: string[];
  }>("select actor_role, detail, sources, categories from audit_entry where event = $1 order by sequence", [
    event,
  ]);

/** Downloads so far, by how they went. */
async function counted(outcome: string): Promise<number> {
  const text = await (await fetch(`${world.gateway.url}/metrics`)).text();
  return Number(
    new RegExp(`^innsyn_downloads_total{outcome="${outcome}"} (\\d+)$`, "m").exec(text)?.[1] ?? 0,
  );
}

/** That it was the last byte is written down once it has left. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; !(await condition());) {
    if (Date.now() > end) throw new Error("not after ten seconds");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

interface Look {
  readonly role: string;
  readonly employee: string | null;
  readonly sources: readonly string[];
  readonly categories: readonly string[];
  readonly requestId: string;
}

/** What a person sees of who has looked at them. */
async function looksAt(email: string): Promise<readonly Look[]> {
  const { data } = await world.gateway.query<{
    me: { accessLog: { edges: readonly { node: Look }[] } };
  }>(
    "{ me { accessLog { edges { node { role employee sources categories requestId } } } } }",
    {},
    { as: email },
  );
  return data?.me.accessLog.edges.map(({ node }) => node) ?? [];
}

const isGone = (id: string, as: string) => async () => (await exported(world, id, { as })).download === null;

it("an archive is fetched by whoever it is of, piece by piece, and once", async () => {
  const { id, download } = await exportOf(world, kari);
  const { url, size } = download;
  expect(download.isWhole).toBe(true);
  expect(Date.parse(download.expiresAt)).toBeGreaterThan(Date.now() + 6.9 * 86_400_000);

  const head = await get(world, url, kari, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length")]).toEqual([200, size]);
  const piece = async (range: string) => {
    const answer = await get(world, url, kari, { headers: { range, "if-range": `"${download.sha256}"` } });
    expect(answer.status).toBe(206);
    return bodyOf(answer);
  };
  const half = Math.floor(Number(size) / 2);
  const begun = await piece(`bytes=0-${half - 1}`);
  const beyond = await get(world, url, kari, { headers: { range: `bytes=${size}-` } });
  expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, `bytes */${size}`]);
  // Of the whole as it was before: what has been fetched of another archive is not gone on with.
  const other = await get(world, url, kari, {
    headers: { range: "bytes=5-", "if-range": '"another"' },
    method: "HEAD",
  });
  expect(other.status).toBe(200);
  expect((await exported(world, id, { as: kari })).download).toEqual(download);
  const rest = await piece(`bytes=${half}-`);
  expect(sha256(Buffer.concat([begun, rest]))).toBe(download.sha256);

  await until(isGone(id, kari));
  const again = await get(world, url, kari);
  expect(again.status).toBe(410);
  expect(await again.text()).toContain("requestExport");
  expect(await held()).toBe(0);
  expect((await exported(world, id, { as: kari })).timeline.map(({ event }) => event)).toContain(
    "DOWNLOADED",
  );
  expect((await entries("DOWNLOAD_REFUSED")).map(({ detail }) => detail)).toContain("GONE");
  const sent = await entries("DOWNLOADED");
  // Neither what it is like nor what it does not have is sent.
  expect(sent).toHaveLength(2);
  expect(await counted("started")).toBe(2);
  expect(sent[0]).toMatchObject({
    actor_role: "SUBJECT",
    sources: ["crm", "learning", "mailing", "events", "website"],
  });
});

it("the last piece alone does not use the link up", async () => {
  const { id, download } = await exportOf(world, kari);
  const tail = await get(world, download.url, kari, { headers: { range: "bytes=-10" } });
  expect(tail.status).toBe(206);
  await bodyOf(tail);
  const whole = await bodyOf(await get(world, download.url, kari));
  expect(sha256(whole)).toBe(download.sha256);
  await until(isGone(id, kari));
});

it("pieces that are fetched in any order use the link up once they are all there", async () => {
  const { id, download } = await exportOf(world, kari);
  const size = Number(download.size);
  const [first, second] = [Math.floor(size / 3), Math.floor((2 * size) / 3)];
  const pieces = [
    [second, size - 1],
    [0, first - 1],
    [first, second - 1],
  ] as const;
  for (const [start, end] of pieces) {
    expect((await exported(world, id, { as: kari })).download).not.toBeNull();
    const headers = { range: `bytes=${start}-${end}` };
    expect((await bodyOf(await get(world, download.url, kari, { headers }))).length).toBe(end - start + 1);
  }
  await until(isGone(id, kari));
  expect((await get(world, download.url, kari)).status).toBe(410);
});

it("nothing of it is sent that cannot be recorded", async () => {
  const { id, download } = await exportOf(world, ingrid);
  const before = await counted("started");
  await world.gateway.rows("alter table audit_entry rename to audit_entry_gone");
  try {
    const answer = await get(world, download.url, ingrid);
    expect([answer.status, answer.headers.get("content-disposition")]).toEqual([500, null]);
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: "INTERNAL" } }] });
  } finally {
    await world.gateway.rows("alter table audit_entry_gone rename to audit_entry");
  }
  expect(await counted("started")).toBe(before);
  await bodyOf(await get(world, download.url, ingrid));
  await until(isGone(id, ingrid));
});

it("an archive whose key is gone is refused on the record", async () => {
  const { id, download } = await exportOf(world, ingrid);
  const before = [(await entries("DOWNLOAD_REFUSED")).length, await counted("gone")] as const;
  await world.gateway.rows("update export set sealed_key = null where id = $1", [id]);
  expect((await get(world, download.url, ingrid)).status).toBe(410);
  expect((await entries("DOWNLOAD_REFUSED")).slice(before[0])).toMatchObject([{ detail: "GONE" }]);
  expect(await counted("gone")).toBe(before[1] + 1);
});

it("nobody else fetches it, and that they tried is on the record", async () => {
  const { download } = await exportOf(world, kari, { kind: "PORTABILITY" });
  const before = (await entries("DOWNLOAD_REFUSED")).length;
  const answers = [
    await get(world, download.url, null),
    await get(world, download.url, ola),
    // What was asked for in the portal is fetched there.
    await get(world, download.url, dpo),
    await get(world, download.url, "support@intech.example"),
    await get(world, `${download.url.slice(0, -1)}`, kari),
    await fetch(download.url, { headers: { authorization: "Bearer x" } }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([401, 403, 403, 403, 404, 401]);
  for (const answer of answers) expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
  const refused = (await entries("DOWNLOAD_REFUSED")).slice(before);
  expect(refused.map(({ detail }) => detail)).toEqual(["NOT_YOURS", "NOT_YOURS", "NOT_YOURS", "UNKNOWN"]);
  const token = download.url.split("/").at(-1) ?? "";
  expect(world.gateway.lines.join("")).not.toContain(token);
});

it("what is not fetched in a week goes", async () => {
  const { id, download } = await exportOf(world, kari);
  await setClock(world.gateway, new Date(Date.now() + 8 * 86_400_000));
  expect((await get(world, download.url, kari)).status).toBe(410);
  await until(async () => (await held()) === 0);
  expect((await exported(world, id, { as: kari })).timeline.map(({ event }) => event)).toContain(
    "DOWNLOAD_EXPIRED",
  );
});

it("what was asked for by letter is sent on by the DPO, and the person sees who looked", async () => {
  const asked = await letter(world, "ACCESS", ola);
  const subjectId = await idOf(world, ola);
  const refused = await ask(
    world,
    "requestExport",
    { kind: "ACCESS" },
    { as: "support@intech.example" },
  ).catch(String);
  expect(refused).toContain("FORBIDDEN");
  const { request } = await ask(world, "requestExport", { subjectId, requestId: asked.id }, { as: dpo });
  expect(request.id).toBe(asked.id);
  const { download } = await untilExported(world, request.id, { as: dpo });
  const answer = await get(world, download.url, dpo);
  expect(sha256(await bodyOf(answer))).toBe(download.sha256);
  expect(await looksAt(ola)).toContainEqual(
    expect.objectContaining({
      role: "DPO",
      employee: "Dagny Personvern",
      categories: expect.arrayContaining(["CONTACT", "LEARNING_PROGRESS"]) as unknown,
    }),
  );
});

it("somebody who asks again and again is shown the latest", async () => {
  const answers = [];
  for (let n = 0; n < 6; n++) {
    const answer = await ask(world, "requestExport", {}, { as: ola });
    if (answer.code === undefined) await untilExported(world, answer.request.id, { as: ola });
    answers.push(answer);
  }
  expect(answers.at(-1)).toMatchObject({ code: "ALREADY_OPEN", rule: "TOO_MANY_EXPORTS" });
});

it("everything of a request is one file for the supervisory authority, for the person and the DPO", async () => {
  const asked = await letter(world, "RESTRICTION", ola);
  const turnedDown = {
    id: asked.id,
    approve: false,
    explanation: "Vi bruker det ikke.",
    legalGround: "EXCESSIVE",
  };
  await ask(world, "decideRequest", turnedDown, { as: dpo });
  await world.until(asked.id, "REFUSED");
  const { data } = await world.gateway.query<{ request: { complaintUrl: string } }>(
    "query($id: ID!) { request(id: $id) { complaintUrl } }",
    { id: asked.id },
    { as: ola },
  );
  const url = data?.request.complaintUrl ?? "";
  const answers: Response[] = [];
  for (const as of [null, kari, "support@intech.example", dpo, ola]) answers.push(await get(world, url, as));
  expect(answers.map(({ status }) => status)).toEqual([401, 404, 404, 200, 200]);
  const head = await get(world, url, dpo, { method: "HEAD" });
  expect(head.status).toBe(200);
  const looks = await looksAt(ola);
  const lookOf = ({ headers }: Response) =>
    looks.filter(({ requestId }) => requestId === headers.get("x-request-id"));
  expect(answers.concat(head).map((answer) => lookOf(answer).length)).toEqual([0, 0, 0, 1, 0, 0]);
  expect(lookOf(answers[3]!)).toMatchObject([{ role: "DPO", employee: "Dagny Personvern" }]);
  const archive = await unzip(await bodyOf(await get(world, url, ola)));
  const found = JSON.parse(archive.file("case.json")) as {
    readonly request: { readonly status: string; readonly refusal: { readonly legalGround: string } };
    readonly decisions: readonly { readonly approved: boolean; readonly explanation: string }[];
    readonly correspondence: readonly { readonly direction: string; readonly text: string }[];
  };
  expect(found.request).toMatchObject({ status: "REFUSED", refusal: { legalGround: "GDPR Art. 12(5)(b)" } });
  expect(found.decisions).toMatchObject([{ approved: false, explanation: "Vi bruker det ikke." }]);
  // As it lies in the mailbox.
  const mails = (await world.gateway.outside.mails()).filter(({ text }) => text.includes(asked.id));
  const letters = found.correspondence.filter(({ direction }) => direction === "TO_PERSON");
  expect(letters.map(({ text }) => text.trim())).toEqual(mails.map(({ text }) => text.trim()));
  expect(mails.length).toBeGreaterThan(1);
  expect(archive.file("sak.html")).toContain("Datatilsynet");
  expect(await entries("DOWNLOAD_REFUSED")).toContainEqual(expect.objectContaining({ detail: "COMPLAINT" }));
});
