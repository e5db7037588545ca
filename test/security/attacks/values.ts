/** A value of an enum is written without quotes. */
export class EnumValue {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** An argument as it is to be given. */
export interface Given {
  readonly name: string;
  readonly type: string;
  readonly value: unknown;
}

/** A value as a document has it. */
export function literal(value: unknown): string {
  if (value instanceof EnumValue) return value.name;
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${name}: ${literal(member)}`);
  return `{ ${members.join(", ")} }`;
}

/** A value as variables have it. */
export function plain(value: unknown): unknown {
  if (value instanceof EnumValue) return value.name;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}
