import { parseArgs } from "node:util";
import { BadConfiguration } from "../config/environment.ts";
import { replaying } from "../requests/replay-erasure.ts";
import { erasureJournal } from "../store/erasure-journal.ts";
import { openKeyring } from "../store/keyring.ts";
import { createPersonKeys } from "../store/person-keys.ts";
import { migrate } from "../store/store.ts";
import type { RegisterParts } from "../subjects/people.ts";
import { forgetWithoutKey, replayErasures, withoutKey } from "../subjects/replay.ts";
import { runCommand, say } from "./command.ts";
import { openReached, reachGateway } from "./reach.ts";
import { record } from "./record.ts";

const usage = `Usage: npm run erasures:replay [-- --forget-unreadable]
Carries over what has been erased since the backup that the database was restored from, as ERASURE_JOURNAL has it. Run it
before the gateway is started. It may be killed and begun again. Exit code 0: nothing is left to do, 1: something is.
  --forget-unreadable  lets go what is sealed for persons whose key is nowhere`;

/** @returns whether nothing is left to do */
async function main(): Promise<boolean> {
  const { forgetUnreadable } = options();
  const reached = await reachGateway();
  const { erasureJournal: folder, masterKeys } = reached;
  if (folder === undefined)
    throw new BadConfiguration(
      "Set ERASURE_JOURNAL, as for the gateway: the folder that has what was erased.",
    );
  const store = await openReached(reached);
  try {
    await migrate(store);
    const keyring = await openKeyring(store, masterKeys);
    const register = { store, keyring, personKeys: createPersonKeys(masterKeys) };
    const journal = erasureJournal(folder, keyring.key("erasures"));
    const { known, reopened, restored } = await replayErasures(register, journal, replaying);
    say(`Erasures in the journal: ${known + reopened + restored}.`);
    say(`Known here already: ${known}.`);
    say(`The person was back, and is erased once more as soon as the gateway runs: ${reopened}.`);
    say(`Nothing could be read of the person; what is to be known of the erasure is back: ${restored}.`);
    if (reopened + restored > 0)
      await record(register, {
        event: "ERASURES_REPLAYED",
        detail: `${reopened} to be carried out again, ${restored} written down again`,
      });
    return await settleUnreadable(register, forgetUnreadable);
  } finally {
    await store.close(true);
  }
}

function options(): { readonly forgetUnreadable: boolean } {
  try {
    const { values } = parseArgs({ options: { "forget-unreadable": { type: "boolean", default: false } } });
    return { forgetUnreadable: values["forget-unreadable"] };
  } catch {
    throw new BadConfiguration(usage);
  }
}

/** Who was merged into another since the backup has no key; and so has everybody where the wrong keys were restored. */
async function settleUnreadable(register: RegisterParts, forget: boolean): Promise<boolean> {
  const ids = await withoutKey(register);
  if (ids.length === 0) return true;
  if (!forget) {
    say(
      `Persons whose key is nowhere: ${ids.length}. Are the keys in this database the newest that there are? If so, run ` +
        "this again with -- --forget-unreadable: what is sealed for these persons can never be read again. If not, restore the newest keys first.",
    );
    return false;
  }
  for (const id of ids) await forgetWithoutKey(register, id);
  say(`Persons whose key is nowhere, and of whom what could not be read is gone: ${ids.length}.`);
  await record(register, { event: "ERASURES_REPLAYED", detail: `${ids.length} without a key` });
  return true;
}

await runCommand(async () => ((await main()) ? 0 : 1), 1);
