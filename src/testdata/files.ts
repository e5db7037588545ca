import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { once } from "node:events";
import type { Row } from "../sources/contract.ts";

export interface Files {
  /** A line of JSON in `DIR/<source>/<recordType>.jsonl`; waits where the disk does. */
  write(source: string, recordType: string, row: Row): Promise<void>;
  /** Writes `manifest.json`, which is there only once everything is. */
  close(manifest: object): Promise<void>;
}

export async function openFiles(folder: string): Promise<Files> {
  await mkdir(folder, { recursive: true });
  const open = new Map<string, WriteStream>();
  return {
    async write(source, recordType, row) {
      const path = join(folder, source, `${recordType}.jsonl`);
      let stream = open.get(path);
      if (!stream) {
        await mkdir(join(folder, source), { recursive: true });
        open.set(path, (stream = createWriteStream(path)));
      }
      if (!stream.write(`${JSON.stringify(row)}\n`)) await once(stream, "drain");
    },
    async close(manifest) {
      for (const stream of open.values()) {
        stream.end();
        await once(stream, "finish");
      }
      const whole = join(folder, "manifest.json");
      await writeFile(`${whole}.part`, `${JSON.stringify(manifest, null, 2)}\n`);
      await rename(`${whole}.part`, whole);
    },
  };
}
