import { describe, expect, test } from "vitest";
import { grants, mayRead, readersOf } from "../../src/access/decide.ts";
import { legalBasisOf, type PersonalLabel } from "../../src/access/labels.ts";
import { legalBases, policy } from "../../src/access/policy.ts";
import { describeRetention } from "../../src/access/retention.ts";
import { DataCategory, LegalBasis, Purpose, Role } from "../../src/access/vocabulary.ts";

const order: PersonalLabel = {
  kind: "personal",
  source: "crm",
  category: "PURCHASE",
  purposes: ["ORDER_FULFILMENT", "BOOKKEEPING", "PURCHASE_BASED_MARKETING"],
  retention: { period: "P5Y", after: "orderedAt", fromEndOfAccountingYear: true },
};
const roles = Object.values(Role);
const purposes = Object.values(Purpose);

describe("a grant", () => {
  test("needs the category in the table and the purpose in the label", () => {
    expect(grants("ACCOUNTING", "BOOKKEEPING", order)).toBe(true);
    expect(grants("ACCOUNTING", "BOOKKEEPING", { ...order, category: "CONVERSATION" })).toBe(false);
    expect(grants("ACCOUNTING", "BOOKKEEPING", { ...order, purposes: ["ORDER_FULFILMENT"] })).toBe(false);
    expect(grants("ACCOUNTING", "ORDER_FULFILMENT", order)).toBe(false);
  });

  test("to the person's rights needs no purpose in the label: the law adds it to every record", () => {
    expect(grants("SUBJECT", "DATA_SUBJECT_RIGHTS", order)).toBe(true);
    expect(grants("SUBJECT", "ORDER_FULFILMENT", order)).toBe(false);
  });

  test("is narrowed by onlyFor and by free text", () => {
    expect(grants("ACCOUNTING", "BOOKKEEPING", { ...order, onlyFor: ["DPO"] })).toBe(false);
    expect(grants("MARKETING", "PURCHASE_BASED_MARKETING", order)).toBe(true);
    expect(grants("MARKETING", "PURCHASE_BASED_MARKETING", { ...order, freeText: true })).toBe(false);
    expect(grants("ACCOUNTING", "BOOKKEEPING", { ...order, freeText: true })).toBe(true);
  });
});

describe("a capacity", () => {
  test("of several roles reads what any of them reads, for the purpose stated", () => {
    const both = new Set<Role>(["TRAINING", "ACCOUNTING"]);
    expect(mayRead({ roles: both, purpose: "BOOKKEEPING" }, order)).toBe(true);
    expect(mayRead({ roles: both, purpose: "TRAINING_DELIVERY" }, order)).toBe(false);
  });

  test("of no role reads nothing", () => {
    for (const purpose of purposes) expect(mayRead({ roles: new Set(), purpose }, order)).toBe(false);
  });
});

describe("the policy table", () => {
  test("gives the auditor nothing of any person", () => {
    for (const category of Object.values(DataCategory)) {
      const label: PersonalLabel = { ...order, category, purposes: [...purposes] as [Purpose, ...Purpose[]] };
      expect(readersOf(label)).not.toContain("AUDITOR");
    }
  });

  test("gives special categories of data (GDPR Art. 9) to the person, the organisers and the DPO", () => {
    expect(readersOf({ ...order, category: "SPECIAL_NEED", purposes: ["EVENT_ADMINISTRATION"] })).toEqual([
      "SUBJECT",
      "EVENTS",
      "DPO",
    ]);
  });

  test("gives no staff role a purpose that the policy does not name for its work", () => {
    const unused: Purpose[] = [
      "PARTNER_MARKETING",
      "STATISTICS",
      "TESTING",
      "DISCLOSURE_TO_AUTHORITIES",
      "PROFILE_TAILORING",
    ];
    for (const role of roles) for (const purpose of unused) expect(policy[role][purpose]).toBeUndefined();
  });

  test("stands on a ground of Art. 6 for every purpose", () => {
    expect(Object.keys(legalBases).sort()).toEqual([...purposes].sort());
    for (const basis of Object.values(legalBases)) expect(LegalBasis).toHaveProperty(basis);
    expect(legalBasisOf(order)).toBe("CONTRACT");
    expect(legalBasisOf({ ...order, purposes: ["BOOKKEEPING"] })).toBe("LEGAL_OBLIGATION");
  });
});

test("whoever is signed in may read what says nothing of a person", () => {
  expect(readersOf({ kind: "public" })).toEqual(roles);
  expect(readersOf({ kind: "signedIn" })).toEqual(roles);
});

test("retention is told as the directive prints it", () => {
  expect(describeRetention({ period: "P2Y", after: "lastActivityAt" })).toBe("P2Y after lastActivityAt");
  expect(describeRetention(order.retention)).toBe("P5Y after end of accounting year of orderedAt");
});

test("the vocabulary cannot be changed while running", () => {
  expect(() => Object.assign(Role, { ROOT: "ROOT" })).toThrow(TypeError);
});
