import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { languages } from "../../src/language/language.ts";
import { type MessageCode, messages, written } from "../../src/requests/messages.ts";
import { dump, saying } from "./databases.ts";
import { ended, erase } from "./erasing.ts";
import { ask, confirmed, idOf, letter } from "./rights.ts";
import { dpo, impatient, kari, openWorld, type Payload, rectify, type World } from "./world.ts";

const ola = "ola.nordmann@example.com";
const eva = "eva.enebo@example.com";
const siv = "siv.stille@example.com";
const turid = "turid.moe@example.com";
const ingrid = "ingrid.aas@example.com";
/** Nobody of that address has ever signed in. */
const stranger = "stor.leser@example.com";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterEach(() => world.gateway.outside.open("mail", true));
afterAll(() => world[Symbol.asyncDispose]());

const patience = { timeout: 10_000 };

const subjects = Object.fromEntries(
  Object.entries(messages).flatMap(([code, { subject }]) =>
    Object.values(subject).map((said) => [said, code]),
  ),
);

/** What a person has been sent about one request, oldest first. */
async function sentAbout(requestId: string) {
  const mails = await world.gateway.outside.mails();
  return mails
    .filter(({ text }) => text.includes(requestId))
    .map((mail) => ({ ...mail, code: subjects[mail.subject] }));
}

interface Entry {
  readonly event: string;
  readonly detail: string | null;
  readonly note: string | null;
}

async function timelineOf(id: string, as: string): Promise<readonly Entry[]> {
  const { data } = await world.gateway.query<{ request: { timeline: Entry[] } }>(
    "query($id: ID!) { request(id: $id) { timeline { event detail note } } }",
    { id },
    { as },
  );
  return data?.request.timeline ?? [];
}

async function untilSent(id: string, ...codes: readonly MessageCode[]): Promise<void> {
  await expect.poll(async () => (await sentAbout(id)).map(({ code }) => code), patience).toEqual(codes);
}

/** Has staff carry out what a letter asks for. */
async function carriedOut(email: string, made: Payload["request"]): Promise<Payload> {
  const input = { subjectId: await idOf(world, email), requestId: made.id, reason: "Adressen er feil" };
  return ask(world, "restrictProcessing", input, { as: dpo });
}

describe("a message", () => {
  const organisation = {
    controller: {
      name: "Intech AS",
      organisationNumber: "1",
      postalAddress: "Oslo",
      email: "post@x.example",
      phone: "+47 1",
    },
    supervisoryAuthority: { name: "Datatilsynet", url: "https://www.datatilsynet.no" },
  };
  const facts = {
    caseNumber: "e3c1",
    // The day after, in Norway.
    answerBy: new Date("2026-12-05T23:30:00Z"),
    until: new Date("2026-12-24T11:00:00Z"),
  };
  const days = { nb: "6. desember 2026", nn: "6. desember 2026", en: "6 December 2026" };
  const noon = "24. desember 2026 kl. 12:00";
  const until = { nb: noon, nn: noon, en: "24 December 2026 at 12:00" };
  const greetings = { nb: "Hei!", nn: "Hei!", en: "Hello," };
  const each = Object.keys(messages).flatMap((code) =>
    languages.map((language) => [code as MessageCode, language] as const),
  );

  it.each(each)("%s is whole in %s", (code, language) => {
    const { subject, text } = written(code, language, organisation, facts);
    expect(`${subject} ${text}`).not.toMatch(/[{}]|undefined|null|Invalid/);
    expect(text.split("\n\n")[0]).toBe(greetings[language]);
    expect(text).toMatch(/: e3c1\n/);
    for (const said of ["post@x.example, +47 1", "Datatilsynet, https://www.datatilsynet.no", "79"])
      expect(text).toContain(said);
    expect(text.includes(days[language])).toBe(code === "RECEIVED");
    expect(text.includes(until[language])).toBe(code === "DOWNLOAD_READY");
    expect(Object.keys(subjects)).toContain(subject);
  });

  it("is not sent without the time that it is to say", () => {
    const { until: _, ...rest } = facts;
    expect(() => written("DOWNLOAD_READY", "nb", organisation, rest)).toThrow("without its until");
  });
});

describe("a letter", () => {
  it("is acknowledged at once to whoever has an address of theirs, and answered when it is done", async () => {
    await idOf(world, ola);
    const made = await letter(world, "RESTRICTION", ola, {});
    expect(made.status).toBe("AWAITING_IDENTITY");
    await untilSent(made.id, "RECEIVED");
    const established = { id: made.id, establishedBy: "Ringte tilbake" };
    const ready = await ask(world, "establishIdentity", established, { as: dpo });
    expect(ready.request.status).toBe("AWAITING_DECISION");
    const { request } = await carriedOut(ola, made);
    expect(request.status).toBe("COMPLETED");
    const mails = await sentAbout(made.id);
    expect(mails.map(({ code, to }) => [code, to])).toEqual([
      ["RECEIVED", ola],
      ["DONE", ola],
    ]);
    // Kept as it was sent, for whoever has to account for it.
    const told = (await timelineOf(made.id, dpo)).filter(({ event }) => event === "NOTIFY_DONE");
    expect(told).toEqual(
      mails.map(({ code, subject, text }) => ({
        event: "NOTIFY_DONE",
        detail: code,
        note: `${subject}\n\n${text}`,
      })),
    );
    const [row] = await world.gateway.rows<{ due_at: Date }>("select due_at from request where id = $1", [
      made.id,
    ]);
    const day = row?.due_at.toLocaleDateString("nb", { dateStyle: "long", timeZone: "Europe/Oslo" });
    expect(mails[0]?.text).toContain(`senest ${day}.`);
  });

  it("that objects is told of the decision, and the objection ends some time after that, and not after the receipt", async () => {
    const subjectId = await idOf(world, ingrid);
    const { id } = await letter(world, "OBJECTION", ingrid);
    const input = { subjectId, requestId: id, purpose: "STATISTICS", reason: "Jeg er alene" };
    await ask(world, "objectToProcessing", input, { as: dpo });
    await world.gateway.rows(
      "update request_step set finished_at = finished_at - interval '1 hour' where request_id = $1",
      [id],
    );
    await ask(
      world,
      "decideRequest",
      { id, approve: false, explanation: "Nei.", legalGround: "COMPELLING_GROUNDS" },
      { as: dpo },
    );
    await world.until(id, "REFUSED");
    const rows = await world.gateway.rows<{ record_type: string; finished_at: Date }>(
      "select record_type, finished_at from request_step where request_id = $1 order by finished_at",
      [id],
    );
    expect(rows.map(({ record_type }) => record_type)).toEqual(["RECEIVED", "DECISION", "OBJECTION_ENDED"]);
    const [told, over] = rows.slice(-2).map(({ finished_at }) => Number(finished_at));
    expect((over ?? 0) - (told ?? 0)).toBeGreaterThanOrEqual(impatient.liftNoticeSeconds * 1_000);
    expect((await sentAbout(id)).map(({ code }) => code)).toEqual(["RECEIVED", "DECISION"]);
  });

  it("is not told that what staff do of their own accord is done: the notice of that has said so", async () => {
    const { id: requestId } = await letter(world, "RESTRICTION", ingrid);
    const input = { subjectId: await idOf(world, ingrid), requestId, reason: "Adressen er feil" };
    await ask(world, "restrictProcessing", input, { as: dpo });
    const lifted = await ask(world, "liftRestriction", { ...input, reason: undefined }, { as: dpo });
    await world.until(lifted.request.id, "COMPLETED");
    const codes = (await sentAbout(lifted.request.id)).map(({ code }) => code);
    expect(codes).toEqual(["RESTRICTION_TO_BE_LIFTED"]);
  });

  it("of somebody without one is acknowledged by nobody, and answered by staff", async () => {
    const made = await letter(world, "RESTRICTION", stranger, {});
    expect(made.steps).toEqual([]);
    const established = { id: made.id, establishedBy: "Ringte tilbake" };
    await ask(world, "establishIdentity", established, { as: dpo });
    const [step] = await receiptOf(made.id);
    expect(step).toMatchObject({ state: "SKIPPED", detail: "NOBODY_TOLD" });
    expect(await sentAbout(made.id)).toEqual([]);
  });

  it("is acknowledged when the mail server is back, and nothing waits for that", async () => {
    await idOf(world, siv);
    await world.gateway.outside.open("mail", false);
    const made = await letter(world, "RESTRICTION", siv);
    await expect.poll(async () => (await receiptOf(made.id))[0]?.attempts, patience).toBeGreaterThan(1);
    const retried = await ask(world, "retryRequest", { id: made.id }, { as: dpo });
    expect(retried.request.status).toBe("AWAITING_DECISION");
    const { request } = await carriedOut(siv, made);
    const done = request.steps.filter(({ action }) => action !== "NOTIFY");
    expect(done.map(({ state }) => state)).not.toContain("PENDING");
    expect(["RUNNING", "NEEDS_ATTENTION"]).toContain(request.status);
    await world.gateway.outside.open("mail", true);
    await untilSent(made.id, "RECEIVED", "DONE");
    await world.until(made.id, "COMPLETED");
  });

  const receiptOf = async (id: string) => {
    const steps = () =>
      world.gateway.rows<{ state: string; detail: string | null; attempts: number }>(
        "select state, detail, attempts from request_step where request_id = $1 and record_type = 'RECEIVED'",
        [id],
      );
    await expect.poll(async () => (await steps())[0]?.attempts, patience).toBeGreaterThan(0);
    await expect.poll(async () => (await steps())[0]?.state, patience).not.toBe("RUNNING");
    return steps();
  };
});

describe("what is asked for in the portal", () => {
  it("is not written about where the answer says that it is done", async () => {
    const { request } = await rectify(world, [{ field: "PHONE", value: "90 01 12 23" }], { as: eva });
    expect(request.status).toBe("COMPLETED");
    expect(request.steps.filter(({ action }) => action === "NOTIFY")).toEqual([]);
  });

  it("is written about once where it is done later, in the language that it was asked for in", async () => {
    await world.gateway.open("mailing", false);
    const asked = { as: eva, headers: { "accept-language": "nn" } };
    const { request } = await rectify(world, [{ field: "PHONE", value: "90 01 12 24" }], asked);
    await world.gateway.open("mailing", true);
    await world.until(request.id, "COMPLETED");
    const mails = await sentAbout(request.id);
    expect(mails.map(({ subject }) => subject)).toEqual([messages.DONE.subject.nn]);
  });
});

describe("an erasure", () => {
  it("of some systems is written about, and the person goes on being known", async () => {
    const { request } = await erase(world, kari, {
      sources: ["mailing"],
      headers: { "accept-language": "nb" },
    });
    await world.until(request.id, ...ended);
    const mails = await sentAbout(request.id);
    expect(mails.map(({ subject }) => subject)).toEqual([
      messages.RECEIVED.subject.nb,
      messages.PARTLY_ERASED.subject.nb,
    ]);
    const told = (await timelineOf(request.id, kari)).flatMap(({ note }) => note ?? []);
    expect(told).toEqual(mails.map(({ subject, text }) => `${subject}\n\n${text}`));
  });

  it("of everything is written about before the gateway forgets the address, and nothing of it is left after", async () => {
    const [crm] = await world.own<Record<string, string>>(
      "crm",
      "select navn, mobil, kundenr, adresse from kontakt where lower(epost) = $1",
      [kari],
    );
    const names = Object.values(crm ?? {}).filter(Boolean);
    expect(names.length).toBeGreaterThan(3);
    const { request } = await erase(world, kari);
    await world.until(request.id, ...ended);
    const mails = await sentAbout(request.id);
    expect(mails.map(({ code, to }) => [code, to])).toEqual([
      ["RECEIVED", kari],
      ["ERASED", kari],
    ]);
    const lines = mails.map(({ subject, text }) => ({ place: "mail", line: `${subject}\n${text}` }));
    expect(saying(lines, [kari, ...names, "Kari", "Nordmann"])).toEqual([]);
    const order = await world.gateway.rows<{ action: string; record_type: string }>(
      `select action, record_type from request_step where request_id = $1 and source = 'gateway'
       and state = 'DONE' order by finished_at`,
      [request.id],
    );
    expect(order.slice(-2)).toEqual([
      { action: "NOTIFY", record_type: "ERASED" },
      { action: "ERASE", record_type: "PERSON" },
    ]);
    const timeline = await timelineOf(request.id, kari);
    expect(timeline.filter(({ event }) => event === "NOTIFY_DONE")).toHaveLength(2);
    expect(timeline.flatMap(({ note }) => note ?? [])).toEqual([]);
    const own = (await dump(world)).filter(({ place }) => place.startsWith("gateway "));
    expect(saying(own, [kari, messages.ERASED.subject.en])).toEqual([]);
  });

  it("goes on in the systems while the mail server is down, and ends once it is back", async () => {
    await world.gateway.outside.open("mail", false);
    const { request } = await erase(world, eva);
    await expect.poll(() => leftOf(request.id), patience).toEqual(["NOTIFY ERASED", "ERASE PERSON"]);
    await world.until(request.id, "NEEDS_ATTENTION");
    await world.gateway.outside.open("mail", true);
    await world.until(request.id, ...ended);
    expect((await sentAbout(request.id)).map(({ code }) => code)).toContain("ERASED");
  });

  it("leaves a letter that the person is owed on another request to be sent, while it is not over", async () => {
    await idOf(world, ingrid);
    const asked = await letter(world, "RESTRICTION", ingrid);
    await world.gateway.outside.open("mail", false);
    const refusing = { id: asked.id, approve: false, legalGround: "EXCESSIVE", explanation: "For ofte" };
    await ask(world, "decideRequest", refusing, { as: dpo });
    await world.gateway.open("mailing", false);
    try {
      const { request } = await erase(world, ingrid);
      const isBegun = () =>
        world.gateway.rows(
          "select 1 from request_step where request_id = $1 and source = 'gateway' and action = 'SUPPRESS' and state = 'DONE'",
          [request.id],
        );
      await expect.poll(async () => (await isBegun()).length, patience).toBe(1);
      await world.gateway.outside.open("mail", true);
      await expect
        .poll(async () => (await sentAbout(asked.id)).map(({ code }) => code), patience)
        .toContain("DECISION");
      await world.gateway.open("mailing", true);
      await world.until(request.id, ...ended);
    } finally {
      await world.gateway.open("mailing", true);
    }
  });

  it("ends without a letter where staff say that the person was told otherwise", async () => {
    await world.gateway.outside.open("mail", false);
    const { request } = await erase(world, turid);
    await expect.poll(() => leftOf(request.id), patience).toEqual(["NOTIFY ERASED", "ERASE PERSON"]);
    const [unsent] = await world.gateway.rows<{ id: string }>(
      "select id from request_step where request_id = $1 and record_type = 'ERASED'",
      [request.id],
    );
    const confirming = { id: request.id, stepId: unsent?.id, because: "Ringte" };
    expect(await confirmed(world, confirming, { as: dpo })).toMatchObject({ request: { id: request.id } });
    await world.until(request.id, ...ended);
    await world.gateway.outside.open("mail", true);
    expect(await sentAbout(request.id)).toEqual([]);
  });

  const leftOf = async (id: string) => {
    const rows = await world.gateway.rows<{ step: string }>(
      `select action || ' ' || record_type as step from request_step
       where request_id = $1 and state in ('PENDING', 'RUNNING') and record_type <> 'RECEIVED' order by position`,
      [id],
    );
    return rows.map(({ step }) => step);
  };
});
