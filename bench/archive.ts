import { parseArgs } from "node:util";
import { measureArchive, mostMemory } from "./archive-process.ts";

const { values: options } = parseArgs({ options: { json: { type: "boolean", default: false } } });

const { rows, seconds, bytes, baseline, peak } = await measureArchive(1_000_000, 60);
const figures = { rows, seconds, bytes, memory: peak - baseline };
const million = (n: number) => (n / 1_000_000).toFixed(1);
process.stdout.write(
  options.json
    ? `${JSON.stringify(figures)}\n`
    : `${rows} rows in ${seconds.toFixed(1)} s, a ZIP of ${million(bytes)} MB, ${million(figures.memory)} MB of memory (at most ${million(mostMemory)})\n`,
);
process.exitCode = figures.memory <= mostMemory ? 0 : 1;
