import { expect, test } from "vitest";
import { grants } from "../../src/access/decide.ts";
import { Purpose, Role } from "../../src/access/vocabulary.ts";
import type { CoordinatePolicy } from "../../src/graphql/policies.ts";
import { gatewaySchema } from "../../src/graphql/schema.ts";

const short: Readonly<Record<Purpose, string>> = {
  ORDER_FULFILMENT: "OF",
  RETURNS_AND_WARRANTY: "RW",
  CUSTOMER_INFORMATION: "CI",
  CUSTOMER_SUPPORT: "CS",
  TRAINING_DELIVERY: "TD",
  EVENT_ADMINISTRATION: "EA",
  NEWSLETTER: "NL",
  PURCHASE_BASED_MARKETING: "PM",
  PARTNER_MARKETING: "PA",
  PROFILE_TAILORING: "PT",
  STATISTICS: "ST",
  TESTING: "TE",
  BOOKKEEPING: "BK",
  DISCLOSURE_TO_AUTHORITIES: "DA",
  DATA_SUBJECT_RIGHTS: "DSR",
  AUDIT: "AU",
};
const roles = Object.values(Role);

const opening = ({ label, within }: CoordinatePolicy, role: Role): string => {
  if (label.kind === "public" || label.kind === "signedIn") return "·";
  if (label.kind === "roles") return label.roles.includes(role) ? "·" : "";
  const purposes = Object.values(Purpose).filter((purpose) =>
    within.some((each) => grants(role, purpose, each)),
  );
  return purposes.map((purpose) => short[purpose]).join(" ");
};

const saying = ({ label }: CoordinatePolicy): string => {
  if (label.kind === "public") return "anybody";
  if (label.kind === "signedIn") return "signed in";
  if (label.kind === "container") return "whoever may read something within";
  if (label.kind === "roles") return label.changes ? "done by a role" : "for a role";
  return [label.category, label.special && "special", label.freeText && "free text"]
    .filter(Boolean)
    .join(", ");
};

const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;

test("who may read what, for which purpose", async () => {
  const rows = [...gatewaySchema().policies]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([coordinate, policy]) =>
      line([coordinate, saying(policy), ...roles.map((role) => opening(policy, role))]),
    );
  const legend = Object.entries(short).map(([purpose, letters]) => `${letters} ${purpose}`);
  const document = [
    "# Who may read what, for which purpose",
    "",
    `One line per coordinate of the schema; a cell names the purposes that open it to the role, · where none is needed. ${legend.join(", ")}.`,
    "",
    line(["coordinate", "says", ...roles]),
    line(Array.from({ length: roles.length + 2 }, () => "---")),
    ...rows,
    "",
  ].join("\n");
  await expect(document).toMatchFileSnapshot("./__snapshots__/matrix.md");
});

test("every coordinate has a policy, and every personal one can be read by the person", () => {
  for (const [coordinate, policy] of gatewaySchema().policies) {
    // Whose records wait to be told apart is not theirs to see before it is settled; a work list is nobody's own.
    const isPersonal = policy.label.kind === "personal" || policy.label.kind === "container";
    if (
      isPersonal &&
      !/^(Query\.requests$|Query\.matchReviews|MatchReview|MatchCandidate|Query\.reappearances|Reappearance|Query\.disclosures|Disclosure\.)/.test(
        coordinate,
      )
    )
      expect.soft(opening(policy, "SUBJECT"), coordinate).toBe("DSR");
  }
});
