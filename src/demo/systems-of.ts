import { databasesOf } from "./databases.ts";
import type { RunningDemo } from "./running.ts";
import { type Demo, mailingUser } from "./start.ts";

/** How another process of the same user reaches the running demo's systems, credentials included. */
export function systemsOf({ run, server }: RunningDemo): Demo["systems"] {
  const { crm, learning, events } = databasesOf(server).systems;
  const url = run.systems?.["mailing"] ?? "";
  return { crm, learning, events, mailing: { ...mailingUser(server), url } };
}
