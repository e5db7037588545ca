import type { LabelledCoordinate } from "../access/inventory.ts";
import { type Records, recordsOf } from "../records/records.ts";
import { systemsIn } from "./connected.ts";
import type { ValidatedConfig } from "./load.ts";

/** Records of processing activities of an organisation that is configured so. */
export function recordsIn(config: ValidatedConfig, labelled: readonly LabelledCoordinate[]): Records {
  const { organisation, searches, erasure } = config;
  return recordsOf({
    labelled,
    systems: systemsIn(config),
    organisation,
    settings: { searches, stepUp: erasure.stepUp },
  });
}
