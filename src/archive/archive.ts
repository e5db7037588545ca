import type { ArchiveContents } from "./contents.ts";
export async function* writeArchive(contents: ArchiveContents): AsyncIterable<Buffer> {
  for (const type of contents.recordTypes)
    for await (const rows of contents.rows(type)) yield Buffer.from(JSON.stringify(rows));
}
