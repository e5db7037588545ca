import { expect, it } from "vitest";
import { disclosuresTo } from "../../src/requests/disclosures.ts";
import type { Recipient } from "../../src/sources/recipient.ts";
import { dbOf, inTransaction } from "../../src/store/tables.ts";
import { endObjections } from "../../src/subjects/objections.ts";
import { insertRequest } from "../setup/requests.ts";
import { object } from "../setup/standing.ts";
import { email, openRegister, principal } from "../subjects/world.ts";

const bureau: Recipient = {
  name: "Statistikk AS",
  role: "PARTNER",
  country: "NO",
  purposes: ["STATISTICS"],
  identifiedBy: ["EMAIL"],
  receives: ["NAME"],
  reachable: false,
  tell: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

it("a recipient for a purpose that the person objects to may be given no data, for as long as they do", async () => {
  await using register = await openRegister();
  const { parts, people } = register;
  const person = await people.ofCaller(principal("kari", email("kari@example.com")));
  const subjectId = person?.id ?? "";
  const { mayReceive } = disclosuresTo(dbOf(parts.store), [bureau]);
  expect(await mayReceive(subjectId, bureau)).toBe(true);
  const requestId = await insertRequest(parts, subjectId, { kind: "OBJECTION", status: "AWAITING_DECISION" });
  await object(parts, subjectId, requestId, "STATISTICS");
  expect(await mayReceive(subjectId, bureau)).toBe(false);
  expect(await mayReceive(subjectId, { purposes: ["STATISTICS", "TESTING"] })).toBe(true);
  await inTransaction(parts.store, (db) => endObjections(db, { requestId }));
  expect(await mayReceive(subjectId, bureau)).toBe(true);
});
