import { runChild } from "../../process/child.ts";
import type { MailingSettings } from "./process/settings.ts";
import { serveMailing } from "./process/server.ts";

runChild((settings: MailingSettings) => serveMailing(settings));
