import { z } from "zod";
import type { PersonKey } from "../store/person-keys.ts";
import { sealedColumn } from "../store/tables.ts";

const column = sealedColumn("request", "sealed_refusal");

/** What the person was told of a refusal, in the words of staff: those may name anybody, the law's among them. */
const toldRefusal = z.object({ message: z.string(), legalGround: z.string().nullable() });
type ToldRefusal = z.infer<typeof toldRefusal>;

export const sealRefusal = (key: PersonKey, told: ToldRefusal): Uint8Array =>
  key.seal(JSON.stringify(told), column);

export const openRefusal = (key: Pick<PersonKey, "unseal">, sealed: Uint8Array): ToldRefusal =>
  toldRefusal.parse(JSON.parse(key.unseal(sealed, column)));
