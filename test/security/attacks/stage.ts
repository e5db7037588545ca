import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { gatewaySchema } from "../../../src/graphql/schema.ts";
import { type Answer, type Gateway, type Json, startGateway } from "../../setup/gateway.ts";
import { type Request, requestOf } from "./deliveries.ts";
import { type EntryPoint, entryPoints } from "./entry-points.ts";
import { accounts, type Caller, callers, rolesClaim, type Target, targets, valuesOf } from "./persons.ts";
import { type Tree, treeOf } from "./selections.ts";

const { schema } = gatewaySchema();
export const points = entryPoints(schema);
export const pointOf = (name: string): EntryPoint =>
  points.find((point) => point.name === name) ?? expect.fail(name);
/** Everything that can be selected through a field; null: it is a leaf. */
export const treeOfPoint = ({ field }: EntryPoint): Tree | null => treeOf(field.type);

/** Whom an attack names, and what the suite knows of them. */
export interface Named {
  readonly name: string;
  readonly id: string;
  readonly email: string;
  readonly target: Target | null;
  /** All that the person sees of themselves. */
  readonly whole: Json;
}

/** A gateway whose persons have signed in, so that there is something to attack. */
export interface Stage extends AsyncDisposable {
  readonly gateway: Gateway;
  personOf(target: Pick<Target, "email">): Named;
  /** Ids that have been merged away, that nobody has, and that are none. */
  readonly strangers: readonly Named[];
  /** What the systems hold of each target and of nobody else. */
  readonly secrets: readonly string[];
  attack(caller: Caller, request: Request): Promise<Answer<Json>>;
  /** No value of any target outside of what was to be shown, save what the request itself says. */
  expectNoLeak(answer: Answer<unknown>, request: Request): void;
}

export async function setStage(): Promise<Stage> {
  await using parts = new AsyncDisposableStack();
  const gateway = parts.use(
    await startGateway({
      accounts,
      config: (config) => ({
        ...config,
        identity: { ...config.identity, roles: rolesClaim },
        searches: { perMinute: 1_000_000, perDay: 1_000_000 },
      }),
    }),
  );
  const registered = await gateway.rows<{ id: string }>("select id from subject");
  const known = await signEverybodyIn(gateway);
  const personOf: Stage["personOf"] = ({ email }) => known.get(email) ?? expect.fail(email);
  const kari = personOf(targets.kari);
  const [merged] = await gateway.rows<{ id: string }>("select id from subject where merged_into = $1", [
    kari.id,
  ]);
  expect(registered.map(({ id }) => id)).toContain(merged?.id);
  const nobody = { target: null, whole: null };
  const values = await Promise.all(
    Object.values(targets).map(({ email }) => valuesOf(gateway.systemUrls, email)),
  );
  const secrets = values.flat();
  const stack = parts.move();
  return {
    gateway,
    personOf,
    strangers: [
      { ...kari, name: "merged", id: merged?.id ?? expect.fail() },
      { name: "unknown", id: randomUUID(), email: "nobody@example.com", ...nobody },
      { name: "malformed", id: "' or true --", email: "nobody2@example.com", ...nobody },
    ],
    secrets,
    attack: (caller, { document, variables }) => gateway.query(document, variables, { as: caller.as }),
    expectNoLeak({ headers, errors }, { document, variables }) {
      const told = `${JSON.stringify(errors ?? [])}\n${[...headers.values()].join("\n")}`;
      const asked = document + JSON.stringify(variables);
      expect(secrets.filter((value) => told.includes(value) && !asked.includes(value))).toEqual([]);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function signEverybodyIn(gateway: Gateway): Promise<ReadonlyMap<string, Named>> {
  const selection = treeOfPoint(pointOf("me"));
  const { document } = requestOf("Query", [{ alias: "me", field: "me", given: [], selection }], "literal");
  const known = new Map<string, Named>();
  for (const target of [...Object.values(targets), ...callers.flatMap(({ self }) => self ?? [])]) {
    const { email } = target;
    const { data, errors } = await gateway.query<{ me: { id: string } }>(document, {}, { as: email });
    expect(errors).toBeUndefined();
    const { me } = data ?? expect.fail();
    known.set(email, { name: email, id: me.id, email, target, whole: me });
  }
  return known;
}

/** Several at once: the ways in for staff end at whole steps of time. */
export async function eachAtOnce<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const waiting = [...items.entries()];
  const run = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await work(next[1], next[0]);
  };
  await Promise.all(Array.from({ length: 8 }, run));
}
