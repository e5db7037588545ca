/** An argument that cannot be read as what it should be. Its value is not repeated. */
export class InvalidArgument extends Error {
  override readonly name = "InvalidArgument";
  /** Where it was stated: `input.source`. */
  readonly argument: string;
  readonly reason: "EMPTY" | "TOO_LONG" | "CONTROL_CHARACTER" | "UNKNOWN";
  /** What it could have been, where that is a short list. */
  readonly oneOf: readonly string[] | undefined;
  constructor(argument: string, reason: InvalidArgument["reason"], oneOf?: readonly string[]) {
    super(`${argument}: ${reason}`);
    this.argument = argument;
    this.reason = reason;
    this.oneOf = oneOf;
  }
}

/** Characters of a reason that staff give. */
const longestReason = 1_000;

/** Why somebody decides something, trimmed; one line. @throws InvalidArgument */
export function parseReason(text: string, argument: string): string {
  const reason = text.trim();
  if (reason === "") throw new InvalidArgument(argument, "EMPTY");
  if (text.length > longestReason) throw new InvalidArgument(argument, "TOO_LONG");
  if (/\p{Cc}/u.test(reason)) throw new InvalidArgument(argument, "CONTROL_CHARACTER");
  return reason;
}

/** @throws InvalidArgument with the names that there are */
export function parseOneOf(name: string, argument: string, names: readonly string[]): string {
  if (!names.includes(name)) throw new InvalidArgument(argument, "UNKNOWN", names);
  return name;
}
