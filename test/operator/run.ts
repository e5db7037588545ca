import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs an operator's command of src/operator/ to its end, in an environment that holds this alone. */
export async function runCommand(
  name: string,
  env: NodeJS.ProcessEnv,
  ...words: readonly string[]
): Promise<Ended> {
  return run(new URL(`../../src/operator/${name}.ts`, import.meta.url), env, words);
}

/** As built, which all tests begin with: a command that knows the schema has decorators, which Node does not strip. */
export function runBuilt(name: string, env: NodeJS.ProcessEnv, ...words: readonly string[]): Promise<Ended> {
  return run(new URL(`../../dist/operator/${name}.js`, import.meta.url), env, words);
}

/** As `runCommand`, with nobody there to read what it says. */
export function runUnread(name: string, env: NodeJS.ProcessEnv, ...words: readonly string[]): Promise<Ended> {
  return run(new URL(`../../src/operator/${name}.ts`, import.meta.url), env, words, { unread: true });
}

async function run(
  file: URL,
  env: NodeJS.ProcessEnv,
  words: readonly string[],
  { unread = false } = {},
): Promise<Ended> {
  const script = fileURLToPath(file);
  const child = spawn(process.execPath, [script, ...words], { env, stdio: ["ignore", "pipe", "pipe"] });
  const said = { out: "", err: "" };
  if (unread) child.stdout.destroy();
  child.stdout.setEncoding("utf8").on("data", (text) => (said.out += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (said.err += text));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...said };
}
