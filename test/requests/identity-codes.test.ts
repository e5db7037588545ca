import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setClock } from "../setup/clock.ts";
import { ask, letter } from "./rights.ts";
import { dpo, openWorld, type Payload, type World } from "./world.ts";

/** The CRM's process is not asked again while a test lasts. */
let world: World;
beforeAll(async () => {
  world = await openWorld({
    // Nothing is written but by what is asked for here.
    config: (config) => ({ ...config, requests: { ...config.requests, withdrawalsSeconds: 86_400 } }),
  });
});
afterAll(() => world[Symbol.asyncDispose]());

const eva = "eva.enebo@example.com";
const unproven = { note: "Brev på fire sider" };
const newLetter = (kind: string, email = eva) => letter(world, kind, email, unproven);
const send = (id: string, source = "crm", more: object = {}) =>
  ask(world, "sendIdentityCode", { id, source, ...more }, { as: dpo });

interface Confirmed {
  readonly __typename: string;
  readonly requestId?: string;
  readonly status?: string;
  readonly code?: string;
  readonly rule?: string;
}

async function confirm(
  id: string,
  code: string | null,
  asked: Parameters<World["gateway"]["query"]>[2] = {},
): Promise<Confirmed> {
  const { data, text } = await world.gateway.query<{ confirmIdentity: Confirmed }>(
    `mutation($input: ConfirmIdentityInput!) { confirmIdentity(input: $input) {
      __typename ... on IdentityConfirmed { requestId status } ... on Refusal { code rule complaintTo { name } } } }`,
    { input: { id, ...(code !== null && { code }) } },
    asked,
  );
  return data?.confirmIdentity ?? expect.fail(text);
}

const notAccepted = {
  __typename: "Refusal",
  code: "IDENTITY_NOT_VERIFIED",
  rule: "CODE_NOT_ACCEPTED",
  complaintTo: { name: "Datatilsynet" },
};

/** As it came to a mailbox, the newest. */
async function codeIn(mailbox: string): Promise<string> {
  const mails = await world.gateway.outside.mails();
  const mail = mails.findLast(({ to }) => to.includes(mailbox)) ?? expect.fail(`nothing came to ${mailbox}`);
  return /^\d{8}$/m.exec(mail.text)?.[0] ?? expect.fail(mail.text);
}

const statusOf = async (id: string) =>
  (await world.gateway.rows<{ status: string }>("select status from request where id = $1", [id]))[0]?.status;

const eventsOf = ({ request }: Pick<Payload, "request">) =>
  request.timeline.map(({ by, event, detail }) => [by, event, detail].join(" "));

describe("a code to the address that a system holds", () => {
  it("is sent there, shows who asks, and makes the address the person's", async () => {
    const { id, status } = await newLetter("ACCESS");
    expect(status).toBe("AWAITING_IDENTITY");
    const sent = await send(id);
    expect(sent.request).toMatchObject({ status: "AWAITING_IDENTITY" });
    expect(eventsOf(sent)).toEqual([
      "DPO RECEIVED ACCESS",
      "DPO IDENTITY_CODE_SENT crm",
      " NOTIFY_DONE gateway",
    ]);
    const code = await codeIn(eva);
    const confirmed = await confirm(id, ` ${code.slice(0, 4)} ${code.slice(4)}`);
    expect(confirmed).toEqual({
      __typename: "IdentityConfirmed",
      requestId: id,
      status: "AWAITING_DECISION",
    });
    expect(await confirm(id, code)).toEqual(notAccepted);
  });
});
