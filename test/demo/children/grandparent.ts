import { spawn, type SpawnOptions } from "node:child_process";
import { fileURLToPath } from "node:url";

// As npm does: a shell between, which waits for what it started.
const watcher = fileURLToPath(new URL("./watcher.ts", import.meta.url));
const [shell = "no"] = process.argv.slice(2);
const options: SpawnOptions = { stdio: ["ignore", "inherit", "inherit"] };
if (shell === "shell") spawn("/bin/sh", ["-c", '"$0" "$1"; exit $?', process.execPath, watcher], options);
else spawn(process.execPath, [watcher], options);
