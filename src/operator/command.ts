import { BadConfiguration } from "../config/environment.ts";
import { RotationUnderWay } from "../demo/master-key-rotation.ts";
import { DemoNotRunning } from "../demo/running.ts";
import { BrokenJournal } from "../store/erasure-journal.ts";
import { KeysNotRestored } from "../store/keyring.ts";
import { UnknownMasterKey } from "../store/wrapping.ts";

const expected = [
  BadConfiguration,
  BrokenJournal,
  DemoNotRunning,
  KeysNotRestored,
  RotationUnderWay,
  UnknownMasterKey,
];

export const say = (line: string): void => void process.stdout.write(`${line}\n`);

/**
 * The body of a command's entry file. What an operator can mend is told in one line.
 * @param main resolves with the exit code
 * @param failed the exit code where it could not do its work
 */
export async function runCommand(main: () => Promise<number>, failed: number): Promise<void> {
  // Whoever reads the first lines alone (`head`) has read enough.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  try {
    process.exitCode = await main();
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n`);
    process.exitCode = failed;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return expected.some((kind) => error instanceof kind) ? error.message : (error.stack ?? error.message);
}
