import { readFile } from "node:fs/promises";
import { type Child, startChild } from "../../src/demo/process/parent.ts";
import type { Json } from "../setup/gateway.ts";
import type { ReplicaSettings } from "./children/replica.ts";
import { impatient, openWorld, type World } from "./world.ts";

/** A gateway whose one replica is a process of its own, which is started again whenever it has been killed. */
export interface Killable extends AsyncDisposable {
  readonly world: World;
  /** What a client is answered; null where the replica was killed meanwhile. */
  ask(document: string, variables: object, as: string): Promise<{ readonly [member: string]: Json } | null>;
  /** Kills the replica while it ends a step of the gateway's own, whose effect has been committed before. Once. */
  killAtOwnStep(): Promise<void>;
  /** Resolves when no request is under way any more. */
  settled(): Promise<void>;
  /** Steps after whose effect the replica has been killed. */
  killed(): Promise<readonly string[]>;
}

interface ReplicaReady {
  readonly url: string;
  readonly pid: number;
}

const entry = new URL("./children/replica.ts", import.meta.url);

/** @param killed where the steps are listed after whose effect it is killed; absent: it is never killed. */
export async function openKillable(killed?: string): Promise<Killable> {
  const world = await openWorld({ replicas: 0 });
  const { gateway } = world;
  const settings: ReplicaSettings = {
    addresses: gateway.addresses,
    databaseUrl: gateway.databaseUrl,
    masterKey: gateway.masterKey,
    requests: { ...impatient, stepSeconds: 10, settleMilliseconds: 1_500 },
    ...(killed !== undefined && { killed }),
  };
  let closing = false;
  let replica: Promise<Child<ReplicaReady>> = start();

  /** What a replica had begun when it was killed is held up for a while, longer each time. Here that has passed. */
  const passTime = (state: "active" | "retry") =>
    gateway.rows(
      `update pgboss.job set started_on = started_on - interval '1 hour', start_after = start_after - interval '1 hour'
       where name = 'request-step' and state = $1`,
      [state],
    );

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

  return {
    world,
    async ask(document, variables, as) {
      const { url } = (await replica).ready;
      try {
        const response = await fetch(`${url}/graphql`, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            authorization: `Bearer ${await gateway.token(as)}`,
          },
          body: JSON.stringify({ query: document, variables }),
        });
        return (await response.json()) as { readonly [member: string]: Json };
      } catch {
        return null;
      }
    },
    async killAtOwnStep() {
      await gateway.rows(`create table held_up ();
        create function hold_up() returns trigger language plpgsql as $$
          begin if not exists (select from held_up) then perform pg_sleep(5); end if; return new; end $$;
        create trigger hold_up before update on request_step for each row
          when (new.source = 'gateway' and new.action = 'RESTRICT' and new.state = 'DONE') execute function hold_up()`);
      const isHeldUp =
        "select 1 from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()";
      for (const end = Date.now() + 60_000; (await gateway.rows(isHeldUp)).length === 0;) {
        if (Date.now() > end) throw new Error("no step of the gateway's own has ended");
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await gateway.rows("insert into held_up default values");
      process.kill((await replica).ready.pid, "SIGKILL");
    },
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
