import { systemKeys as systems } from "../../src/demo/people/person.ts";
import type { World } from "./world.ts";

export interface Dumped {
  /** `system table` and the row as text. */
  readonly place: string;
  readonly line: string;
}

/** Every row of every table of the systems' databases and of the gateway's own. */
export async function dump({ own, gateway }: World): Promise<readonly Dumped[]> {
  const lines: Dumped[] = [];
  const add = async (
    database: string,
    ask: (sql: string) => Promise<readonly { readonly [column: string]: string }[]>,
  ) => {
    const tables =
      await ask(`select quote_ident(schemaname) || '.' || quote_ident(tablename) as name, quote_ident(tablename) as table
      from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`);
    for (const { name, table } of tables)
      for (const { line = "" } of await ask(`select to_jsonb(t)::text as line from ${name} t`))
        lines.push({ place: `${database} ${table}`, line });
  };
  for (const system of systems) await add(system, (sql) => own(system, sql));
  await add("gateway", (sql) => gateway.rows(sql));
  return lines;
}

/** What a text says once its escapes, its bytes and its Base64 are read as well, and a name that is in two columns. */
function readings(line: string): string {
  const unescaped = line
    .replaceAll(/\\+u([\da-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replaceAll("\\/", "/");
  const bytes = [...line.matchAll(/\\\\x((?:[\da-f]{2})+)/g)].map(([, hex = ""]) => Buffer.from(hex, "hex"));
  const encoded = [...line.matchAll(/[\w+/-]{16,}/g)].map(([text]) => Buffer.from(text, "base64"));
  const hidden = [...bytes, ...encoded].flatMap((each) => [each.toString("utf8"), each.toString("latin1")]);
  const [first, last] = ["firstname", "lastname"].map(
    (column) => new RegExp(`"${column}": "([^"]*)"`).exec(line)?.[1] ?? "",
  );
  return [unescaped, `${first} ${last}`, ...hidden].join("\n").normalize("NFC").toLowerCase();
}

function patternOf(value: string): RegExp {
  const digits = value.replaceAll(/\D/g, "");
  const isPhone = /^[\d +]+$/.test(value) && digits.length >= 8 && digits.length <= 12;
  const escaped = isPhone
    ? `(?:(?:00|\\+)?47)?${digits.slice(-8).replaceAll(/\B/g, "[ .-]?")}`
    : value.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  // `anne-kari@…` is another's, and `…@example.com.1712345678` hers.
  return new RegExp(`(?<![\\p{L}\\p{N}_.-])${escaped}(?![\\p{L}\\p{N}_])`, "u");
}

/** Rows that say one of the values, and where. */
export function saying(lines: readonly Dumped[], values: readonly string[]): readonly Dumped[] {
  const patterns = values.map(patternOf);
  return lines.filter(({ line }) => {
    const text = readings(line);
    return patterns.some((pattern) => pattern.test(text));
  });
}

export const idOf = ({ place, line }: Dumped) => `${place} ${line}`;
export const places = (lines: readonly Dumped[]) => [...new Set(lines.map(({ place }) => place))].toSorted();
