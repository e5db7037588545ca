import { runChild } from "../process/child.ts";
import { serveOutside } from "./process/server.ts";
import type { OutsideSettings } from "./process/settings.ts";

runChild((settings: OutsideSettings) => serveOutside(settings));
