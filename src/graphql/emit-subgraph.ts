import { gatewaySchema } from "./schema.ts";
import { subgraphSdl } from "./subgraph-sdl.ts";

// What `_service` answers, where no gateway runs.
process.stdout.write(subgraphSdl(gatewaySchema().schema));
