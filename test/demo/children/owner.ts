import { own } from "../../../src/demo/process/owner.ts";

const [folder = ""] = process.argv.slice(2);
try {
  const ownership = await own(folder);
  await ownership.publish({ gateway: "http://127.0.0.1:4000" });
  process.stdout.write("owns\n");
  setInterval(() => undefined, 60_000);
} catch (error) {
  process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
}
