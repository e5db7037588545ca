import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { inTransaction } from "../../src/store/tables.ts";
import { absorb } from "../../src/subjects/absorb.ts";
import { omission } from "../../src/sources/withheld.ts";
import { unzip } from "../archive/unzip.ts";
import { exported, type Exported, exportOf, get, untilExported } from "./archives.ts";
import { openRegister } from "../setup/register.ts";
import { ask, idOf, letter } from "./rights.ts";
import { dpo, kari, openWorld, type World } from "./world.ts";

let world: World;
let id: string;
beforeAll(async () => {
  world = await openWorld({
    replicas: 2,
    config: (config, replica) => ({
      ...config,
      requests: { ...config.requests, exportsSeconds: 1 },
      exports: { ...config.exports, perDay: 100, review: replica === 1 ? "FREE_TEXT" : "NEVER" },
    }),
  });
  id = await idOf(world, kari);
});
afterAll(() => world[Symbol.asyncDispose]());

const named = "Per Berg, per.berg@example.com, tlf. 912 00 112";
const text = `Fakturaen skulle gått til kollegaen min ${named}.`;
const shown = `Fakturaen skulle gått til kollegaen min ${omission}.`;
const because = "Avsnittet gjelder en kollega av deg.";
const spans = [{ start: text.indexOf(named), length: named.length }];

interface Answered {
  readonly rule?: string;
  readonly field?: string;
  readonly withheld?: { readonly id: string; readonly spans: number };
}

async function call(mutation: "withhold" | "release", input: object, as = dpo) {
  const type = mutation === "withhold" ? "WithholdInput!" : "ReleaseInput!";
  const answer = await world.gateway.query<Record<string, Answered>>(
    `mutation($input: ${type}) { ${mutation}(input: $input) { __typename
      ... on WithholdPayload { withheld { id source recordType field spans ground because at } }
      ... on Refusal { code rule field message } } }`,
    { input },
    { as },
  );
  return { ...answer, answered: answer.data?.[mutation], code: answer.errors?.[0]?.extensions.code };
}

const place = { source: "crm", recordType: "conversations", field: "body" };
const withhold = (requestId: string, more: object = {}, as = dpo) =>
  call("withhold", { subjectId: id, requestId, ...place, text, spans, because, ...more }, as);

interface Seen {
  readonly crm: {
    readonly conversations: { readonly edges: readonly { readonly node: { readonly body: string } }[] };
  };
  readonly withheld: readonly { readonly id: string; readonly spans: number; readonly because: string }[];
}

async function see(root: string, as: string) {
  const answer = await world.gateway.query<Record<string, Seen>>(
    `{ seen: ${root} { crm { conversations(first: 500) { edges { node { body } } } }
      withheld { id source recordType field spans ground because } } }`,
    {},
    { as },
  );
  const { seen } = answer.data ?? {};
  if (!seen) throw new Error(answer.text);
  return {
    bodies: seen.crm.conversations.edges.map(({ node }) => node.body),
    withheld: seen.withheld,
    text: answer.text,
  };
}
const seenByKari = () => see("me", kari);
const seenByStaff = () => see(`dataSubject(id: "${id}", purpose: DATA_SUBJECT_RIGHTS)`, dpo);

const archive = async (url: string, as = kari) => {
  const answer = await get(world, url, as);
  return answer.status === 200 ? unzip(Buffer.from(await answer.arrayBuffer())) : answer.status;
};

async function subjectOf(requestId: string): Promise<{ readonly id: string }> {
  const [known] = await world.gateway.rows<{ id: string }>(
    "select subject_id as id from request where id = $1",
    [requestId],
  );
  return known ?? expect.fail();
}

/** Nothing of the person is withheld, and no archive waits. */
const clean = async () => {
  await world.gateway.rows("delete from withheld");
};

describe("what names somebody else", () => {
  let request: Awaited<ReturnType<typeof letter>>;
  beforeAll(async () => void (request = await letter(world, "ACCESS", kari)));
  beforeEach(clean);

  it("is kept from the person, who is told where and why, and from nobody on the staff", async () => {
    expect((await seenByKari()).bodies).toContain(text);
    const { answered } = await withhold(request.id);
    expect(answered?.withheld).toMatchObject({ ...place, spans: 1, because });
    const seen = await seenByKari();
    expect(seen.bodies).toContain(shown);
    expect(seen.text).not.toMatch(/Per Berg|per\.berg|912 00 112/);
    expect(seen.withheld).toEqual([
      { id: answered?.withheld?.id, ...place, spans: 1, ground: "GDPR Art. 15(4), 20(4)", because },
    ]);
    const byStaff = await seenByStaff();
    expect(byStaff.bodies).toContain(text);
    expect(byStaff.withheld).toEqual(seen.withheld);
  });

  it("is kept from them where it was written in a field of a form, too", async () => {
    const message = "Per Berg sa at jeg skulle skrive til dere om fakturaen.";
    const valuesOf = async (as: string, root: string) => {
      const { data } = await world.gateway.query(
        `{ seen: ${root} { website { submissions { edges { node { fields { value } } } } } } }`,
        {},
        { as },
      );
      return JSON.stringify(data);
    };
    expect(await valuesOf(kari, "me")).toContain(message);
    const { answered } = await withhold(request.id, {
      source: "website",
      recordType: "submissions.fields",
      field: "value",
      text: message,
      spans: [{ start: 0, length: "Per Berg".length }],
    });
    expect(answered?.withheld).toMatchObject({ source: "website", spans: 1 });
    const seen = await valuesOf(kari, "me");
    expect(seen).toContain(message.replace("Per Berg", omission));
    expect(seen).not.toContain("Per Berg");
    const byStaff = await valuesOf(dpo, `dataSubject(id: "${id}", purpose: DATA_SUBJECT_RIGHTS)`);
    expect(byStaff).toContain(message);
  });

  it("is marked anew in the place of what was marked, and shown again when the mark is taken back", async () => {
    await withhold(request.id);
    const { answered } = await withhold(request.id, { spans: [{ start: 0, length: 9 }] });
    const seen = await seenByKari();
    expect(seen.bodies).toContain(text.replace("Fakturaen", omission));
    expect(seen.withheld).toHaveLength(1);
    const taken = { subjectId: id, requestId: request.id, id: answered?.withheld?.id };
    expect((await call("release", taken)).answered?.withheld?.id).toBe(taken.id);
    expect((await seenByKari()).bodies).toContain(text);
    expect((await call("release", taken)).code).toBe("NOT_FOUND");
  });

  it("is shown whole once the system holds another text", async () => {
    await withhold(request.id);
    const change = (to: string, from: string) =>
      world.own("crm", "update samtale set tekst = $1 where tekst = $2", [to, from]);
    await change(`${text} Takk.`, text);
    expect((await seenByKari()).bodies).toContain(`${text} Takk.`);
    await change(text, `${text} Takk.`);
    expect((await seenByKari()).bodies).toContain(shown);
  });

  it.each([
    ["source", { source: "CRM" }, "UNKNOWN_SOURCE"],
    ["recordType", { recordType: "statements" }, "UNKNOWN_RECORD_TYPE"],
    ["recordType", { recordType: "orders.statements" }, "UNKNOWN_RECORD_TYPE"],
    ["recordType", { recordType: "__proto__" }, "UNKNOWN_RECORD_TYPE"],
    ["field", { field: "handledBy" }, "NOT_FREE_TEXT"],
    ["recordType", { recordType: "record" }, "UNKNOWN_RECORD_TYPE"],
    ["field", { recordType: "other", field: "category" }, "NOT_FREE_TEXT"],
    ["spans", { spans: [] }, "EMPTY"],
    ["spans", { spans: [{ start: -1, length: 3 }] }, "NOT_A_PASSAGE"],
    ["spans", { spans: [{ start: 3, length: 0 }] }, "NOT_A_PASSAGE"],
    ["spans", { spans: [{ start: 3, length: text.length }] }, "NOT_A_PASSAGE"],
    ["spans", { spans: [{ start: text.indexOf(" "), length: 1 }] }, "NOT_A_PASSAGE"],
    ["spans", { spans: [0, 2].map((start) => ({ start, length: 3 })) }, "NOT_A_PASSAGE"],
    ["text", { text: text.slice(0, -1) }, "TEXT_NOT_HELD"],
    ["text", { field: "subject" }, "TEXT_NOT_HELD"],
    ["because", { because: " " }, "EMPTY"],
  ])("%s: %j is refused, and changes nothing", async (field, more, rule) => {
    const { answered, text: body } = await withhold(request.id, more);
    expect(answered, body).toMatchObject({ code: "INVALID_VALUE", rule, field });
    expect((await seenByKari()).withheld).toEqual([]);
  });

  it("is marked on no request of somebody else, nor on one of another kind or that is over", async () => {
    const ola = await letter(world, "ACCESS", "ola.nordmann@example.com");
    expect((await withhold(ola.id)).code).toBe("NOT_FOUND");
    const erasure = await letter(world, "ERASURE", kari);
    expect((await withhold(erasure.id)).answered?.rule).toBe("NOT_AN_EXPORT");
    const over = await letter(world, "ACCESS", kari);
    const refused = { id: over.id, approve: false, legalGround: "EXCESSIVE", explanation: "Trukket" };
    await ask(world, "decideRequest", refused, { as: dpo });
    await world.until(over.id, "REFUSED");
    expect((await withhold(over.id)).answered?.rule).toBe("REQUEST_CLOSED");
    expect((await seenByKari()).withheld).toEqual([]);
  });

  it("cannot be marked by the person or by others on the staff", async () => {
    for (const as of [kari, "support@intech.example", "auditor@intech.example"])
      expect((await withhold(request.id, {}, as)).code, as).toMatch(/FORBIDDEN|UNAUTHENTICATED/);
  });
});

describe("an archive", () => {
  const whole = (requestId: string) =>
    untilExported(world, requestId, { as: kari }, ({ status }) => status === "COMPLETED");
  const made = async () => whole((await exportOf(world, kari)).id);
  beforeEach(clean);

  it("is without what was marked before it was fetched, says so, and is made again under another link", async () => {
    const before = await made();
    const { answered } = await withhold(before.id);
    expect(await archive(before.download.url)).toBe(410);
    const after = await whole(before.id);
    expect(after.download.url).not.toBe(before.download.url);
    const files = await archive(after.download.url);
    if (typeof files === "number") throw new Error(`${files}`);
    const conversations = JSON.parse(files.file("data/crm/conversations.json")) as readonly {
      body: string;
    }[];
    expect(conversations.map(({ body }) => body)).toContain(shown);
    for (const { fileName } of files.entries) expect(files.file(fileName), fileName).not.toContain(named);
    const { withheld } = JSON.parse(files.file("manifest.json")) as { withheld: unknown };
    expect(withheld).toMatchObject([{ ...place, count: 1, because }]);
    expect(answered?.withheld?.spans).toBe(1);
  });

  it("is gathered anew where a part of it is read already, though the rest is not", async () => {
    await world.gateway.open("mailing", false);
    const { request } = await ask(world, "requestExport", {}, { as: kari });
    const isRead = (source: string) => async () => {
      const { steps } = await exported(world, request.id, { as: kari });
      expect(steps.find((step) => step.source === source && step.action === "READ")?.state).toBe("DONE");
    };
    await vi.waitFor(isRead("crm"), 5_000);
    await withhold(request.id);
    await world.gateway.open("mailing", true);
    const files = await archive((await whole(request.id)).download.url);
    if (typeof files === "number") throw new Error(`${files}`);
    expect(files.file("data/crm/conversations.json")).toContain(omission);
    for (const { fileName } of files.entries) expect(files.file(fileName), fileName).not.toContain(named);
    expect(JSON.parse(files.file("data/crm/conversations.json"))).toHaveLength(10);
  });

  it("that was fetched is not made again", async () => {
    const { id: fetched, download } = await made();
    expect(typeof (await archive(download.url))).toBe("object");
    const isFetched = async () => expect((await exported(world, fetched, { as: kari })).download).toBeNull();
    await vi.waitFor(isFetched, 5_000);
    expect((await withhold(fetched)).answered?.rule).toBe("REQUEST_CLOSED");
    const { id: other } = await letter(world, "ACCESS", kari);
    expect((await withhold(other)).answered?.withheld?.spans).toBe(1);
    expect(await exported(world, fetched, { as: kari })).toMatchObject({
      status: "COMPLETED",
      download: null,
    });
  });
});

describe("every place that has free text", () => {
  beforeEach(clean);

  it.each([
    ["orders.returns", "reason", "orders { edges { node { returns { reason } } } }"],
    ["other", "value", "other { value }"],
  ])("crm %s.%s", async (recordType, field, selection) => {
    const read = async (as: string, root: string) =>
      (await world.gateway.query<object>(`{ ${root} { crm { ${selection} } } }`, {}, { as })).text;
    const asStaff = `dataSubject(id: "${id}", purpose: DATA_SUBJECT_RIGHTS)`;
    const [, found = ""] = new RegExp(`"${field}":"([^"\\\\]{4,})"`).exec(await read(kari, "me")) ?? [];
    const { id: requestId } = await letter(world, "ACCESS", kari);
    const part = [{ start: 1, length: found.length - 1 }];
    const { answered, text: body } = await withhold(requestId, {
      recordType,
      field,
      text: found,
      spans: part,
    });
    expect(answered?.withheld?.spans, body).toBe(1);
    expect(await read(kari, "me")).toContain(`"${found.slice(0, 1)}${omission}"`);
    expect(await read(kari, "me")).not.toContain(`"${found}"`);
    expect(await read(dpo, asStaff)).toContain(`"${found}"`);
  });
});

describe("whoever has not signed in", () => {
  const ingrid = "ingrid.aas@example.com";

  it("finds it withheld when they do: the mark goes along to whom they are then", async () => {
    const { id: requestId } = await letter(world, "ACCESS", ingrid);
    const subject = await subjectOf(requestId);
    const asStaff = `dataSubject(id: "${subject.id}", purpose: DATA_SUBJECT_RIGHTS)`;
    const [found = ""] = (await see(asStaff, dpo)).bodies;
    const part = [{ start: 0, length: 4 }];
    const { answered } = await withhold(requestId, { subjectId: subject.id, text: found, spans: part });
    const seen = await see("me", ingrid);
    expect(seen.bodies[0]).toBe(omission + found.slice(4));
    expect(seen.withheld).toMatchObject([{ id: answered?.withheld?.id, because }]);
    const [mark] = await world.gateway.rows<{ subject_id: string }>(
      "select subject_id from withheld where id = $1",
      [answered?.withheld?.id],
    );
    expect(mark?.subject_id).toBe(await idOf(world, ingrid));
    expect(mark?.subject_id).not.toBe(subject.id);
  });
});

describe("an archive of somebody who turns out to be another as well", () => {
  const [reader, writer] = ["ola.nordmann@example.com", "turid.moe@example.com"];

  it("cannot be fetched any more, and is gathered anew with what is withheld of that one", async () => {
    const before = await exportOf(world, reader);
    const { id: requestId } = await letter(world, "ACCESS", writer);
    const subject = await subjectOf(requestId);
    const asStaff = `dataSubject(id: "${subject.id}", purpose: DATA_SUBJECT_RIGHTS)`;
    const [found = ""] = (await see(asStaff, dpo)).bodies;
    const part = [{ start: 0, length: 4 }];
    const marked = await withhold(requestId, { subjectId: subject.id, text: found, spans: part });
    expect(marked.answered?.withheld?.spans, marked.text).toBe(1);
    const into = await idOf(world, reader);
    await using register = await openRegister(world.gateway);
    await inTransaction(register.store, (db) => absorb(db, register.personKeys, into, [subject.id]));
    expect(await archive(before.download.url, reader)).toBe(410);
    const after = await untilExported(world, before.id, { as: reader });
    expect(after.download.url).not.toBe(before.download.url);
    const files = await archive(after.download.url, reader);
    if (typeof files === "number") throw new Error(`${files}`);
    const { withheld } = JSON.parse(files.file("manifest.json")) as { withheld: unknown };
    expect(withheld).toMatchObject([{ ...place, because }]);
  });
});

describe("where free text is looked through first", () => {
  const bjørn = "bjørn.østby@example.com";
  const reviewed = () => ask(world, "requestExport", { format: "CSV" }, { as: bjørn, replica: 1 });

  it("nothing is gathered before the DPO says so, in the form that was asked for", async () => {
    const { request } = await reviewed();
    expect(request.status).toBe("AWAITING_DECISION");
    expect((await reviewed()).request.id).toBe(request.id);
    const bjørns = await idOf(world, bjørn);
    const [found = ""] = (await see("me", bjørn)).bodies;
    const part = [{ start: 0, length: found.length }];
    const { answered } = await withhold(request.id, { subjectId: bjørns, text: found, spans: part });
    expect(answered?.withheld?.spans).toBe(1);
    expect(await exported(world, request.id, { as: bjørn })).toMatchObject({ status: "AWAITING_DECISION" });
    await ask(world, "decideRequest", { id: request.id, approve: true }, { as: dpo });
    const isOver = ({ status }: Exported) => status === "COMPLETED";
    const { download } = await untilExported(world, request.id, { as: bjørn }, isOver);
    const files = await archive(download.url, bjørn);
    if (typeof files === "number") throw new Error(`${files}`);
    expect(files.entries[1]?.fileName).toMatch(/csv/);
    const bodies = (JSON.parse(files.file("data/crm/conversations.json")) as { body: string }[]).map(
      ({ body }) => body,
    );
    expect(bodies).toContain(omission);
    expect(bodies).not.toContain(found);
  });

  it("what the DPO turns down is never gathered", async () => {
    const { request } = await reviewed();
    const refused = {
      id: request.id,
      approve: false,
      legalGround: "RIGHTS_OF_OTHERS",
      explanation: "Om andre",
    };
    await ask(world, "decideRequest", refused, { as: dpo });
    await world.until(request.id, "REFUSED");
    const { download, steps } = await exported(world, request.id, { as: bjørn });
    expect(download).toBeNull();
    expect(steps.filter(({ action }) => action === "READ").map(({ state }) => state)).toEqual(
      Array(6).fill("SKIPPED"),
    );
  });
});
