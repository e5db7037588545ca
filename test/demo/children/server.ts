import { startPostgres } from "../../../src/demo/postgres/server.ts";

// Prints each line of progress, and the address once the server answers.
const [folder = "", shared = ""] = process.argv.slice(2);
const say = (line: string) => void process.stdout.write(`${line}\n`);
say("starting");
const server = await startPostgres({ folder, durable: true, shared: [shared], onProgress: say });
say(server.url("postgres"));
process.once("SIGTERM", () => void server.stop());
