import { mkdir } from "node:fs/promises";
import { join } from "node:path";

/** Where the demo journals erasures: beside all else that it keeps, unless the environment says where. */
export async function demoErasureJournal(folder: string, elsewhere: string | undefined): Promise<string> {
  if (elsewhere !== undefined) return elsewhere;
  const own = join(folder, "erasures");
  await mkdir(own, { recursive: true, mode: 0o700 });
  return own;
}
