import { parseArgs } from "node:util";
import { readEnvironment } from "../config/environment.ts";
import { signIn, UnknownAccount } from "./identity/client.ts";
import { mfaContext } from "./identity/settings.ts";
import { currentRun } from "./process/owner.ts";

const usage = `Usage: npm run --silent token -- EMAIL [--mfa] [--issuer URL]
Prints an access token of the demo's issuer.
  --mfa     signed in with a second factor
  --issuer  the issuer to ask; otherwise that of the running demo`;

/** What stopped us, in one line that says what to do. */
class Advice extends Error {}

try {
  process.stdout.write(`${await token()}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Advice ? error.message : `No token: ${String(error)}`}\n`);
  process.exitCode = 1;
}

async function token(): Promise<string> {
  const { email, issuer: given, mfa } = options();
  const issuer = given ?? (await runningIssuer());
  try {
    return await signIn({ issuer, email, context: mfa ? mfaContext : undefined });
  } catch (error) {
    if (error instanceof UnknownAccount) {
      throw new Advice(`Nobody in the demo has that address. Choose one of: ${error.known.join(" ")}`);
    }
    // What `fetch` throws when nobody listens.
    if (error instanceof TypeError)
      throw new Advice(`The issuer ${issuer} does not answer: start the demo first, with npm start`);
    throw error;
  }
}

function options(): { email: string; issuer: string | undefined; mfa: boolean } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { mfa: { type: "boolean", default: false }, issuer: { type: "string" } },
    });
    const [email, ...more] = positionals;
    if (email === undefined || more.length > 0) throw new Advice(usage);
    return { email, issuer: values.issuer, mfa: values.mfa };
  } catch {
    throw new Advice(usage);
  }
}

async function runningIssuer(): Promise<string> {
  const run = await currentRun(readEnvironment().INNSYN_DATA);
  if (run === undefined) throw new Advice("The demo is not running: start it first, with npm start");
  if (run.issuer === undefined)
    throw new Advice("The demo is still starting: try again when it says that it is ready");
  return run.issuer;
}
