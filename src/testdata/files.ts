import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import type { Row } from "../sources/contract.ts";

export interface Files {
  /** A line of JSON for `DIR/<source>/<recordType>.jsonl`; waits where the disk does. */
  write(source: string, recordType: string, row: Row): Promise<void>;
  /** All of the source is written: `DIR/<source>` is there from now on, whole. */
  finish(source: string): Promise<void>;
  /** Of a source that is not finished nothing is left. */
  discard(source: string): Promise<void>;
  /** Writes `manifest.json`, which is there only once everything is. */
  close(manifest: object): Promise<void>;
}

export async function openFiles(folder: string): Promise<Files> {
  await mkdir(folder, { recursive: true });
  const open = new Map<string, Map<string, WriteStream>>();
  const partOf = (source: string) => join(folder, `${source}.part`);
  const streamOf = async (source: string, recordType: string): Promise<WriteStream> => {
    const streams = open.get(source) ?? new Map<string, WriteStream>();
    const known = streams.get(recordType);
    if (known) return known;
    if (streams.size === 0) await mkdir(partOf(source), { recursive: true });
    open.set(source, streams);
    const stream = createWriteStream(join(partOf(source), `${recordType}.jsonl`));
    // What goes wrong between two rows is told by the next, or at the end.
    stream.on("error", () => {});
    streams.set(recordType, stream);
    return stream;
  };
  return {
    async write(source, recordType, row) {
      const stream = await streamOf(source, recordType);
      if (stream.errored) throw stream.errored;
      if (!stream.write(`${JSON.stringify(row)}\n`)) await once(stream, "drain");
    },
    async finish(source) {
      const streams = open.get(source);
      if (!streams) return;
      for (const stream of streams.values()) await finished(stream.end());
      await rename(partOf(source), join(folder, source));
      open.delete(source);
    },
    async discard(source) {
      for (const stream of open.get(source)?.values() ?? []) {
        stream.destroy();
        // A file that is open yet would be there again; what went wrong with it has been told.
        await finished(stream).catch(() => {});
      }
      open.delete(source);
      await rm(partOf(source), { recursive: true, force: true });
    },
    async close(manifest) {
      const whole = join(folder, "manifest.json");
      await writeFile(`${whole}.part`, `${JSON.stringify(manifest, null, 2)}\n`);
      await rename(`${whole}.part`, whole);
    },
  };
}
