import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { unzip } from "../archive/unzip.ts";
import { get, untilExported } from "./archives.ts";
import { comparable, heldRows, rowsHeld } from "./held-rows.ts";
import { ask } from "./rights.ts";
import { dpo, openWorld } from "./world.ts";

const writer = "ingrid.aas@example.com";

it("a letter that names a customer number is shown to be the customer's by a code, decided, gathered and fetched", async () => {
  await using world = await openWorld();
  const [customer] = await world.own<{ kundenr: string }>(
    "crm",
    "select kundenr from kontakt where epost = $1",
    [writer],
  );
  const { request } = await ask(
    world,
    "registerRequest",
    {
      kind: "ACCESS",
      channel: "POST",
      receivedAt: new Date(Date.now() - 2 * 86_400_000).toISOString(),
      identifiers: [{ kind: "CUSTOMER_NUMBER", value: customer?.kundenr }],
      note: "Brev, håndskrevet",
    },
    { as: dpo },
  );
  const { id } = request;
  expect(request.status).toBe("AWAITING_IDENTITY");
  await ask(world, "sendIdentityCode", { id, source: "crm" }, { as: dpo });
  const mail = (await world.gateway.outside.mails()).find(({ to }) => to === writer);
  const code = /^\d{8}$/m.exec(mail?.text ?? "")?.[0];
  // Whoever wrote need not sign in.
  const { data } = await world.gateway.query(
    "mutation($input: ConfirmIdentityInput!) { confirmIdentity(input: $input) { __typename } }",
    { input: { id, code } },
    { as: null },
  );
  expect(data).toEqual({ confirmIdentity: { __typename: "IdentityConfirmed" } });
  const decided = await ask(world, "decideRequest", { id, approve: true }, { as: dpo });
  expect(decided.code).toBeUndefined();
  const made = await untilExported(
    world,
    id,
    { as: dpo },
    ({ status, download }) => status === "COMPLETED" && download !== null,
  );
  expect(made.steps.filter(({ action }) => action === "EXPORT")).toHaveLength(1);
  // Whoever signs in for the first time finds what they had asked for by letter.
  const answer = await get(world, made.download.url, writer);
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(createHash("sha256").update(bytes).digest("hex")).toBe(made.download.sha256);
  const archive = await unzip(bytes);
  for (const place of Object.keys(heldRows) as (keyof typeof heldRows)[])
    expect([place, comparable(JSON.parse(archive.file(`data/${place}.json`)))]).toEqual([
      place,
      await rowsHeld(world, place, writer),
    ]);
  const subjects = (await world.gateway.outside.mails())
    .filter(({ to }) => to === writer)
    .map(({ subject }) => subject);
  expect(subjects).toHaveLength(4);
}, 60_000);

it("whoever can be written to nowhere is gathered for all the same: the letter of the decision holds nothing up", async () => {
  await using world = await openWorld();
  const { request } = await ask(
    world,
    "registerRequest",
    {
      kind: "ACCESS",
      channel: "POST",
      receivedAt: new Date(Date.now() - 2 * 86_400_000).toISOString(),
      identifiers: [{ kind: "EMAIL", value: writer }],
      identityEstablishedBy: "Legitimerte seg i resepsjonen",
    },
    { as: dpo },
  );
  await ask(world, "decideRequest", { id: request.id, approve: true }, { as: dpo });
  const { steps, download } = await untilExported(world, request.id, { as: dpo });
  // Nobody has shown that the address of the letter is theirs.
  expect(steps.filter(({ action, state }) => action === "NOTIFY" && state === "FAILED")).not.toEqual([]);
  expect(steps.filter(({ action }) => action === "READ").map(({ state }) => state)).toEqual(
    Array(6).fill("DONE"),
  );
  const answer = await get(world, download.url, dpo);
  const archive = await unzip(Buffer.from(await answer.arrayBuffer()));
  // The names of employees are kept only where the configuration wants them.
  expect(
    await world.gateway.rows(
      "select event, sealed_actor_name as name from audit_entry where request_id = $1",
      [answer.headers.get("x-request-id")],
    ),
  ).toEqual([{ event: "READ", name: null }]);
  expect(comparable(JSON.parse(archive.file("data/crm/orders.json")))).toEqual(
    await rowsHeld(world, "crm/orders", writer),
  );
}, 60_000);
