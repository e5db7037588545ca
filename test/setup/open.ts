import { startPostgres } from "../../src/demo/postgres/server.ts";

// Opens the cluster of a test run with failures: npx node test/setup/open.ts FOLDER
const folder = process.argv[2];
if (folder === undefined) throw new Error("Which folder? The test run printed it.");
const server = await startPostgres({ folder, durable: false });
process.stdout.write(`${server.url("postgres")}\nCtrl-C stops it.\n`);
process.once("SIGINT", () => void server.stop());
