import {
  type DocumentNode,
  execute,
  type ExecutionResult,
  GraphQLFloat,
  GraphQLID,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLSchema,
  GraphQLString,
  Kind,
  parse,
} from "graphql";
import type { Entry } from "../src/access/annotate.ts";
import type { PersonalLabel } from "../src/access/labels.ts";
import { runChild } from "../src/demo/process/child.ts";
import type { Principal } from "../src/subjects/principal.ts";
import { built } from "./built.ts";
import { median } from "./median.ts";

export interface OperationCheckFigures {
  readonly rows: number;
  readonly fields: number;
  /** Milliseconds, medians. */
  readonly unprotected: number;
  readonly guarded: number;
  /** Median of the quotients of neighbouring runs: what else the machine does hurts both of a pair. */
  readonly ratio: number;
}

const [rows, fields] = [1_000, 14];
const pairs = 250;

const label: PersonalLabel = {
  kind: "personal",
  category: "PURCHASE",
  purposes: ["ORDER_FULFILMENT"],
  retention: { period: "P5Y", after: "f0" },
};
const personal = { label };
const names = Array.from({ length: fields }, (_, i) => `f${i}`);
const typeOf = (i: number): GraphQLOutputType => (i % 7 === 6 ? GraphQLFloat : GraphQLString);

const person = {
  id: "5f0c1f0e-0000-4000-8000-000000000000",
  rows: Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(names.map((name, i) => [name, i % 7 === 6 ? row / 8 : `${name} of row ${row}`])),
  ),
};
const principal: Principal = {
  sub: "bench",
  namespace: "bench",
  roles: new Set(["SUBJECT"]),
  identifiers: [],
  authenticatedAt: null,
  authenticationContext: null,
  name: null,
};
const entry: Entry = { as: "own", purpose: "DATA_SUBJECT_RIGHTS" };
const viewer = { as: "own", roles: principal.roles, purpose: entry.purpose };
const context = { principal, self: async () => ({ ...person, viewer }) };

/** (d) What the check and the rules add to the execution of a list of 1,000 rows with 14 fields each. */
runChild(async () => {
  const { createOperationCheck } =
    await built<typeof import("../src/graphql/operation-check.ts")>("graphql/operation-check");
  const { policiesOf } = await built<typeof import("../src/graphql/policies.ts")>("graphql/policies");
  const { guardObjects } = await built<typeof import("../src/graphql/shield.ts")>("graphql/shield");
  const bare = schemaOfRows();
  const policies = policiesOf(bare);
  const guarded = guardObjects(bare, policies);
  const check = createOperationCheck(guarded, policies, () => false);
  const document = parse(`{ me { id rows { ${names.join(" ")} } } }`);
  const operation = document.definitions.find((d) => d.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) throw new Error("no operation");

  const unprotectedRun = () => run(bare, document);
  const guardedRun = () => {
    const { refusal } = check(document, operation, {}, principal);
    if (refusal !== null) throw refusal;
    return run(guarded, document);
  };
  await measure(unprotectedRun, guardedRun);
  return { ready: await measure(unprotectedRun, guardedRun), close: async () => undefined };
});

async function run(schema: GraphQLSchema, document: DocumentNode): Promise<void> {
  const { data, errors }: ExecutionResult = await execute({ schema, document, contextValue: context });
  if (errors !== undefined || data?.["me"] == null) throw new Error("not answered");
}

async function measure(
  unprotectedRun: () => Promise<void>,
  guardedRun: () => Promise<void>,
): Promise<OperationCheckFigures> {
  const times: [unprotected: number, guarded: number][] = [];
  for (let pair = 0; pair < pairs; pair++) {
    // Who goes first alternates: the second of a pair may pay for the garbage of the first.
    if (pair % 2 === 0) times.push([await timed(unprotectedRun), await timed(guardedRun)]);
    else {
      const guarded = await timed(guardedRun);
      times.push([await timed(unprotectedRun), guarded]);
    }
  }
  return {
    rows,
    fields,
    unprotected: median(times.map(([unprotected]) => unprotected)),
    guarded: median(times.map(([, guarded]) => guarded)),
    ratio: median(times.map(([unprotected, guarded]) => guarded / unprotected)),
  };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function schemaOfRows(): GraphQLSchema {
  const row = new GraphQLObjectType({
    name: "Row",
    extensions: personal,
    fields: Object.fromEntries(names.map((name, i) => [name, { type: typeOf(i) }])),
  });
  const subject = new GraphQLObjectType({
    name: "DataSubject",
    fields: {
      id: { type: new GraphQLNonNull(GraphQLID), extensions: { label: { kind: "signedIn" } } },
      rows: { type: new GraphQLList(row), extensions: personal },
    },
  });
  const query = new GraphQLObjectType({
    name: "Query",
    fields: {
      me: {
        type: subject,
        extensions: { label: { kind: "signedIn" }, entry },
        resolve: () => ({ ...person, viewer }),
      },
    },
  });
  return new GraphQLSchema({ query });
}
