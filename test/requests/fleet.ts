import { type Child, startChild } from "../../src/demo/process/parent.ts";
import type { ReplicaSettings } from "./children/replica.ts";

/** Replicas of the gateway, each a process of its own. */
export interface Fleet extends AsyncDisposable {
  /** Kills one with SIGKILL; resolves when another has taken its place. */
  replace(position: number): Promise<void>;
}

interface Ready {
  readonly url: string;
  readonly pid: number;
}

const entry = new URL("./children/replica.ts", import.meta.url);

export async function openFleet(size: number, settings: ReplicaSettings): Promise<Fleet> {
  const start = () => startChild<ReplicaSettings, Ready>(entry, settings);
  const fleet: Child<Ready>[] = await Promise.all(Array.from({ length: size }, start));
  return {
    async replace(position) {
      const one = fleet[position];
      if (!one) throw new RangeError(`no replica ${position}`);
      process.kill(one.ready.pid, "SIGKILL");
      await one.exited;
      fleet[position] = await start();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(fleet.map((each) => each.stop()));
    },
  };
}
