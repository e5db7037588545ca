import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { holdUp, openPatientWorld } from "./held-up.ts";
import { ask, idOf, letter } from "./rights.ts";
import { dpo, outcomes, type World } from "./world.ts";
import { keepFindable } from "../../src/requests/changed-identity.ts";
import { createSourceReader } from "../../src/sources/loader.ts";
import { openRegister } from "../setup/register.ts";

let world: World;
beforeAll(async () => {
  world = await openPatientWorld({
    // A system that is held up for a moment is waited for.
    config: (config) => ({
      ...config,
      sources: {
        ...config.sources,
        ...(config.sources.crm && { crm: { ...config.sources.crm, timeLimit: 8_000 } }),
        ...(config.sources.mailing && { mailing: { ...config.sources.mailing, timeLimit: 8_000 } }),
      },
      requests: { ...config.requests, stepSeconds: 10 },
    }),
  });
});
afterAll(() => world[Symbol.asyncDispose]());

const eva = "eva.enebo@example.com";

const lists = async (email: string) => {
  const rows = await world.own<{ status: string }>(
    "mailing",
    `select distinct l.status::text from subscriber_lists l join subscribers s on s.id = l.subscriber_id where lower(s.email) = $1`,
    [email],
  );
  return rows.map(({ status }) => status);
};

/** A letter of somebody whom only staff have found. */
async function found(kind: string, email: string) {
  const { id: requestId } = await letter(world, kind, email);
  const [row] = await world.gateway.rows<{ subject_id: string }>(
    "select subject_id from request where id = $1",
    [requestId],
  );
  return { subjectId: row?.subject_id ?? "", requestId };
}

describe("somebody who turns out to be another while a step is carried out", () => {
  it("is written to, or not, as they have decided", async () => {
    await world.own("mailing", "update subscriber_lists set status = 'unsubscribed', updated_at = now()");
    const named = await found("CONSENT", eva);
    await using tool = await holdUp(world.gateway.systemUrls.mailing);
    await tool.run("select from subscriber_lists for update");
    const input = { ...named, purpose: "NEWSLETTER", given: true };
    const saying = world.gateway.query(
      "mutation($input: SetConsentInput!) { setConsent(input: $input) { __typename } }",
      { input },
      { as: dpo },
    );
    // The step has found the record of whom staff had found, and writes.
    await tool.untilHeld(1);
    expect(await idOf(world, eva)).not.toBe(named.subjectId);
    await tool.release();
    await saying;
    await world.until(named.requestId, "COMPLETED");
    expect(await lists(eva)).toEqual(["confirmed"]);
  });

  it("is marked as restricted", async () => {
    const reader = "stor.leser@example.com";
    const named = await found("RESTRICTION", reader);
    await using crm = await holdUp(world.gateway.systemUrls.crm);
    await crm.run("select from kontakt where lower(epost) = $1 for update", [reader]);
    const restricting = ask(world, "restrictProcessing", { ...named, reason: "Feil adresse" }, { as: dpo });
    await crm.untilHeld(1);
    expect(await idOf(world, reader)).not.toBe(named.subjectId);
    await crm.release();
    await restricting;
    await world.until(named.requestId, "COMPLETED");
    const marks = await world.own("crm", "select sperret from kontakt where lower(epost) = $1", [reader]);
    expect(marks).toEqual([{ sperret: true }]);
  });
});

describe("a correction of the address that a record is found by", () => {
  it("hides the record from no step that is about to look for it", async () => {
    // In the e-mail tool alone: nothing else leads there.
    const subjectId = await idOf(world, eva);
    const [{ key } = { key: "" }] = await world.own<{ key: string }>(
      "mailing",
      "select id::text as key from subscribers where lower(email) = $1",
      [eva],
    );
    await world.own("mailing", "update subscriber_lists set status = 'confirmed'");
    const renamed = "eva.ny@example.com";
    await using tool = await holdUp(world.gateway.systemUrls.mailing);
    await tool.run("lock table subscribers in access exclusive mode");
    const reason = "Feil adresse";
    const restricting = ask(world, "restrictProcessing", { reason, sources: ["mailing"] }, { as: eva });
    await tool.untilHeld(1);
    // Another replica corrects the address, as its step does.
    await using register = await openRegister(world.gateway);
    const email = (value: string) => ({ kind: "EMAIL", value }) as const;
    const newReader = () => createSourceReader(new Map());
    const record = { key, identifiers: [email(eva)] };
    await keepFindable({ register, newReader }, subjectId, "mailing", record, [email(renamed)]);
    await tool.run("update subscribers set email = $1 where lower(email) = $2", [renamed, eva]);
    await tool.release();
    expect(outcomes(await restricting)).toEqual({ mailing: "DONE DONE" });
    expect(await lists(renamed)).toEqual(["unsubscribed"]);
  });
});
