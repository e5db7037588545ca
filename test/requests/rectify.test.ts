import { afterAll, beforeAll, expect, it } from "vitest";
import { type Gateway, startGateway } from "../setup/gateway.ts";

let gateway: Gateway;
beforeAll(async () => void (gateway = await startGateway()));
afterAll(() => gateway[Symbol.asyncDispose]());

const kari = "kari.nordmann@example.com";

it("is carried out step by step", async () => {
  const answer = await gateway.query(
    `mutation { rectify(input: { changes: [{ field: PHONE, value: "+4740000001" }] }) {
      __typename ... on RectifyPayload { request { id kind status steps { source action field state attempts lastError outcome { result detail } }
        timeline { by event detail } } subject { profile { phone { value heldBy { source value } } } } } } }`,
    {},
    { as: kari },
  );
  console.log(JSON.stringify(answer.data, null, 1), JSON.stringify(answer.errors), answer.milliseconds);
  console.log(gateway.lines.filter((l) => !l.includes('"request"')).join("\n"));
  expect(answer.errors).toBeUndefined();
});
