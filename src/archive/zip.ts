import { Readable } from "node:stream";
import { ZipFile } from "yazl";

export interface ArchiveFile {
  /** Within the archive, with `/` between folders. */
  readonly path: string;
  /** Called when the archive has come to the file: it may speak of what the files before it held. */
  text(): Iterable<string> | AsyncIterable<string>;
}

/** Characters of text that go to the compressor together. */
const together = 32_768;

/**
 * The bytes of the ZIP, made as they are asked for. Whoever stops reading stops the file that is being made; a file
 * that fails ends the reading with its error, and without the central directory, so that what was read is no ZIP.
 */
export async function* zipOf(files: readonly ArchiveFile[], madeAt: Date): AsyncGenerator<Buffer> {
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  const fail = (error: Error) => output.destroy(error);
  let open: Readable | null = null;
  zip.on("error", fail);
  for (const file of files) {
    const options = { mtime: new InUtc(madeAt), mode: 0o100644, compressionLevel: 6 };
    zip.addReadStreamLazy(file.path, options, (opened) => {
      open = Readable.from(encoded(file.text()), { objectMode: false }).once("error", fail);
      opened(null, open);
    });
  }
  zip.end();
  try {
    yield* output;
  } finally {
    if (open !== null) await closed(open);
  }
}

function closed(stream: Readable) {
  return new Promise<void>((resolve) => {
    if (stream.closed) return resolve();
    stream.once("close", resolve);
    stream.destroy();
  });
}

async function* encoded(text: Iterable<string> | AsyncIterable<string>): AsyncGenerator<Buffer> {
  let kept = "";
  for await (const piece of text) {
    kept += piece;
    if (kept.length < together) continue;
    yield Buffer.from(kept);
    kept = "";
  }
  if (kept !== "") yield Buffer.from(kept);
}

/** A ZIP's dates are local ones. Read in UTC, the same contents are the same bytes in every time zone. */
class InUtc extends Date {
  override getFullYear = () => this.getUTCFullYear();
  override getMonth = () => this.getUTCMonth();
  override getDate = () => this.getUTCDate();
  override getHours = () => this.getUTCHours();
  override getMinutes = () => this.getUTCMinutes();
  override getSeconds = () => this.getUTCSeconds();
}
