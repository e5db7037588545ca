import { readFile } from "node:fs/promises";
import { signIn } from "../../src/demo/identity/client.ts";
import { mfaContext } from "../../src/demo/identity/settings.ts";
import { type Child, startChild } from "../../src/demo/process/parent.ts";
import type { Json } from "../setup/gateway.ts";
import type { ReplicaSettings } from "./children/replica.ts";
import { impatient, openWorld, type World } from "./world.ts";

/** A gateway whose one replica is a process of its own, which is started again whenever it has been killed. */
export interface Killable extends AsyncDisposable {
  readonly world: World;
  /** What a client is answered; null where the replica was killed meanwhile. */
  ask(
    document: string,
    variables: object,
    as: string,
    more?: { readonly strongly?: true },
  ): Promise<{ readonly [member: string]: Json } | null>;
  /** Has a person who has just signed in strongly ask for everything to be erased. */
  erase(email: string): Promise<void>;
  /** Kills the replica while it ends each of these steps, whose effect has been committed before. Once for each. */
  killAtOwnSteps(steps: readonly OwnStep[]): Promise<void>;
  /** Kills the replica at this moment; another is started. */
  kill(): Promise<void>;
  /** What a replica had begun that was killed is held up for a while, longer each time: it has passed. */
  passTime(): Promise<void>;
  /** Resolves when no request is under way any more. */
  settled(): Promise<void>;
  /** Steps after whose effect the replica has been killed. */
  killed(): Promise<readonly string[]>;
}

/** A step whose effect is in the gateway's own database; the first of its kind that ends. */
export interface OwnStep {
  readonly source: string;
  readonly action: string;
}

interface ReplicaReady {
  readonly url: string;
  readonly pid: number;
}

const entry = new URL("./children/replica.ts", import.meta.url);

/**
 * @param killed where the steps are listed after whose effect it is killed; absent: it is never killed.
 * @param memory as in `ReplicaSettings`.
 */
export async function openKillable(killed?: string, memory?: string): Promise<Killable> {
  const world = await openWorld({ replicas: 0 });
  const { gateway } = world;
  // What a process that is gone was in the middle of ends with it.
  await gateway.rows(
    `do $$ begin execute format('alter database %I set client_connection_check_interval = 100', current_database()); end $$`,
  );
  const settings: ReplicaSettings = {
    addresses: gateway.addresses,
    databaseUrl: gateway.databaseUrl,
    masterKey: gateway.masterKey,
    requests: { ...impatient, stepSeconds: 10, settleMilliseconds: 1_500 },
    ...(killed !== undefined && { killed }),
    ...(memory !== undefined && { memory }),
  };
  let closing = false;
  let replica: Promise<Child<ReplicaReady>> = start();

  /** What a replica had begun when it was killed is held up for a while, longer each time. Here that has passed. */
  const passTime = async (state: "active" | "retry") => {
    await gateway.rows(
      `update pgboss.job set state = 'retry', start_after = least(start_after, now()) - interval '1 hour'
       where name in ('request-step', 'retention-review') and state = $1`,
      [state],
    );
    // Of what is done again and again, one at most waits to be tried anew.
    await gateway.rows(
      `update pgboss.job j set state = 'retry', start_after = least(start_after, now()) - interval '1 hour'
       where (name like 'withdrawals-%' or name = 'policy-notices') and state = $1
         and not exists (select from pgboss.job o where o.name = j.name and o.state = 'retry' and o.id <> j.id)`,
      [state],
    );
    // Nor who was about to be told of a policy.
    if (state === "active") await gateway.rows("update policy_notice set next_attempt_at = now()");
  };

  function start(): typeof replica {
    const starting = startChild<ReplicaSettings, ReplicaReady>(entry, settings);
    const again = async () => {
      if (closing) return;
      await passTime("active");
      replica = start();
    };
    // It may be killed before it is ready.
    starting.then(({ exited }) => exited.then(again), again);
    return starting;
  }

  /** One that has been killed before it was ready is followed by another. */
  const ready = async (): Promise<ReplicaReady> => {
    for (const end = Date.now() + 60_000; Date.now() < end;) {
      const child = await replica.catch(() => null);
      if (child) return child.ready;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("no replica has become ready within a minute");
  };

  const ask: Killable["ask"] = async (document, variables, as, { strongly } = {}) => {
    const { url } = await ready();
    const { issuer } = gateway;
    const token = await (strongly ? signIn({ issuer, email: as, context: mfaContext }) : gateway.token(as));
    try {
      const response = await fetch(`${url}/graphql`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${token}`,
        },
        body: JSON.stringify({ query: document, variables }),
      });
      return (await response.json()) as { readonly [member: string]: Json };
    } catch {
      return null;
    }
  };

  const isAskedFor = async () =>
    (await gateway.rows("select 1 from request where kind = 'ERASURE'")).length > 0;

  return {
    world,
    ask,
    async erase(email) {
      // What else is going on may have the replica killed before it answers.
      while (!(await isAskedFor())) {
        const plan = await ask("{ me { erasurePlan { hash } } }", {}, email);
        const [, planHash] = /"hash":"([^"]+)"/.exec(JSON.stringify(plan)) ?? [];
        await ask(
          "mutation($input: RequestErasureInput!) { requestErasure(input: $input) { __typename } }",
          { input: { planHash } },
          email,
          { strongly: true },
        );
      }
    },
    async killAtOwnSteps(steps) {
      await gateway.rows(`create table if not exists held_up (source text, action text, killed boolean default false);
        create or replace function hold_up() returns trigger language plpgsql as $$ begin
          if exists (select from held_up where source = new.source and action = new.action and not killed) then
            perform pg_advisory_xact_lock(1, hashtext(new.source || new.action));
            perform pg_sleep(10);
          end if;
          return new; end $$;
        create or replace trigger hold_up before update on request_step for each row
          when (old.state = 'RUNNING' and new.state = 'DONE') execute function hold_up()`);
      for (const { source, action } of steps)
        await gateway.rows("insert into held_up (source, action) values ($1, $2)", [source, action]);
      const heldUp = `select source, action from held_up where not killed and exists (
        select from pg_locks where locktype = 'advisory' and classid = 1 and granted
          and objid::bigint = hashtext(source || action)::bigint & 4294967295)`;
      const left = () => gateway.rows("select 1 from held_up where not killed");
      for (const end = Date.now() + 120_000; (await left()).length > 0;) {
        if (Date.now() > end) throw new Error("one of the gateway's own steps has not ended");
        const held = await gateway.rows<OwnStep>(heldUp);
        for (const { source, action } of held)
          await gateway.rows("update held_up set killed = true where (source, action) = ($1, $2)", [
            source,
            action,
          ]);
        if (held.length > 0) process.kill((await ready()).pid, "SIGKILL");
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async kill() {
      process.kill((await ready()).pid, "SIGKILL");
    },
    passTime: () => passTime("retry"),
    async settled() {
      for (const end = Date.now() + 120_000; Date.now() < end;) {
        const open = await gateway.rows(
          "select 1 from request where status in ('RUNNING', 'NEEDS_ATTENTION') limit 1",
        );
        if (open.length === 0) return;
        await passTime("retry");
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      throw new Error("a request is still under way after two minutes");
    },
    async killed() {
      const text = killed === undefined ? "" : await readFile(killed, "utf8").catch(() => "");
      return text.split("\n").filter(Boolean);
    },
    async [Symbol.asyncDispose]() {
      closing = true;
      await replica.then((child) => child.stop()).catch(() => undefined);
      await world[Symbol.asyncDispose]();
    },
  };
}
