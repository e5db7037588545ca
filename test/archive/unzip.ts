import { buffer } from "node:stream/consumers";
import { crc32 } from "node:zlib";
import { type Entry, fromBufferPromise } from "yauzl";

export interface Unzipped {
  /** In the archive's order. */
  readonly entries: readonly Entry[];
  /** The text at a path. @throws when there is none */
  file(path: string): string;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Names, sizes and checksums are verified, and that all is UTF-8. */
export async function unzip(zip: Buffer): Promise<Unzipped> {
  const opened = await fromBufferPromise(zip, { lazyEntries: true, strictFileNames: true });
  const entries: Entry[] = [];
  const texts = new Map<string, string>();
  for await (const entry of opened.eachEntry()) {
    const content = await buffer(await opened.openReadStreamPromise(entry));
    if (crc32(content) !== entry.crc32) throw new Error(`${entry.fileName}: wrong checksum`);
    entries.push(entry);
    texts.set(entry.fileName, utf8.decode(content));
  }
  return {
    entries,
    file: (path) => {
      const found = texts.get(path);
      if (found === undefined) throw new Error(`No ${path} among ${[...texts.keys()].join(" ")}`);
      return found;
    },
  };
}

export async function bytesOf(archive: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks = [];
  for await (const chunk of archive) chunks.push(chunk);
  return Buffer.concat(chunks);
}
