import { startChild } from "../../../src/demo/process/parent.ts";

const child = await startChild<unknown, { pid: number }>(new URL("./echo.ts", import.meta.url), {
  word: "hei",
});
process.stdout.write(`${child.ready.pid}\n`);
