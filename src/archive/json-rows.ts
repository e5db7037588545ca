import type { ArchiveRow } from "./contents.ts";

/** A JSON array, one row per line. */
export async function* jsonRows(pages: AsyncIterable<readonly ArchiveRow[]>): AsyncGenerator<string> {
  let before = "[\n";
  for await (const page of pages) {
    if (page.length === 0) continue;
    yield before + page.map((row) => JSON.stringify(row)).join(",\n");
    before = ",\n";
  }
  yield before === "[\n" ? "[]\n" : "\n]\n";
}

export const jsonText = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
