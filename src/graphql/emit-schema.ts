import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { printGatewaySchema } from "./print.ts";

/** The same two levels up from src/graphql and from dist/graphql. */
const file = new URL("../../schema.graphql", import.meta.url);

const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const printed = printGatewaySchema();
if (values.check) {
  const kept = await readFile(file, "utf8").catch(() => "");
  if (kept !== printed) {
    const differences = [...without(kept, printed, "-"), ...without(printed, kept, "+")];
    process.stderr.write(
      `schema.graphql is not what the code says. Look whether that was meant; then: npm run schema\n${differences.join("\n")}\n`,
    );
    process.exitCode = 1;
  }
} else {
  await writeFile(file, printed);
}

/** The lines of one schema that the other has not, each after the type it stands in. */
function without(schema: string, other: string, sign: "+" | "-"): string[] {
  const known = new Set(placed(other));
  return placed(schema)
    .filter((line) => !known.has(line))
    .map((line) => `${sign} ${line}`);
}

function placed(schema: string): string[] {
  let type = "";
  return schema.split("\n").map((line) => {
    if (/^\w+ /.test(line)) type = line.split(" ")[1] ?? "";
    return line.startsWith(" ") ? `${type}: ${line.trim()}` : line;
  });
}
