import type { RecordType } from "../archive/record-type.ts";
import type { RecordFinder } from "../sources/match.ts";
import { dbOf } from "../store/tables.ts";
import type { ConnectedSource } from "../subjects/ask.ts";
import type { RegisterParts } from "../subjects/people.ts";
import { keyIfAny } from "../subjects/person-key.ts";
import { type ExportKey, openExportKey } from "./export-key.ts";
import { exportOf, type ExportRow } from "./export-rows.ts";
import type { ExportKind } from "./export-steps.ts";
import type { Organisation } from "./organisation.ts";
import type { PurposeSummary } from "./notice.ts";
import { portable } from "./portable.ts";
import type { Shown } from "./shown.ts";
import type { StepEnd } from "./step.ts";

export interface ExportSettings {
  /** How long an archive waits to be fetched. */
  readonly keptSeconds: number;
  /** How often a person may have one made within a day. */
  readonly perDay: number;
  /** `FREE_TEXT`: the DPO looks through free text before what is asked for here is released. */
  readonly review: "NEVER" | "FREE_TEXT";
}

/** What the steps of an export work with. */
export interface ExportWork {
  readonly register: RegisterParts;
  readonly connected: readonly ConnectedSource[];
  readonly newFinder: () => RecordFinder;
  readonly shown: Shown;
  readonly organisation: Organisation;
  readonly purposes: readonly PurposeSummary[];
  readonly exports: ExportSettings;
}

/** A record type as the schema has it, and so much of it as is taken along. */
export interface TakenType {
  readonly shown: RecordType;
  readonly taken: RecordType;
}

export function takenTypes({ shown }: Pick<ExportWork, "shown">, kind: ExportKind): readonly TakenType[] {
  return shown.types.flatMap((type) => {
    const taken = kind === "PORTABILITY" ? portable(type) : type;
    return taken ? [{ shown: type, taken }] : [];
  });
}

/** How a step ends of an export that has. */
export const ended: StepEnd = { state: "SKIPPED", result: "ABSENT", detail: "EXPORT_ENDED" };

/** Null: it has ended, or the person is forgotten. */
export async function openExport(
  { register }: Pick<ExportWork, "register">,
  requestId: string,
  subjectId: string,
): Promise<{ readonly row: ExportRow; readonly key: ExportKey } | null> {
  const db = dbOf(register.store);
  // Before what it opens: nothing of that is there any more when the person is forgotten between the two.
  const person = await keyIfAny(db, register, subjectId);
  const row = await exportOf(db, requestId);
  return person && row?.sealed_key ? { row, key: openExportKey(person, row.sealed_key) } : null;
}
