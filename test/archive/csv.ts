/** RFC 4180, with what stands unquoted and empty as null. */
export function parseCsv(text: string): readonly (readonly (string | null)[])[] {
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  const rows: (string | null)[][] = [[]];
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex;
    const match = cell.exec(text);
    if (match === null) throw new Error(`Not RFC 4180 at ${at}: ${JSON.stringify(text.slice(at, at + 80))}`);
    const [, quoted, plain = "", end] = match;
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? (plain === "" ? null : plain));
    if (end === "\r\n") rows.push([]);
  }
  return rows.slice(0, -1);
}

/** As docs/archive.md tells to. */
export const withoutApostrophes = (cell: string) =>
  cell.replace(/(?<=^|[;\t\r\n])'(?='*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20])/g, "");
