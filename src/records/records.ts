import type { Organisation } from "../requests/organisation.ts";
import { activitiesOf, type Activity, type ActivityParts } from "./activities.ts";
import { type Measure, type MeasureSettings, measuresOf } from "./measures.ts";

/** An activity, and what keeps its data secure. */
export interface RecordedActivity extends Activity {
  readonly measures: readonly Measure[];
}

/** Records of processing activities (GDPR Art. 30(1)). They hold no person's data. */
export interface Records {
  readonly organisation: Pick<Organisation, "controller" | "dataProtectionOfficer" | "supervisoryAuthority">;
  readonly activities: readonly RecordedActivity[];
}

export interface RecordsParts extends Omit<ActivityParts, "recipients"> {
  readonly organisation: Records["organisation"] & Pick<Organisation, "recipients" | "securityMeasures">;
  readonly settings: MeasureSettings;
}

/** Computed when the gateway starts: labels and configuration do not change while it runs. */
export function recordsOf({ labelled, systems, organisation, settings }: RecordsParts): Records {
  const { recipients, securityMeasures } = organisation;
  return {
    organisation,
    activities: activitiesOf({ labelled, systems, recipients }).map((activity) => ({
      ...activity,
      measures: measuresOf(activity, settings, securityMeasures),
    })),
  };
}
