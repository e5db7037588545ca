import { canaryEmail } from "../people/fixed.ts";

/** The person that every system must be able to show whole. */
export const canary = { kind: "EMAIL", value: canaryEmail } as const;

/** Why a key of another row is not shown. */
export const reference = "key of another row; says nothing by itself";
