import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { signIn } from "../../../src/demo/identity/client.ts";
import { mfaContext } from "../../../src/demo/identity/settings.ts";
import { gatewaySchema } from "../../../src/graphql/schema.ts";
import type { RegisterParts } from "../../../src/subjects/people.ts";
import { type Answer, type Gateway, type Json, startGateway } from "../../setup/gateway.ts";
import { openRegister } from "../../setup/register.ts";
import { insertRequest, type KeptRequest } from "../../setup/requests.ts";
import { disclose, object, withhold } from "../../setup/standing.ts";
import type { Whom } from "./arguments.ts";
import { type Request, requestOf } from "./deliveries.ts";
import { type EntryPoint, entryPoints } from "./entry-points.ts";
import { type Meaning, naming } from "./naming.ts";
import { accounts, type Caller, callers, rolesClaim, type Target, targets, valuesOf } from "./persons.ts";
import { prune, type Tree, treeOf } from "./selections.ts";
import { stateOf } from "./state.ts";

const { schema } = gatewaySchema();
export const points = entryPoints(schema);
export const pointOf = (name: string): EntryPoint =>
  points.find((point) => point.name === name) ?? expect.fail(name);
/**
 * Everything that can be selected through a field; null: it is a leaf. Of the person of a request all is selected through
 * `request`; elsewhere a little, that not everybody may see, so that it all comes into one operation.
 */
export function treeOfPoint({ name, field }: EntryPoint): Tree | null {
  const tree = treeOf(field.type);
  return tree && name !== "request" ? abridged(tree) : tree;
}

const abridged = (tree: Tree): Tree => ({
  ...tree,
  members: tree.members.map(abridged),
  fields: tree.fields.map(({ below, ...branch }) => ({
    ...branch,
    below: below && (alsoOf.has(branch.coordinate) ? prune(below, little) : abridged(below)),
  })),
});

/** Ways to a person that a request, or what has come up again, is about. */
const alsoOf: ReadonlySet<string> = new Set([
  "DataSubjectRequest.subject",
  "Reappearance.subject",
  "ReappearancePayload.subject",
]);

const little = (coordinate: string) =>
  /^(DataSubject\.(id|crm|events)|CustomerRecord\.(name|enrichments)|Enrichment\.value|AttendeeRecord\.registrations|RegistrationConnection\.edges|RegistrationEdge\.node|Registration\.(event|dietaryNeeds))$/.test(
    coordinate,
  );

export const means = ({ name }: EntryPoint, meaning: Meaning): boolean =>
  Object.values(naming[name] ?? {}).includes(meaning);

/** Ids of a person's requests, and of what waits besides. */
export interface Requests {
  /** One that staff have to look at: `step` has failed. */
  readonly request: string;
  readonly step: string;
  /** An objection to what no member of staff reads for. */
  readonly undecided: string;
  /** One of which it is not established yet who asks. */
  readonly unproven: string;
  /** One that is over and was refused, though `closedStep` was done. */
  readonly closed: string;
  readonly closedStep: string;
  /** A record in which they have come up again after an erasure. */
  readonly reappearance: string;
  /** One by post that asks for erasure, which nobody has acted on. */
  readonly letter: string;
  /** One by post that asks for a copy, which the person has not had. */
  readonly copy: string;
  /** Something that is withheld from them. */
  readonly mark: string;
  /** What was handed over to an authority of them, in secrecy. */
  readonly secret: string;
  /** A retention review that waits to be approved: nobody's, and one for all. */
  readonly review: string;
  /** An erasure that waits for its time; absent: of this person none has been asked for. */
  readonly scheduled: string | undefined;
}

/** Whom an attack names, and what the suite knows of them. */
export interface Named {
  readonly name: string;
  readonly id: string;
  readonly email: string;
  readonly requests: Requests;
  /** Hash of what an erasure of everything would do. */
  readonly plan: string;
  readonly target: Target | null;
  /** All that the person sees of themselves. */
  readonly whole: Json;
}

/** All that an attack can say of somebody, as it is right. */
export const whomOf = ({
  id,
  email,
  plan,
  requests: {
    request,
    undecided,
    unproven,
    step,
    reappearance,
    letter,
    copy,
    mark,
    secret,
    review,
    scheduled,
  },
}: Named): Whom => ({
  id,
  email,
  plan,
  copy,
  mark,
  secret,
  review,
  request,
  undecided,
  unproven,
  step,
  reappearance,
  letter,
  scheduled,
});

/** A gateway whose persons have signed in, so that there is something to attack. */
export interface Stage extends AsyncDisposable {
  readonly gateway: Gateway;
  personOf(target: Pick<Target, "email">): Named;
  /** Kari; of her no erasure has been asked for, so there is none to take back. */
  victimOf(point: EntryPoint): Named;
  /** As it is now. */
  planOf(target: Pick<Target, "email">): Promise<string>;
  /** Of everything that a mutation could change, wherever it is kept. */
  state(): Promise<Readonly<Record<string, string>>>;
  /** Ids that have been merged away, that nobody has, and that are none. */
  readonly strangers: readonly Named[];
  /** What the systems hold of each target and of nobody else. */
  readonly secrets: readonly string[];
  /** By somebody who has signed in strongly, so that nothing is refused for that alone. */
  attack(caller: Pick<Caller, "as">, request: Request): Promise<Answer<Json>>;
  /** No value of any target outside of what was to be shown, save what the request itself says. */
  expectNoLeak(answer: Answer<unknown>, request: Request): void;
}

/** `http`: as in the configuration. */
export async function setStage(http: object = {}): Promise<Stage> {
  await using parts = new AsyncDisposableStack();
  const gateway = parts.use(
    await startGateway({
      accounts,
      http,
      config: (config) => ({
        ...config,
        identity: { ...config.identity, roles: rolesClaim },
        // Nothing changes but by an attack.
        requests: { withdrawalsSeconds: 86_400, liftNoticeSeconds: 1 },
        retention: { yearlyOn: null },
        erasure: { ...config.erasure, stepUp: { ...config.erasure?.stepUp, maxAgeSeconds: 3_600 } },
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
  const nobody = (name: string, id: () => string): Named => ({
    name,
    id: id(),
    email: `${name}@example.com`,
    target: null,
    whole: null,
    plan: "0".repeat(64),
    requests: {
      request: id(),
      step: id(),
      undecided: id(),
      unproven: id(),
      closed: id(),
      closedStep: id(),
      reappearance: id(),
      letter: id(),
      copy: id(),
      mark: id(),
      secret: id(),
      review: id(),
      scheduled: id(),
    },
  });
  const values = await Promise.all(
    Object.values(targets).map(({ email }) => valuesOf(gateway.systemUrls, email)),
  );
  const secrets = values.flat();
  const tokens = new Map<string, Promise<string>>();
  const strongToken = (email: string) => {
    const known = tokens.get(email) ?? signIn({ issuer: gateway.issuer, email, context: mfaContext });
    tokens.set(email, known);
    return known;
  };
  const stack = parts.move();
  return {
    gateway,
    personOf,
    victimOf: (point) => (means(point, "scheduled") ? personOf(targets.eva) : kari),
    strangers: [
      { ...kari, name: "merged", id: merged?.id ?? expect.fail() },
      nobody("unknown", randomUUID),
      nobody("malformed", () => "' or true --"),
    ],
    secrets,
    planOf: ({ email }) => planOf(gateway, email),
    state: () => stateOf(gateway),
    async attack({ as }, { document, variables, purpose = null }) {
      const headers = {
        ...(as !== null && { authorization: `Bearer ${await strongToken(as)}` }),
        ...(purpose !== null && { "innsyn-purpose": purpose }),
      };
      return gateway.query(document, variables, { headers });
    },
    expectNoLeak({ headers, errors }, { document, variables }) {
      const told = `${JSON.stringify(errors ?? [])}\n${[...headers.values()].join("\n")}`;
      const asked = document + JSON.stringify(variables);
      expect(secrets.filter((value) => told.includes(value) && !asked.includes(value))).toEqual([]);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function planOf({ query }: Pick<Gateway, "query">, as: string): Promise<string> {
  const { data, text } = await query<{ me: { erasurePlan: { hash: string } } }>(
    "{ me { erasurePlan { hash } } }",
    {},
    { as },
  );
  return data?.me.erasurePlan.hash ?? expect.fail(text);
}

async function signEverybodyIn(gateway: Gateway): Promise<ReadonlyMap<string, Named>> {
  const selection = treeOfPoint(pointOf("me"));
  const whole = requestOf("Query", [{ alias: "me", field: "me", given: [], selection }], "literal");
  const known = new Map<string, Named>();
  await using register = await openRegister(gateway);
  for (const target of [...Object.values(targets), ...callers.flatMap(({ self }) => self ?? [])]) {
    const { email } = target;
    const ask = async (document: string) => {
      const { data, errors } = await gateway.query<{ me: { id: string } }>(document, {}, { as: email });
      expect(errors).toBeUndefined();
      return (data ?? expect.fail()).me;
    };
    const { id } = await ask("{ me { id } }");
    // Whom nobody has asked to erase yet, so that an attack could.
    const isSpared = email === targets.kari.email;
    const requests = await insertRequests(gateway, register, id, isSpared);
    const plan = await planOf(gateway, email);
    known.set(email, { name: email, id, email, target, requests, plan, whole: await ask(whole.document) });
  }
  return known;
}

async function insertRequests(
  gateway: Gateway,
  register: RegisterParts,
  id: string,
  isSpared: boolean,
): Promise<Requests> {
  const stepOf = async (request: string) => {
    const [step] = await gateway.rows<{ id: string }>("select id from request_step where request_id = $1", [
      request,
    ]);
    return step?.id ?? expect.fail();
  };
  const step = { source: "crm", action: "RECTIFY", field: "NAME" } as const;
  const failed = { ...step, end: { state: "FAILED", result: "FAILED", detail: "CANNOT_CORRECT" } } as const;
  const done = { ...step, end: { state: "DONE", result: "DONE" } } as const;
  const insert = (kept: KeptRequest) => insertRequest(register, id, kept);
  const request = await insert({ kind: "RECTIFICATION", status: "NEEDS_ATTENTION", steps: [failed] });
  const undecided = await insert({ kind: "OBJECTION", status: "AWAITING_DECISION" });
  await object(register, id, undecided, "STATISTICS");
  const closed = await insert({ status: "REFUSED", refusal: `Nei, ${id}.`, steps: [done] });
  const unproven = await insert({ status: "AWAITING_IDENTITY" });
  const letter = await insert({ kind: "ERASURE", status: "AWAITING_DECISION" });
  const copy = await insert({ status: "NEEDS_ATTENTION", steps: [failed] });
  const mark = await withhold(register, id, copy);
  const [again] = await gateway.rows<{ id: string }>(
    `insert into reappearance (id, subject_id, source, record_hash, seen_at)
     values (gen_random_uuid(), $1::uuid, 'crm', md5($1::uuid::text), now()) returning id`,
    [id],
  );
  return {
    request,
    letter,
    copy,
    mark,
    secret: await disclose(register, id, "2998-12-31"),
    review: await reviewToApprove(gateway),
    scheduled: isSpared ? undefined : await insertScheduled(gateway, insert),
    step: await stepOf(request),
    undecided,
    unproven,
    closed,
    closedStep: await stepOf(closed),
    reappearance: again?.id ?? expect.fail(),
  };
}

async function reviewToApprove({ rows }: Pick<Gateway, "rows">): Promise<string> {
  await rows(
    `insert into retention_review (id, as_of, status, counted_at)
     values (gen_random_uuid(), current_date, 'AWAITING_DECISION', now()) on conflict do nothing`,
  );
  const [review] = await rows<{ id: string }>("select id from retention_review where ended_at is null");
  return review?.id ?? expect.fail();
}

/** Without any job: its time never comes. */
async function insertScheduled(
  { rows }: Pick<Gateway, "rows">,
  insert: (kept: KeptRequest) => Promise<string>,
): Promise<string> {
  const step = { source: "gateway", action: "SUPPRESS", recordType: "CONSENTS" } as const;
  const id = await insert({ kind: "ERASURE", status: "SCHEDULED", steps: [step] });
  await rows("insert into erasure (request_id, sources, as_of) values ($1, null, current_date)", [id]);
  await rows("update request set starts_at = now() + interval '2 days' where id = $1", [id]);
  await rows("update request_step set next_attempt_at = now() + interval '2 days' where request_id = $1", [
    id,
  ]);
  return id;
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
