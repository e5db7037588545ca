import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { messages } from "../../src/requests/messages.ts";
import { endState } from "./end-state.ts";
import { type Killable, openKillable } from "./killable.ts";
import { kari } from "./world.ts";

/** Steps that take effect in the gateway's own database alone. */
const own = [
  { source: "gateway", action: "SUPPRESS" },
  { source: "gateway", action: "ERASE" },
  { source: "mailing", action: "READ" },
  { source: "crm", action: "VERIFY" },
];

const everything = [
  "crm RESTRICT",
  "crm ERASE",
  "events ERASE",
  "learning ANONYMISE",
  "learning ERASE",
  "mailing SUPPRESS",
  "website ANONYMISE",
  "website ERASE",
  "mailing ERASE",
  "Meta Platforms Ireland Ltd NOTIFY",
  "gateway NOTIFY",
];

/** A person of whom a recipient has been told asks for everything to be erased. */
async function live(killable: Killable, isKilled: boolean): Promise<void> {
  await killable.ask(
    "mutation($input: SetConsentInput!) { setConsent(input: $input) { __typename } }",
    { input: { purpose: "PARTNER_MARKETING", given: true } },
    kari,
  );
  await killable.settled();
  const killed = isKilled ? killable.killAtOwnSteps(own) : Promise.resolve();
  await killable.erase(kari);
  await Promise.all([killed, killable.settled()]);
}

let folder: string;
let undisturbed: Killable;
let disturbed: Killable;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "innsyn-erasure-killed-"));
  undisturbed = await openKillable();
  disturbed = await openKillable(join(folder, "steps"));
});
afterAll(async () => {
  await Promise.all([undisturbed[Symbol.asyncDispose](), disturbed[Symbol.asyncDispose]()]);
  await rm(folder, { recursive: true });
});

it("killed between every step's effect and its commit, a whole erasure comes to the same end as undisturbed", async () => {
  await Promise.all([live(undisturbed, false), live(disturbed, true)]);
  const killed = await disturbed.killed();
  expect(await undisturbed.killed()).toEqual([]);
  const steps = await disturbed.world.gateway.rows<{
    id: string;
    source: string;
    action: string;
    attempts: number;
  }>(
    `select s.id, s.source, s.action, s.attempts from request_step s join request q on q.id = s.request_id
     where q.kind = 'ERASURE' order by s.position, s.place`,
  );
  // Every step that was to do something outside; those of the gateway's own are waited for until they are held up.
  const effective = steps.filter(
    ({ source, action }) =>
      (source !== "gateway" || action === "NOTIFY") && !["READ", "VERIFY"].includes(action),
  );
  expect(new Set(effective.map(({ source, action }) => `${source} ${action}`))).toEqual(new Set(everything));
  // Lanes run at once: where one's effect has it killed, another's may just have taken effect, too.
  expect(effective.filter(({ attempts }) => attempts < 2)).toEqual([]);
  expect(effective.filter(({ id }) => killed.includes(id)).length).toBeGreaterThan(effective.length / 2);
  // A letter that is sent again is the same one, and known as such; the first is of the consent.
  const mails = (await disturbed.world.gateway.outside.mails()).slice(-2);
  expect(mails.map(({ subject }) => subject)).toEqual([
    messages.RECEIVED.subject.en,
    messages.ERASED.subject.en,
  ]);
  expect(Math.min(...mails.map(({ deliveries }) => deliveries))).toBeGreaterThan(1);
  const [expected, ended] = [await endState(undisturbed), await endState(disturbed)];
  expect(expected.steps.every((step) => !/PENDING|RUNNING|FAILED/.test(step))).toBe(true);
  expect(expected.erasures).toEqual([JSON.stringify({ sources: null, finished: true, receipt: true })]);
  expect(expected.retained).not.toEqual([]);
  expect(expected.suppressed).not.toEqual([]);
  expect(ended).toEqual(expected);
}, 300_000);
