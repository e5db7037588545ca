/** Stands for every name that is not written out. */
export const otherOperation = "other";

/** Decides which operation names may be written to logs, metrics and traces: callers choose them freely. */
export interface OperationNames {
  /** The name, or `other`. `accepted`: carried out for a signed-in caller. */
  admit(name: string | null | undefined, accepted: boolean): string;
}

const plain = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
/** Phone numbers, customer numbers and national identity numbers are valid ends of a GraphQL name. */
const number = /\d{5}/;

/** `listed`: exactly these. Without a list: the first `limit` plain names that were accepted, so that strangers write nothing. */
export function createOperationNames(listed?: readonly string[], limit = 100): OperationNames {
  const known = new Set(listed);
  const open = listed === undefined;
  return {
    admit(name, accepted) {
      if (name === null || name === undefined) return "anonymous";
      if (known.has(name)) return name;
      if (!open || !accepted || known.size >= limit || !plain.test(name) || number.test(name))
        return otherOperation;
      known.add(name);
      return name;
    },
  };
}
