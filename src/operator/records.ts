import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { inventory } from "../access/inventory.ts";
import { BadConfiguration, readEnvironment } from "../config/environment.ts";
import { loadConfig, validateConfig } from "../config/load.ts";
import { recordsIn } from "../config/records.ts";
import { nowhere } from "../demo/nowhere.ts";
import { demoConfig } from "../demo/organisation.ts";
import { unguarded } from "../graphql/schema.ts";
import { type Language, languages } from "../language/language.ts";
import { recordsDocuments } from "../records/documents.ts";
import { runCommand, say } from "./command.ts";

const formats = Object.keys(recordsDocuments) as (keyof typeof recordsDocuments)[];

const usage = `Usage: npm run --silent records -- [--language ${languages.join("|")}] [--format ${formats.join("|")}] [DIR]
The records of processing activities (GDPR Art. 30(1)), of the organisation that INNSYN_CONFIG describes, or the demo's. Nothing is
asked of a database or a system. With DIR every form is written there; without it one goes to standard output.
  --language  nb, unless said otherwise; the JSON-LD has all
  --format    of what goes to standard output: jsonld, unless said otherwise`;

async function records() {
  const env = readEnvironment();
  const config = validateConfig(
    env.own === null ? demoConfig(nowhere) : await loadConfig(env.own.configPath),
    env,
  );
  return recordsIn(config, inventory(unguarded().schema));
}

await runCommand(async () => {
  const { language, format, folder } = options();
  const all = await records();
  const madeAt = new Date();
  if (folder === undefined) {
    process.stdout.write(recordsDocuments[format].write(all, language, madeAt));
    return 0;
  }
  await mkdir(folder, { recursive: true });
  for (const { fileName, write } of Object.values(recordsDocuments)) {
    const file = join(folder, fileName);
    await writeFile(file, write(all, language, madeAt));
    say(file);
  }
  return 0;
}, 1);

function options() {
  const { values, positionals } = given();
  const language = languages.find((known) => known === values.language);
  const format = formats.find((known) => known === values.format);
  const [folder, ...more] = positionals;
  if (language === undefined || format === undefined || more.length > 0) throw new BadConfiguration(usage);
  return { language, format, folder } satisfies { language: Language; [option: string]: unknown };
}

function given() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        language: { type: "string", default: "nb" },
        format: { type: "string", default: "jsonld" },
      },
    });
  } catch {
    throw new BadConfiguration(usage);
  }
}
