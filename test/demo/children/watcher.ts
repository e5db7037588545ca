import { watchParent } from "../../../src/demo/process/parent-watch.ts";

const timer = setInterval(() => undefined, 60_000);
watchParent(() => clearInterval(timer), 50);
process.stdout.write(`${process.pid}\n`);
