import { MapperKind, mapSchema } from "@graphql-tools/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Role } from "../../src/access/vocabulary.ts";
import { policiesOf } from "../../src/graphql/policies.ts";
import { gatewaySchema, unguarded } from "../../src/graphql/schema.ts";
import { type Gateway, startGateway } from "../setup/gateway.ts";

const kari = "kari.nordmann@example.com";
let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

interface Policy {
  readonly coordinate: string;
  readonly category: string | null;
  readonly purposes: readonly string[];
  readonly legalBasis: string | null;
  readonly retention: string | null;
  readonly source: string | null;
  readonly special: boolean;
  readonly readableBy: readonly string[];
  readonly writableBy: readonly string[];
}
const fields = "coordinate category purposes legalBasis retention source special readableBy writableBy";
async function policies(type: string | null = null): Promise<readonly Policy[]> {
  const { data, errors } = await gateway.query<{ fieldPolicies: readonly Policy[] }>(
    `query ($type: String) { fieldPolicies(type: $type) { ${fields} } }`,
    { type },
    { as: "auditor@intech.example" },
  );
  expect(errors).toBeUndefined();
  return data?.fieldPolicies ?? expect.fail();
}
const of = async (coordinate: string) =>
  (await policies()).find((each) => each.coordinate === coordinate) ?? expect.fail(coordinate);

test("every coordinate that the gate knows has its policy, by name", async () => {
  expect((await policies()).map(({ coordinate }) => coordinate)).toEqual(
    [...gatewaySchema().policies.keys()].sort(),
  );
});

test("a personal field says what its label says", async () => {
  expect(await of("Registration.dietaryNeeds")).toEqual({
    coordinate: "Registration.dietaryNeeds",
    category: "SPECIAL_NEED",
    purposes: ["EVENT_ADMINISTRATION"],
    legalBasis: "CONTRACT",
    retention: expect.stringMatching(/^P\w+ after startsAt$/),
    source: "events",
    special: true,
    readableBy: ["SUBJECT", "EVENTS", "DPO"],
    writableBy: [],
  });
});

test("what says nothing of a person says who may have it", async () => {
  expect(await of("Controller.name")).toMatchObject({
    category: null,
    purposes: [],
    legalBasis: null,
    retention: null,
    source: null,
    special: false,
    readableBy: Object.values(Role),
  });
  expect(await of("Query.auditTrail")).toMatchObject({ readableBy: ["AUDITOR", "DPO"] });
});

test("what a mutation changes can be changed by those who may call it", async () => {
  const writers = new Map((await policies()).map(({ coordinate, writableBy }) => [coordinate, writableBy]));
  for (const [coordinate, roles] of [
    ["CustomerRecord.jobTitle", ["SUBJECT", "DPO"]],
    ["SubscriberRecord.address", ["SUBJECT", "DPO"]],
    ["Consent.status", ["SUBJECT", "DPO"]],
    ["Order.statements", ["SUBJECT", "DPO"]],
    ["DataSubjectRequest.dueAt", ["DPO"]],
    ["Mutation.extendDeadline", ["DPO"]],
    ["CustomerRecord.customerNumber", []],
    ["Order.total", []],
    ["AuditEntry.event", []],
  ] as const)
    expect(writers.get(coordinate), coordinate).toEqual(roles);
});

test("a mutation that says that it changes what there is not stops the start", () => {
  const schema = mapSchema(unguarded().schema, {
    [MapperKind.MUTATION_ROOT_FIELD]: (config, field) =>
      field === "setConsent"
        ? { ...config, extensions: { ...config.extensions, changed: ["Consent.stauts"] } }
        : undefined,
  });
  expect(() => policiesOf(schema)).toThrow("Mutation.setConsent says that it changes Consent.stauts");
});

/** What the systems hold of Kari, coordinate by coordinate. */
async function held(): Promise<ReadonlyMap<string, string>> {
  const records = {
    crm: [
      "CustomerRecord",
      "customerNumber name email phone jobTitle organisation postalAddress customerSince",
    ],
    learning: ["LearnerRecord", "username name email jobTitle organisation createdAt"],
    mailing: ["SubscriberRecord", "address status name"],
    events: ["AttendeeRecord", "name email phone"],
  } as const;
  const document = `{ me { ${Object.entries(records)
    .map(([branch, [, names]]) => `${branch} { ${names} }`)
    .join(" ")} } }`;
  const { data, errors } = await gateway.query<{ me: Record<string, Record<string, string | null>> }>(
    document,
    {},
    { as: kari },
  );
  expect(errors).toBeUndefined();
  return new Map(
    Object.entries(records).flatMap(([branch, [type]]) =>
      Object.entries(data?.me[branch] ?? {}).map(
        ([field, value]) => [`${type}.${field}`, String(value)] as const,
      ),
    ),
  );
}

test("whatever a person's correction has changed anywhere, they may change by the policy", async () => {
  const before = await held();
  const changes = [
    { field: "NAME", value: "Kari Nordmann Berg" },
    { field: "PHONE", value: "+47 91 23 45 67" },
    { field: "JOB_TITLE", value: "Forsker" },
    { field: "ORGANISATION", value: "Nordlys AS" },
    { field: "POSTAL_ADDRESS", value: "Storgata 1, 0155 Oslo" },
  ];
  const { data, errors } = await gateway.query<{ rectify: { request?: { id: string } } }>(
    "mutation ($changes: [FieldChange!]!) { rectify(input: { changes: $changes }) { ... on RectifyPayload { request { id } } } }",
    { changes },
    { as: kari },
  );
  expect(errors).toBeUndefined();
  expect(data?.rectify.request).toBeDefined();
  const changed = async () => {
    const after = await held();
    return [...before]
      .filter(([coordinate, value]) => after.get(coordinate) !== value)
      .map(([coordinate]) => coordinate);
  };
  await expect.poll(async () => (await changed()).length, { timeout: 10_000 }).toBeGreaterThan(6);
  const writable = new Map((await policies()).map(({ coordinate, writableBy }) => [coordinate, writableBy]));
  for (const coordinate of await changed()) expect(writable.get(coordinate), coordinate).toContain("SUBJECT");
});

test("of one type alone; of none that there is, it is refused rather than nothing told", async () => {
  const some = await policies("CustomerRecord");
  expect(some.length).toBeGreaterThan(8);
  expect(some.every(({ coordinate }) => coordinate.startsWith("CustomerRecord."))).toBe(true);
  for (const type of ["CustomerRecrod", "Role", "RectifyInput", ""]) {
    const { data, errors, text } = await gateway.query(
      "query ($type: String) { fieldPolicies(type: $type) { coordinate } }",
      { type },
      { as: "dpo@intech.example" },
    );
    expect(data ?? null).toBeNull();
    expect(errors?.[0]?.extensions).toEqual({ code: "BAD_USER_INPUT", argument: "type", reason: "UNKNOWN" });
    expect(text).not.toContain("Recrod");
  }
});
