import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { ArchiveFigures } from "./archive-writer.ts";

/** Bytes of resident memory that an archive may take, whatever its size. */
export const mostMemory = 40_000_000;

/**
 * Writes an archive of so many rows in a process of its own, whose heap has room for little: it would else grow to
 * hundreds of megabytes before it is tidied, which says nothing of what is held on to.
 */
export async function measureArchive(rows: number, textLength: number): Promise<ArchiveFigures> {
  const entry = fileURLToPath(new URL("archive-writer.ts", import.meta.url));
  const args = [
    "--max-semi-space-size=4",
    "--max-old-space-size=40",
    entry,
    String(rows),
    String(textLength),
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as ArchiveFigures;
}
