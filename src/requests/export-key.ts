import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { deflateRaw, inflateRaw } from "node:zlib";
import { seal, unseal } from "../store/cipher.ts";
import type { PersonKey } from "../store/person-keys.ts";
import { sealedColumn } from "../store/tables.ts";

const column = sealedColumn("export", "sealed_key");

/** The key of one export: without the person's own it is nothing, so that whoever is forgotten takes it along. */
export interface ExportKey {
  /** @param place what the value is bound to: it opens there alone. */
  encrypt(plain: Uint8Array, place: readonly unknown[]): Buffer;
  /** @throws Unreadable */
  decrypt(encrypted: Uint8Array, place: readonly unknown[]): Buffer;
}

export function newExportKey(person: Pick<PersonKey, "seal">): Buffer {
  return person.seal(randomBytes(32).toString("base64"), column);
}

/** @throws Unreadable */
export function openExportKey(person: Pick<PersonKey, "unseal">, sealed: Uint8Array): ExportKey {
  const key = Buffer.from(person.unseal(sealed, column), "base64");
  const contextOf = (place: readonly unknown[]) => JSON.stringify(["export", ...place]);
  return {
    encrypt: (plain, place) => seal(key, plain, contextOf(place)),
    decrypt: (encrypted, place) => unseal(key, encrypted, contextOf(place)),
  };
}

const compress = promisify(deflateRaw);
const expand = promisify(inflateRaw);

/** JSON, compressed: rows of one kind are much alike. */
export async function packed(value: unknown): Promise<Buffer> {
  return compress(JSON.stringify(value), { level: 3 });
}

export async function unpacked(bytes: Uint8Array): Promise<unknown> {
  return JSON.parse((await expand(bytes)).toString());
}
