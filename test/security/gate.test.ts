import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gatewaySchema } from "../../src/graphql/schema.ts";
import { pathsBelow, selectionOf } from "../access/paths.ts";
import { type Gateway, startGateway } from "../setup/gateway.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

const kari = "kari.nordmann@example.com";
const { schema, policies } = gatewaySchema();
const paths = pathsBelow(schema, "DataSubject").map(({ coordinate, fields }) => ({
  coordinate,
  document: `{ me ${selectionOf(schema, "DataSubject", fields)} }`,
  personal: !["public", "signedIn"].includes(policies.get(coordinate)?.label.kind ?? ""),
  // The way to a harmless field of a record leads through fields that are not.
  throughPersonal: fields.length > 1 && !fields.includes("notice"),
}));

describe("every field of a person, asked for alone", () => {
  test("is answered to the person", async () => {
    for (const { document } of paths) {
      const { status, errors } = await gateway.query(document, {}, { as: kari });
      expect({ document, status, errors }).toEqual({ document, status: 200, errors: undefined });
    }
    // Some hundred operations.
  }, 60_000);

  test.each(["auditor", "support", "dpo"])(
    "is refused to %s@ where it says something of the person",
    async (role) => {
      for (const { document, coordinate, personal, throughPersonal } of paths) {
        const { status, data, errors } = await gateway.query(document, {}, { as: `${role}@intech.example` });
        if (!personal && !throughPersonal) {
          expect({ document, data }).toEqual({ document, data: { me: null } });
          continue;
        }
        expect({ document, status, data: data ?? null }).toEqual({ document, status: 403, data: null });
        if (personal) expect(errors?.[0]?.extensions["coordinates"]).toContain(coordinate);
      }
    },
  );
});

test("one document, many callers at once: each gets the answer that is theirs", async () => {
  const document = "query Shared { me { id crm { email } } }";
  const callers: readonly (readonly [string | null, number, string | undefined])[] = [
    [kari, 200, kari],
    ["support@intech.example", 403, undefined],
    [null, 401, undefined],
    ["stor.leser@example.com", 200, "stor.leser@example.com"],
    ["auditor@intech.example", 403, undefined],
  ];
  const asked = Array.from({ length: 100 }, (_, i) => callers[i % callers.length] ?? expect.fail());
  const answers = await Promise.all(
    asked.map(([as]) => gateway.query<{ me: { id: string; crm: { email: string } } }>(document, {}, { as })),
  );
  answers.forEach(({ status, data }, i) => {
    const [, expected, email] = asked[i] ?? expect.fail();
    expect(status).toBe(expected);
    expect(data?.me.crm.email).toBe(email);
  });
  expect(new Set(answers.map(({ data }) => data?.me.id)).size).toBe(3);
});

test("of several operations the one that is named is judged, run and recorded", async () => {
  const document = "query Public { controller { name } } query Own { me { crm { email } } }";
  const asked = async (operationName: string, as: string | null) =>
    (await gateway.query(document, {}, { as, operationName })).status;
  expect(await asked("Public", null)).toBe(200);
  expect(await asked("Own", null)).toBe(401);
  expect(await asked("Own", "auditor@intech.example")).toBe(403);
  expect(await asked("Own", kari)).toBe(200);
  expect(await asked("Other", kari)).toBe(400);
  expect((await gateway.query(document, {}, { as: kari })).status).toBe(400);
});

test.each([
  ["nb-NO,nb;q=0.9,en;q=0.8", "Du har ikke tilgang"],
  ["nn", "Du har ikkje tilgang"],
  ["en-GB", "You may not read"],
  ["de", "You may not read"],
])("a caller who asks for %s is refused in that language, or in English", async (language, start) => {
  const asked = { as: "support@intech.example", headers: { "accept-language": language } };
  const { errors } = await gateway.query("{ me { crm { email } } }", {}, asked);
  expect(errors?.[0]?.message.startsWith(start)).toBe(true);
});

test("a fault of ours says nothing of itself, and the log has it under its reference", async () => {
  await gateway.rows("alter table subject rename to gone");
  try {
    // Somebody who has not been here before must be given a name, and cannot.
    const { text, data, errors } = await gateway.query("{ me { id } }", {}, { as: "eva.enebo@example.com" });
    expect(data).toEqual({ me: null });
    const extensions = errors?.[0]?.extensions;
    expect(extensions).toEqual({ code: "INTERNAL", reference: expect.any(String) });
    expect(text).not.toMatch(/relation|subject"|insert|postgres/i);
    const line = gateway.lines.find((each) => each.includes(String(extensions?.["reference"])));
    expect(line).toContain("42P01");
    expect(line).not.toMatch(/enebo/i);
  } finally {
    await gateway.rows("alter table gone rename to subject");
  }
});
