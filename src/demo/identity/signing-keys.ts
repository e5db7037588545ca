import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from "jose";

export type SigningKey = JWK & { readonly kid: string };

/** Newest first. */
export type SigningKeys = readonly [SigningKey, ...SigningKey[]];

export const signingAlgorithm = "RS256" as const;

/** The issuer's private keys, made when there are none: tokens outlive a restart. */
export async function loadSigningKeys(folder: string): Promise<SigningKeys> {
  const [newest, ...older] = await storedKeys(folder);
  return newest === undefined ? addSigningKey(folder) : [newest, ...older];
}

/** Rotation: a running issuer signs with the new key from its next start, and publishes the old ones too. */
export async function addSigningKey(folder: string): Promise<SigningKeys> {
  const { privateKey } = await generateKeyPair(signingAlgorithm, { extractable: true });
  const jwk = await exportJWK(privateKey);
  const key = { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: signingAlgorithm, use: "sig" };
  const keys: SigningKeys = [key, ...(await storedKeys(folder))];
  await store(folder, keys);
  return keys;
}

async function storedKeys(folder: string): Promise<readonly SigningKey[]> {
  try {
    const { keys } = JSON.parse(await readFile(fileIn(folder), "utf8")) as { keys: SigningKey[] };
    return keys;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

/** Written beside and renamed: a process killed half-way leaves the old file whole. */
async function store(folder: string, keys: SigningKeys): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = `${fileIn(folder)}.new`;
  await writeFile(draft, JSON.stringify({ keys }, null, 2), { mode: 0o600 });
  await chmod(draft, 0o600);
  await rename(draft, fileIn(folder));
}

function fileIn(folder: string): string {
  return join(folder, "signing-keys.json");
}
