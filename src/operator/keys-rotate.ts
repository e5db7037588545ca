import { addMasterKey, alone, dropMasterKeys } from "../demo/master-key-rotation.ts";
import { openKeyring } from "../store/keyring.ts";
import type { MasterKeys } from "../store/master-keys.ts";
import { keysByMasterKey, rotate, type Rotation } from "../store/rotate.ts";
import { runCommand, say } from "./command.ts";
import { openReached, type Reached, reachGateway } from "./reach.ts";
import { record } from "./record.ts";

const PROGRESS_EVERY_MS = 1_000;

/** @returns whether every key is wrapped with the current master key now */
async function main(): Promise<boolean> {
  const reached = await reachGateway();
  const { demoFolder: folder, databaseUrl } = reached;
  if (folder === null) {
    const done = await rewrapAll(reached);
    if (done) say(afterwards);
    return done;
  }
  return alone(databaseUrl, async () => {
    await addMasterKey(folder);
    say(`A new master key is the first line of ${folder}/master.key; the gateway reads it by itself.`);
    const done = await rewrapAll(reached, (used) => dropMasterKeys(folder, used));
    if (done) say("The previous key stays in the file until the next rotation.");
    return done;
  });
}

const afterwards = `Next, once every replica has this key as INNSYN_MASTER_KEY: take the earlier ones out of
INNSYN_OTHER_MASTER_KEYS. Keep them as long as you keep backups from before this rotation.`;

async function rewrapAll(
  reached: Reached,
  whenComplete?: (used: ReadonlySet<string>) => Promise<void>,
): Promise<boolean> {
  const { masterKeys } = reached;
  const store = await openReached(reached);
  try {
    const rotation = await rotate(store, masterKeys, { onProgress: progress() });
    say(await summary(rotation, masterKeys));
    const complete = rotation.remaining.size === 0;
    if (complete) {
      await whenComplete?.(new Set((await keysByMasterKey(store)).keys()));
      await record(
        { store, keyring: await openKeyring(store, masterKeys) },
        {
          event: "KEYS_ROTATED",
          detail: `${rotation.rewrapped} keys, now under ${(await masterKeys.current()).id}`,
        },
      );
    }
    return complete;
  } finally {
    await store.close(true);
  }
}

function progress(): (rewrapped: number) => void {
  let told = Date.now();
  return (rewrapped) => {
    if (Date.now() - told < PROGRESS_EVERY_MS) return;
    told = Date.now();
    say(`${rewrapped} rewrapped…`);
  };
}

async function summary(
  { rewrapped, remaining, unreadable }: Rotation,
  masterKeys: MasterKeys,
): Promise<string> {
  const { id: current } = await masterKeys.current();
  const lines = [`Keys rewrapped with the current master key ${current}: ${rewrapped}.`];
  for (const [id, count] of remaining) {
    const known = (await masterKeys.byId(id)) !== null;
    const advice = known
      ? "run this again when every replica has the current key as INNSYN_MASTER_KEY"
      : "name that key in INNSYN_OTHER_MASTER_KEYS and run this again";
    lines.push(`Keys still wrapped with ${id}: ${count}; ${advice}.`);
  }
  if (unreadable > 0)
    lines.push(
      `Of them do not open with the key that they name: ${unreadable}; restore those from a backup.`,
    );
  if (remaining.size === 0) lines.push("Keys still wrapped with an earlier one: 0.");
  return lines.join("\n");
}

await runCommand(async () => ((await main()) ? 0 : 1), 1);
