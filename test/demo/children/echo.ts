import { runChild } from "../../../src/demo/process/child.ts";

interface Settings {
  readonly word: string;
  readonly fail?: boolean;
}

runChild(async (settings: Settings) => {
  if (settings.fail === true) throw new Error("asked to fail");
  const timer = setInterval(() => undefined, 60_000);
  return {
    ready: { word: settings.word, pid: process.pid, environment: Object.keys(process.env) },
    close: async () => clearInterval(timer),
  };
});
