import { createHash } from "node:crypto";
import type { ArchiveRow } from "./contents.ts";
import type { ArchiveFile } from "./zip.ts";

export interface WrittenFile {
  readonly path: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

/** What has been written of an archive: what comes late in it says how much came before. */
export class Written {
  readonly files: WrittenFile[] = [];
  readonly #rows = new Map<string, number>();

  /** The file, noted when all of it is written. */
  noting({ path, text }: ArchiveFile): ArchiveFile {
    const { files } = this;
    return {
      path,
      async *text() {
        const hash = createHash("sha256");
        let bytes = 0;
        for await (const piece of text()) {
          hash.update(piece);
          bytes += Buffer.byteLength(piece);
          yield piece;
        }
        files.push({ path, sha256: hash.digest("hex"), bytes });
      },
    };
  }

  /** The rows, counted towards a file as they pass. */
  async *counting(path: string, pages: AsyncIterable<readonly ArchiveRow[]>) {
    this.#rows.set(path, 0);
    for await (const page of pages) {
      this.#rows.set(path, this.rowsOf(path) + page.length);
      yield page;
    }
  }

  rowsOf(path: string): number {
    return this.#rows.get(path) ?? 0;
  }
}
