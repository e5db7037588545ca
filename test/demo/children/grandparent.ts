import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const watcher = fileURLToPath(new URL("./watcher.ts", import.meta.url));
spawn(process.execPath, [watcher], { stdio: ["ignore", "inherit", "inherit"] });
