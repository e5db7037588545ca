import { MapperKind, mapSchema } from "@graphql-tools/utils";
import { execute, GraphQLObjectType, type GraphQLSchema, parse } from "graphql";
import { describe, expect, test } from "vitest";
import { inventory } from "../../src/access/inventory.ts";
import type { PersonalLabel } from "../../src/access/labels.ts";
import { applyDirectives } from "../../src/graphql/directives.ts";
import { fieldPoliciesOf } from "../../src/graphql/field-policies.ts";
import { extendIntrospection } from "../../src/graphql/introspection.ts";
import { createOperationCheck } from "../../src/graphql/operation-check.ts";
import { policiesOf } from "../../src/graphql/policies.ts";
import { createRoleViews } from "../../src/graphql/role-views.ts";
import { unguarded } from "../../src/graphql/schema.ts";
import { purposeSummaries } from "../../src/requests/notice.ts";
import { keepingOf } from "../../src/access/holds.ts";
import { madeOf } from "../records/made.ts";
import { callerWith } from "./caller.ts";

const coordinate = "CustomerRecord.jobTitle";
const [typeName, fieldName] = ["CustomerRecord", "jobTitle"] as const;

/** The gateway's schema with one label changed, and all that is computed from it. */
function computedWith(change: Partial<PersonalLabel>) {
  const own = unguarded();
  const before = own.policies.get(coordinate)?.label;
  const schema = mapSchema(own.schema, {
    [MapperKind.OBJECT_FIELD]: (config, field, type) =>
      `${type}.${field}` === coordinate
        ? { ...config, extensions: { ...config.extensions, label: { ...before, ...change } } }
        : undefined,
  });
  const policies = policiesOf(schema);
  applyDirectives(schema, policies);
  extendIntrospection(schema);
  return computedFrom(schema, policies);
}

/** Each of these is to say the same: whoever computes something more from the labels adds it here. */
async function computedFrom(schema: GraphQLSchema, policies: ReturnType<typeof policiesOf>) {
  const check = createOperationCheck(schema, policies, () => true);
  const document = parse(`query ($p: Purpose!) { dataSubject(id: "x", purpose: $p) { crm { jobTitle } } }`);
  const [operation] = document.definitions;
  if (operation?.kind !== "OperationDefinition") throw new Error("no operation");
  const mayRead = (role: "TRAINING" | "SUPPORT", p: string) =>
    check(document, operation, { p }, callerWith([role])).refusal === null;
  const introspected = await execute({
    schema,
    document: parse(
      `{ __type(name: "${typeName}") { fields { name appliedDirectives { name args { name value } } } } }`,
    ),
  });
  if (!introspected.data) throw new Error(String(introspected.errors));
  const { fields } = introspected.data["__type"] as {
    fields: {
      name: string;
      appliedDirectives: { name: string; args: { name: string; value: string }[] }[];
    }[];
  };
  const applied = fields.find(({ name }) => name === fieldName)?.appliedDirectives ?? [];
  const said = (directive: string, argument: string) =>
    applied.find(({ name }) => name === directive)?.args.find(({ name }) => name === argument)?.value;
  const training = createRoleViews(schema, policies)(new Set(["TRAINING"])).getType(typeName);
  const policy = fieldPoliciesOf(policies).find((each) => each.coordinate === coordinate);
  return {
    rule: {
      training: mayRead("TRAINING", "TRAINING_DELIVERY"),
      support: mayRead("SUPPORT", "CUSTOMER_SUPPORT"),
    },
    notice: purposeSummaries(inventory(schema)).find(({ purpose }) => purpose === "TRAINING_DELIVERY"),
    policy,
    record: madeOf(undefined, inventory(schema)).activities.find(
      ({ purpose }) => purpose === "TRAINING_DELIVERY",
    ),
    // Row by row, as the erasure plan asks.
    kept: keepingOf(
      { customerSince: "2020-06-30", lastActivityAt: "2025-12-31" },
      keptLabel(policies),
      "2026-06-01",
    ),
    directive: {
      read: said("access", "read"),
      purposes: said("personalData", "purposes"),
      retention: said("personalData", "retention"),
    },
    shownToTraining: training instanceof GraphQLObjectType && fieldName in training.getFields(),
  };
}

function keptLabel(policies: ReturnType<typeof policiesOf>) {
  const label = policies.get(coordinate)?.label;
  if (label?.kind !== "personal") throw new Error("no label of a person");
  return { ...label, keptBy: [{ ground: "SALES_DOCUMENT" }] as const };
}

describe("one label changed changes everything that is computed from it", () => {
  const period = "P7Y11M";

  test("the access rule, the notice, the records, what an erasure keeps, the field policy, the directive and what a role is shown", async () => {
    const before = await computedWith({});
    const after = await computedWith({
      category: "EMPLOYMENT",
      purposes: ["TRAINING_DELIVERY"],
      retention: { period, after: "customerSince" },
    });

    expect(before.rule).toEqual({ training: false, support: true });
    expect(after.rule).toEqual({ training: true, support: false });

    expect(before.notice?.retention).not.toContain(`${period} after customerSince`);
    expect(after.notice?.retention).toContain(`${period} after customerSince`);

    expect(before.record?.retention).not.toContain(`${period} after customerSince`);
    expect(after.record?.retention).toContain(`${period} after customerSince`);

    expect(before.kept?.until).toBe("2027-12-31");
    expect(after.kept?.until).toBe("2028-05-30");

    expect(before.policy?.readableBy).toEqual(["SUBJECT", "SUPPORT", "DPO"]);
    expect(after.policy).toMatchObject({
      category: "EMPLOYMENT",
      purposes: ["TRAINING_DELIVERY"],
      legalBasis: "CONTRACT",
      retention: `${period} after customerSince`,
      readableBy: ["SUBJECT", "TRAINING", "DPO"],
      writableBy: ["SUBJECT", "DPO"],
    });

    expect(before.directive.read).toBe("[SUBJECT, SUPPORT, DPO]");
    expect(after.directive).toEqual({
      read: "[SUBJECT, TRAINING, DPO]",
      purposes: "[TRAINING_DELIVERY]",
      retention: `"${period} after customerSince"`,
    });

    expect([before.shownToTraining, after.shownToTraining]).toEqual([false, true]);
  });
});
