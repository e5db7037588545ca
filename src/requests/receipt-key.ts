import { type SigningKey, signingKeyFrom } from "../store/signing-key.ts";
import type { RegisterParts } from "../subjects/people.ts";

/** The key that receipts are signed with: the same on every replica. */
export const receiptKey = ({ keyring }: Pick<RegisterParts, "keyring">): SigningKey =>
  signingKeyFrom(keyring.key("receipt"));
