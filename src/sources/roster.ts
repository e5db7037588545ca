import { crm } from "./crm/graph.ts";
import { events } from "./events/graph.ts";
import { learning } from "./learning/graph.ts";
import { mailing } from "./mailing/graph.ts";
import { website } from "./website/graph.ts";

/** Every source that the schema has a branch for, in the order in which they are shown. */
export const roster = [crm, learning, mailing, events, website] as const;

export type SourceKey = (typeof roster)[number]["key"];
