import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { graphql } from "../generated/gql.ts";
import {
  AccessDocument,
  HoldingsDocument,
  ProfileDocument,
  StaffFindDocument,
  StaffReadDocument,
  type TypedDocumentString,
} from "../generated/graphql.ts";
import { type Asked, type Gateway, startGateway } from "../setup/gateway.ts";

const kari = "kari.nordmann@example.com";
const support = "support@intech.example";

const names = graphql(`
  query Names {
    me {
      crm {
        name
      }
      learning {
        name
      }
    }
  }
`);

const orderPage = graphql(`
  query OrderPage($first: Int, $after: String) {
    me {
      crm {
        orders(first: $first, after: $after) {
          edges {
            cursor
            node {
              number
              orderedAt
            }
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  }
`);

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

function ask<Data, Variables extends object>(
  document: TypedDocumentString<Data, Variables>,
  asked: Asked,
  variables?: Variables,
) {
  return gateway.query<Data>(document.toString(), variables, asked);
}

describe("one query, every system", () => {
  test("shows a person what every system holds", async () => {
    const { status, data, errors } = await ask(AccessDocument, { as: kari });
    expect(errors).toBeUndefined();
    expect(status).toBe(200);
    const me = data?.me;
    expect(me?.holdings.map(({ source, state }) => [source, state])).toEqual([
      ["crm", "HELD"],
      ["learning", "HELD"],
      ["mailing", "HELD"],
      ["events", "HELD"],
      ["website", "HELD"],
    ]);
    expect(me?.crm?.name).toBe("Kari Nordmann");
    expect(me?.crm?.orders.edges.length).toBeGreaterThan(0);
    expect(me?.learning?.email).toBe(kari);
    expect(me?.learning?.courses.edges.length).toBeGreaterThan(0);
    expect(me?.mailing?.address).toBe(kari);
    expect(me?.mailing?.deliveries.edges.length).toBeGreaterThan(0);
    expect(me?.events?.registrations.edges.length).toBeGreaterThan(0);
    expect(me?.website?.submissions.edges[0]?.node.fields).toContainEqual({
      name: "Navn",
      value: "Kari Nordmann",
    });
    expect(me?.website?.visits.edges.length).toBeGreaterThan(0);
  });

  test("counts in each system at least what it shows", async () => {
    const { data } = await ask(HoldingsDocument, { as: kari });
    for (const { recordCount } of data?.me?.holdings ?? []) expect(recordCount).toBeGreaterThan(1);
    expect(data?.me?.holdings.flatMap(({ identifiers }) => identifiers)).toContainEqual({
      kind: "EMAIL",
      value: kari,
    });
  });

  test("says where systems disagree on a name, and shows each", async () => {
    const { data } = await ask(ProfileDocument, { as: "ingrid.aas@example.com" });
    const name = data?.me?.profile.name;
    expect(name?.agrees).toBe(false);
    expect(name?.value).toBeNull();
    expect(name?.heldBy.map(({ source, value }) => [source, value])).toEqual(
      expect.arrayContaining([
        ["crm", "Ingrid Aas"],
        ["learning", "Ingrid Lie"],
      ]),
    );
  });

  test("names the system that knows nothing of a person", async () => {
    const { data, errors } = await ask(HoldingsDocument, { as: "ola.nordmann@example.com" });
    expect(errors).toBeUndefined();
    const states = Object.fromEntries(data?.me?.holdings.map(({ source, state }) => [source, state]) ?? []);
    expect(states).toEqual({
      crm: "NOT_HELD",
      learning: "HELD",
      mailing: "NOT_HELD",
      events: "HELD",
      website: "NOT_HELD",
    });
  });

  test("shows neither of two persons that share a mailbox", async () => {
    for (const as of ["anne.berg@example.com", "per.berg@example.com"]) {
      const { data } = await ask(AccessDocument, { as });
      expect(data?.me?.holdings.find(({ source }) => source === "crm")?.state).toBe("NEEDS_REVIEW");
      expect(data?.me?.crm).toBeNull();
    }
  });

  test("pages through orders without gap or repetition", async () => {
    const all = await ask(orderPage, { as: kari }, { first: 500 });
    const numbers = (answer: typeof all) =>
      answer.data?.me?.crm?.orders.edges.map(({ node }) => node.number) ?? [];
    const seen: unknown[] = [];
    let after: string | null = null;
    do {
      const page: typeof all = await ask(orderPage, { as: kari }, { first: 3, after });
      seen.push(...numbers(page));
      const info = page.data?.me?.crm?.orders.pageInfo;
      after = info?.hasNextPage ? info.endCursor : null;
    } while (after !== null);
    expect(seen.length).toBeGreaterThan(3);
    expect(seen).toEqual(numbers(all));
  });
});

describe("who may not", () => {
  test("nobody reads a person without a token", async () => {
    const { status, data, errors } = await ask(names, { as: null });
    expect(status).toBe(401);
    expect(data ?? null).toBeNull();
    expect(errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
  });

  test("an auditor gets no personal field, and is told which were refused", async () => {
    const { data, errors } = await ask(names, { as: "auditor@intech.example" });
    expect(data ?? null).toBeNull();
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "FORBIDDEN",
      coordinates: expect.arrayContaining(["CustomerRecord.name", "LearnerRecord.name"]),
    });
  });
});

describe("staff", () => {
  test("find a person for a purpose, and read what that purpose needs", async () => {
    const found = await ask(StaffFindDocument, { as: support });
    expect(found.errors).toBeUndefined();
    const [match, ...others] = found.data?.findDataSubjects ?? [];
    expect([match?.sources, match?.ambiguous, others]).toEqual([["crm", "website"], false, []]);
    const id = match?.subject.id ?? "";
    const { data, errors } = await ask(StaffReadDocument, { as: support }, { subjectId: id });
    expect(errors).toBeUndefined();
    expect(data?.dataSubject?.id).toBe(id);
    expect(data?.dataSubject?.crm?.name).toBe("Kari Nordmann");
    expect(data?.dataSubject?.crm?.conversations.edges.length).toBeGreaterThan(0);
  });
});

describe("a system that cannot answer", () => {
  test("is named, and the others answer in full", async () => {
    await gateway.open("crm", false);
    try {
      const { status, data, errors } = await ask(AccessDocument, { as: kari });
      expect(status).toBe(200);
      expect(data?.me?.crm).toBeNull();
      expect(data?.me?.learning?.email).toBe(kari);
      expect(data?.me?.mailing?.address).toBe(kari);
      expect(data?.me?.holdings.find(({ source }) => source === "crm")).toMatchObject({
        state: "UNAVAILABLE",
        recordCount: null,
        detail: expect.any(String),
      });
      expect(errors).toContainEqual(
        expect.objectContaining({
          path: ["me", "crm"],
          extensions: expect.objectContaining({ code: "SOURCE_UNAVAILABLE", source: "crm" }),
        }),
      );
    } finally {
      await gateway.open("crm", true);
    }
    const after = await ask(names, { as: kari });
    expect(after.data?.me?.crm?.name).toBe("Kari Nordmann");
  });
});
