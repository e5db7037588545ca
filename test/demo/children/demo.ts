import { startDemo } from "../../../src/demo/start.ts";

// As `npm start` does, without a gateway.
const [folder = "", persons = "50"] = process.argv.slice(2);
const say = (line: string) => void process.stdout.write(`${line}\n`);
say("starting");
const demo = await startDemo({
  folder,
  persons: Number(persons),
  gatewayPort: 4000,
  ports: { issuer: 0, mailing: 0, outside: 0 },
  onProgress: say,
});
await demo.announce("http://127.0.0.1:4000");
say(`ready ${JSON.stringify({ ...demo, broken: undefined })}`);
process.once("SIGTERM", () => void demo.stop());
demo.broken.then((part) => say(`broken ${part}`));
