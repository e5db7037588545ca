import type { ArchiveContents } from "../archive/contents.ts";
import type { RecordType } from "../archive/record-type.ts";
import { failureTexts } from "../sources/failures.ts";
import { dbOf } from "../store/tables.ts";
import { details, isDetailCode } from "./details.ts";
import type { ExportKey } from "./export-key.ts";
import { noticeSections } from "./export-notice.ts";
import { type ExportRow, partsOf } from "./export-rows.ts";
import type { ExportKind } from "./export-steps.ts";
import { type ExportWork, takenTypes } from "./export-work.ts";
import { isUnread } from "./export-unread.ts";
import { freeTextField } from "./free-text.ts";
import { notPortable } from "./portable.ts";
import type { RequestRow, StepRow } from "./rows.ts";
import { ground, type StoredMark } from "./withheld.ts";

export interface Packing {
  readonly request: RequestRow & { readonly kind: ExportKind };
  readonly row: ExportRow;
  readonly key: ExportKey;
  /** Of the request. */
  readonly steps: readonly StepRow[];
  /** Of the person: what has been read is without them. */
  readonly marks: readonly StoredMark[];
  readonly madeAt: Date;
  /** The version of the privacy policy that is in force. */
  readonly policyVersion: string;
}

/** What the archive is made of: what has been read, and word of what is not in it. */
export function contentsOf(work: ExportWork, packing: Packing): ArchiveContents {
  const { request, row, key, steps, marks, madeAt, policyVersion } = packing;
  const types = takenTypes(work, request.kind).map(({ taken }) => taken);
  const read = steps.filter((step) => step.action === "READ" && !isUnread(step));
  const holds = (source: string) => read.some((step) => step.source === source && step.result === "DONE");
  const recordTypes = types.filter(({ source }) => read.some((step) => step.source === source));
  return {
    language: request.language,
    madeAt,
    requestId: request.id,
    kind: request.kind,
    first: row.format === "CSV" ? "CSV" : "JSON",
    controller: work.organisation.controller,
    notice: noticeSections({ ...work, policyVersion }),
    recordTypes,
    // A system that has no record of the person has no rows.
    rows: (type) =>
      holds(type.source) ? partsOf(dbOf(work.register.store), request.id, type, key) : noRows(),
    missing: steps.filter(isUnread).map(({ source, detail, last_error }) => ({
      source,
      recordType: null,
      reason: reasonOf(detail, last_error),
    })),
    withheld: marks.flatMap((mark) => told(recordTypes, mark)),
    leftOut: request.kind === "PORTABILITY" ? work.shown.types.flatMap(notPortable) : [],
  };
}

/** What is withheld of what is taken along, by the record type in the archive that has it, itself or in a list. */
function told(types: readonly RecordType[], mark: StoredMark): ArchiveContents["withheld"] {
  const place = freeTextField(types, mark);
  if (typeof place !== "object") return [];
  const { shown, list, field } = place;
  return [
    {
      source: shown.source,
      recordType: shown.name,
      field: list === null ? field : `${list}.${field}`,
      count: mark.passages.length,
      ground: { nb: ground, nn: ground, en: ground },
      because: mark.because,
    },
  ];
}

async function* noRows(): AsyncGenerator<never> {}

const reasonOf = (detail: string | null, reason: string | null) =>
  isDetailCode(detail) ? details[detail] : failureTexts[isFailure(reason) ? reason : "FAILED"];

const isFailure = (reason: string | null): reason is keyof typeof failureTexts =>
  reason !== null && Object.hasOwn(failureTexts, reason);
