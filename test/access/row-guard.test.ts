import { describe, expect, test } from "vitest";
import type { PersonalLabel } from "../../src/access/labels.ts";
import { rowRefusal, type Standing } from "../../src/access/row-guard.ts";
import type { DataCategory, Purpose, Role } from "../../src/access/vocabulary.ts";

const label = (category: DataCategory, source: string, ...more: Purpose[]): PersonalLabel => ({
  kind: "personal",
  category,
  source,
  purposes: ["DATA_SUBJECT_RIGHTS", ...more],
  retention: { period: "P1Y", after: "at" },
});
const name = label("IDENTITY", "crm", "CUSTOMER_SUPPORT", "BOOKKEEPING", "PURCHASE_BASED_MARKETING");
const order = label("PURCHASE", "crm", "ORDER_FULFILMENT", "BOOKKEEPING", "PURCHASE_BASED_MARKETING");
const address = label("CONTACT", "mailing", "NEWSLETTER");
const delivery = label("EMAIL_ENGAGEMENT", "mailing", "NEWSLETTER");
const diet = label("SPECIAL_NEED", "events", "EVENT_ADMINISTRATION");
const { source: _, ...unsourced } = name;

const nothing: Standing = { restrictedIn: new Set(), consents: new Set(), objections: new Set() };
const everywhere: Standing = { ...nothing, restrictedIn: "everywhere" };
const inCrm: Standing = { ...nothing, restrictedIn: new Set(["crm"]) };
const saidYesTo = (...purposes: Purpose[]): Standing => ({ ...nothing, consents: new Set(purposes) });
const as = (purpose: Purpose, ...roles: Role[]) => ({ roles: new Set(roles), purpose });

describe("a restriction (GDPR Art. 18)", () => {
  test.each<[string, ReturnType<typeof as>, readonly PersonalLabel[], Standing, string | null]>([
    ["keeps out support", as("CUSTOMER_SUPPORT", "SUPPORT"), [name], everywhere, "PROCESSING_RESTRICTED"],
    [
      "keeps out marketing, consent or not",
      as("NEWSLETTER", "MARKETING"),
      [address],
      { ...everywhere, consents: new Set(["NEWSLETTER"]) },
      "PROCESSING_RESTRICTED",
    ],
    [
      "lets the data protection officer in",
      as("DATA_SUBJECT_RIGHTS", "DPO"),
      [name, order],
      everywhere,
      null,
    ],
    ["lets accounting in, for bookkeeping", as("BOOKKEEPING", "ACCOUNTING"), [name, order], everywhere, null],
    [
      "lends nobody another role's exemption",
      as("CUSTOMER_SUPPORT", "SUPPORT", "DPO"),
      [name],
      everywhere,
      "PROCESSING_RESTRICTED",
    ],
    [
      "nor accounting's for another purpose",
      as("ORDER_FULFILMENT", "SUPPORT", "ACCOUNTING"),
      [order],
      everywhere,
      "PROCESSING_RESTRICTED",
    ],
    [
      "lets both in for what the exempt may read",
      as("EVENT_ADMINISTRATION", "EVENTS", "DPO"),
      [diet],
      everywhere,
      null,
    ],
    [
      "holds in the source it names",
      as("ORDER_FULFILMENT", "SUPPORT"),
      [order],
      inCrm,
      "PROCESSING_RESTRICTED",
    ],
    ["and in no other", as("EVENT_ADMINISTRATION", "EVENTS"), [diet], inCrm, null],
    [
      "of one source, says nothing of what no source holds",
      as("CUSTOMER_SUPPORT", "SUPPORT"),
      [unsourced],
      inCrm,
      null,
    ],
    [
      "of all, says it of that too",
      as("CUSTOMER_SUPPORT", "SUPPORT"),
      [unsourced],
      everywhere,
      "PROCESSING_RESTRICTED",
    ],
    [
      "is met by one label among many",
      as("NEWSLETTER", "MARKETING"),
      [address, order],
      inCrm,
      "PROCESSING_RESTRICTED",
    ],
    ["keeps nothing from nothing", as("CUSTOMER_SUPPORT", "SUPPORT"), [], everywhere, null],
  ])("%s", (_name, capacity, labels, standing, refusal) => {
    expect(rowRefusal(capacity, labels, standing)).toBe(refusal);
  });
});

describe("a purpose that stands on consent (GDPR Art. 6(1)(a), 7)", () => {
  const newsletter = as("NEWSLETTER", "MARKETING");
  const purchases = as("PURCHASE_BASED_MARKETING", "MARKETING");
  test.each<[string, ReturnType<typeof as>, readonly PersonalLabel[], Standing, string | null]>([
    ["is not served without", newsletter, [delivery], nothing, "CONSENT_REQUIRED"],
    ["is served with it", newsletter, [delivery], saidYesTo("NEWSLETTER"), null],
    [
      "is not served with a yes to another purpose",
      newsletter,
      [delivery],
      saidYesTo("PURCHASE_BASED_MARKETING"),
      "CONSENT_REQUIRED",
    ],
    [
      "nor purchases with a yes to newsletters",
      purchases,
      [order],
      saidYesTo("NEWSLETTER"),
      "CONSENT_REQUIRED",
    ],
    ["purchases with a yes to that", purchases, [order], saidYesTo("PURCHASE_BASED_MARKETING"), null],
    ["goes so far as finding the person without", newsletter, [address], nothing, null],
    ["but not with one field more", newsletter, [address, delivery], nothing, "CONSENT_REQUIRED"],
  ])("%s", (_name, capacity, labels, standing, refusal) => {
    expect(rowRefusal(capacity, labels, standing)).toBe(refusal);
  });

  test("other purposes need none", () => {
    expect(rowRefusal(as("ORDER_FULFILMENT", "SUPPORT"), [order], nothing)).toBeNull();
  });

  test("a restriction is told first", () => {
    expect(rowRefusal(newsletter, [delivery], everywhere)).toBe("PROCESSING_RESTRICTED");
  });
});
