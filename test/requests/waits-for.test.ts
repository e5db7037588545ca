import { expect, it } from "vitest";
import type { StepRow } from "../../src/requests/rows.ts";
import type { RequestStatus, RequestWaitsFor, StepState } from "../../src/requests/vocabulary.ts";
import { waitsFor } from "../../src/requests/waits-for.ts";

const now = new Date("2026-03-01T12:00:00Z");
const step = (state: StepState, more: Partial<StepRow> = {}): StepRow => ({
  id: "",
  request_id: "",
  position: 1,
  place: 1,
  lane: null,
  source: "crm",
  action: "RECTIFY",
  record_type: null,
  field: null,
  sealed_work: null,
  state,
  turn: 1,
  attempts: 0,
  next_attempt_at: null,
  last_error: null,
  result: null,
  count: null,
  retained_until: null,
  legal_ground: null,
  detail: null,
  about: null,
  finished_at: null,
  ...more,
});
const soon = { next_attempt_at: new Date("2026-03-01T12:00:01Z") };
const behind = step("PENDING");
const sent = (letter: string) => step("DONE", { source: "gateway", action: "NOTIFY", record_type: letter });

it.each<[string, RequestStatus, readonly StepRow[], RequestWaitsFor | null]>([
  ["a code that nobody has sent", "AWAITING_IDENTITY", [], "STAFF"],
  ["another code", "AWAITING_IDENTITY", [step("SKIPPED", { action: "NOTIFY" })], "STAFF"],
  ["a code, though a letter was sent", "AWAITING_IDENTITY", [sent("EXTENSION")], "STAFF"],
  ["who asks", "AWAITING_IDENTITY", [sent("RECEIVED")], "PERSON"],
  ["who asks, by a code", "AWAITING_IDENTITY", [sent("IDENTITY_CODE")], "PERSON"],
  ["a decision", "AWAITING_DECISION", [behind], "STAFF"],
  ["its time", "SCHEDULED", [step("PENDING", soon)], "TIME"],
  ["a step at work", "RUNNING", [step("RUNNING"), step("PENDING", soon)], "SYSTEM"],
  ["a step that is due", "RUNNING", [step("PENDING", { next_attempt_at: now }), behind], "SYSTEM"],
  ["a system", "RUNNING", [step("PENDING", { ...soon, last_error: "UNREACHABLE" }), behind], "SYSTEM"],
  ["a system for long", "NEEDS_ATTENTION", [step("PENDING", { ...soon, last_error: "FAILED" })], "SYSTEM"],
  ["the end of a notice", "RUNNING", [step("DONE"), step("PENDING", soon), behind], "TIME"],
  ["what failed, whatever else", "NEEDS_ATTENTION", [step("FAILED"), step("RUNNING")], "STAFF"],
  ["a letter that failed", "AWAITING_IDENTITY", [step("FAILED")], "STAFF"],
  ["nothing any more", "COMPLETED", [step("DONE")], null],
  ["nothing, taken back", "CANCELLED", [step("FAILED")], null],
])("waits for %s", (_, status, steps, expected) => {
  expect(waitsFor({ status }, steps, now)).toBe(expected);
});
