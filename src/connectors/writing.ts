import { normaliseStored } from "../subjects/identifiers.ts";
import { type PhoneStyle, writePhone } from "./phone-form.ts";

/** How a field of the person's record is written. */
export type FieldWriting = TextWriting | PhoneWriting;

interface Bounded {
  /** Characters (code points) that the system takes at most; a longer value is refused without asking it. */
  readonly maxLength?: number;
}

export interface TextWriting extends Bounded {
  /** E-mail addresses are the same when they are the same normalised. */
  readonly kind: "TEXT" | "EMAIL";
}

/** Phone numbers are the same when they are the same in E.164. */
export interface PhoneWriting extends Bounded, PhoneStyle {
  readonly kind: "PHONE";
}

/** A normalised value in the form that the system writes; null where it takes no such value. */
export function writtenAs(writing: FieldWriting, value: string): string | null {
  const text = writing.kind === "PHONE" ? writePhone(value, writing) : value;
  const { maxLength = Infinity } = writing;
  return text === null || [...text].length > maxLength ? null : text;
}

/** Whether what is stored says a value already, if perhaps in another form. */
export function says(writing: FieldWriting, stored: string | null, value: string): boolean {
  if (stored === null || writing.kind === "TEXT") return stored === value;
  const normal = normaliseStored(writing.kind, value);
  return normal !== null && normaliseStored(writing.kind, stored) === normal;
}

/** A mapping is an object literal: `constructor` is no field of it. */
export function memberOf<T>(members: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return members && Object.hasOwn(members, name) ? members[name] : undefined;
}
