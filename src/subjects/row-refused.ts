import type { RowRefusal } from "../access/row-guard.ts";

/** What a person has decided stands against showing a part of the answer. */
export class RowRefused extends Error {
  override readonly name = "RowRefused";
  readonly subjectId: string;
  readonly refusal: RowRefusal;
  constructor(subjectId: string, refusal: RowRefusal) {
    super(refusal);
    this.subjectId = subjectId;
    this.refusal = refusal;
  }
}
