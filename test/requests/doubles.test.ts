import { afterAll, beforeAll, expect, it } from "vitest";
import { ask, letter } from "./rights.ts";
import { dpo, kari, openWorld, type Payload, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld({
    replicas: 2,
    config: (config) => ({ ...config, erasure: { ...config.erasure, graceSeconds: 3_600 } }),
  });
});
afterAll(() => world[Symbol.asyncDispose]());

const day = 86_400_000;
const ago = (days: number) => new Date(Date.now() - days * day).toISOString();
const eva = "eva.enebo@example.com";
const unproven = (days: number, more: object = {}) => ({
  receivedAt: ago(days),
  note: `Uke ${days}`,
  ...more,
});
const proven = { identityEstablishedBy: "Ringte tilbake" };

interface Seen {
  readonly status: string;
  readonly receivedAt: string;
  readonly dueAt: string;
  readonly timeline: readonly { event: string; detail: string | null; note: string | null }[];
}
async function seen(id: string): Promise<Seen> {
  const { data, text } = await world.gateway.query<{ request: Seen }>(
    "query($id: ID!) { request(id: $id) { status receivedAt dueAt timeline { event detail note } } }",
    { id },
    { as: dpo },
  );
  return data?.request ?? expect.fail(text);
}
const eventsOf = ({ timeline }: Pick<Seen | Payload["request"], "timeline">) =>
  timeline.map(({ event, detail }) => `${event} ${detail}`);

it("a second letter joins the first, at the earlier deadline, with what both say", async () => {
  const first = await letter(world, "ACCESS", kari, unproven(5));
  const due = (await seen(first.id)).dueAt;
  const second = await letter(world, "ACCESS", kari, unproven(3, { channel: "EMAIL" }));
  expect(second.id).toBe(first.id);
  expect(await seen(first.id)).toMatchObject({ status: "AWAITING_IDENTITY", dueAt: due });
  // One that has lain longer, and of which it is known who wrote it.
  const third = await letter(world, "ACCESS", kari, unproven(9, { channel: "PHONE", ...proven }));
  expect(third).toMatchObject({ id: first.id, status: "AWAITING_DECISION" });
  const now = await seen(first.id);
  expect(Date.parse(now.receivedAt)).toBeLessThan(Date.now() - 8.9 * day);
  expect(Date.parse(due) - Date.parse(now.dueAt)).toBeGreaterThan(3 * day);
  const said = now.timeline.filter(({ event }) => !event.startsWith("NOTIFY_"));
  expect(said.map(({ event, detail, note }) => [event, detail, note])).toEqual([
    ["RECEIVED", "ACCESS", "Uke 5"],
    ["JOINED", "EMAIL", "Uke 3"],
    ["JOINED", "PHONE", "Ringte tilbake\n\nUke 9"],
    ["IDENTITY_ESTABLISHED", "STAFF", null],
  ]);
  // It may be anybody's, and takes nothing back.
  await letter(world, "ACCESS", kari, unproven(1));
  expect((await seen(first.id)).status).toBe("AWAITING_DECISION");
  // Of another kind, of another person, and when the first is over.
  expect((await letter(world, "PORTABILITY", kari, unproven(1))).id).not.toBe(first.id);
  expect((await letter(world, "ACCESS", eva, unproven(1))).id).not.toBe(first.id);
  const turnedDown = { id: first.id, approve: false, explanation: "Alt er sendt.", legalGround: "EXCESSIVE" };
  await ask(world, "decideRequest", turnedDown, { as: dpo });
  expect((await letter(world, "ACCESS", kari, unproven(1))).id).not.toBe(first.id);
});

it("a letter that was overdue before it was found has no part in an extension of the one that it joins", async () => {
  const ingrid = "ingrid.aas@example.com";
  const { id } = await letter(world, "PORTABILITY", ingrid, unproven(5));
  await ask(world, "extendDeadline", { id, because: "Vi må lete i fem systemer." }, { as: dpo });
  const extended = (await seen(id)).dueAt;
  await letter(world, "PORTABILITY", ingrid, unproven(3));
  expect((await seen(id)).dueAt).toBe(extended);
  await letter(world, "PORTABILITY", ingrid, unproven(40));
  const { dueAt, receivedAt } = await seen(id);
  expect(Date.parse(dueAt) - Date.parse(receivedAt)).toBeLessThan(32 * day);
});

it("two letters that are written down at once become one", async () => {
  const { rows } = world.gateway;
  const both = await Promise.all([0, 1].map(() => letter(world, "RESTRICTION", eva, unproven(2))));
  expect(new Set(both.map(({ id }) => id)).size).toBe(1);
  const events = await rows("select from request_event where request_id = $1 and event = 'JOINED'", [
    both[0]?.id,
  ]);
  expect(events).toHaveLength(1);
});

it("a letter that asks for erasure joins what the person has asked for, unless that is of some systems alone", async () => {
  const asked = async (sources: readonly string[] | null) => {
    const { data } = await world.gateway.query<{ me: { erasurePlan: { hash: string } } }>(
      "query($sources: [String!]) { me { erasurePlan(sources: $sources) { hash } } }",
      { sources },
      { as: eva },
    );
    const input = { planHash: data?.me.erasurePlan.hash, sources };
    return (await ask(world, "requestErasure", input, { as: eva, strongly: true })).request;
  };
  const some = await asked(["mailing"]);
  expect(some.status).toBe("SCHEDULED");
  const own = await letter(world, "ERASURE", eva, unproven(1));
  expect(own.id).not.toBe(some.id);
  await ask(world, "cancelRequest", { id: some.id }, { as: eva });
  const turnedDown = { id: own.id, approve: false, legalGround: "IDENTITY_NOT_ESTABLISHED" };
  await ask(world, "decideRequest", { ...turnedDown, explanation: "Ingen svarte." }, { as: dpo });
  const whole = await asked(null);
  const joined = await letter(world, "ERASURE", eva, unproven(1));
  expect(joined).toMatchObject({ id: whole.id, status: "SCHEDULED" });
  expect(eventsOf(joined).at(-1)).toBe("JOINED POST");
});

it("what may be about something else joins a letter alone, and only while nobody has acted on it", async () => {
  const reason = "Jeg vil ikke være i noen statistikk";
  const portal = await ask(world, "objectToProcessing", { purpose: "STATISTICS", reason }, { as: kari });
  const { id } = await letter(world, "OBJECTION", kari, proven);
  expect(id).not.toBe(portal.request.id);
  // Whoever wrote it may want what Kari does not.
  const nobodys = await letter(world, "OBJECTION", kari, unproven(1));
  expect(nobodys).toMatchObject({ status: "AWAITING_IDENTITY" });
  expect(nobodys.id).not.toBe(id);
  expect((await letter(world, "OBJECTION", kari, unproven(1))).id).toBe(nobodys.id);
  expect((await letter(world, "OBJECTION", kari, proven)).id).toBe(id);
  const [{ subject_id: subjectId } = {}] = await world.gateway.rows<{ subject_id: string }>(
    "select subject_id from request where id = $1",
    [id],
  );
  const acting = { subjectId, requestId: id, purpose: "CUSTOMER_SUPPORT", reason };
  await ask(world, "objectToProcessing", acting, { as: dpo });
  expect((await letter(world, "OBJECTION", kari, proven)).id).not.toBe(id);
});

it("a day of receipt that cannot be meant is refused, and somebody whom nobody knows is told of by nobody", async () => {
  const registering = { kind: "ACCESS", channel: "POST", identifiers: [{ kind: "EMAIL", value: kari }] };
  const old = { ...registering, receivedAt: ago(11 * 366) };
  expect(await ask(world, "registerRequest", old, { as: dpo })).toMatchObject({
    code: "INVALID_VALUE",
    rule: "RECEIVED_TOO_LONG_AGO",
    field: "receivedAt",
  });
  const stranger = await letter(world, "ACCESS", "ingen.kjenner.meg@example.net", unproven(1));
  const { data } = await world.gateway.query<{ request: { subject: { holdings: { state: string }[] } } }>(
    "query($id: ID!) { request(id: $id) { subject { holdings { state } } } }",
    { id: stranger.id },
    { as: dpo },
  );
  expect(new Set(data?.request.subject.holdings.map(({ state }) => state))).toEqual(new Set(["NOT_HELD"]));
  for (const source of ["crm", "mailing"])
    expect(await ask(world, "sendIdentityCode", { id: stranger.id, source }, { as: dpo })).toMatchObject({
      rule: "NO_RECORD_THERE",
    });
});
