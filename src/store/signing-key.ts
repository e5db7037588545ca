import { createECDH, createHmac, createPrivateKey, type KeyObject } from "node:crypto";

/** What the gateway signs with: ECDSA on P-256 with SHA-256 (ES256, RFC 7518 §3.4). */
export interface SigningKey {
  readonly privateKey: KeyObject;
  /** JWK (RFC 7517), to be published. */
  readonly publicJwk: PublicJwk;
}

export interface PublicJwk {
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly x: string;
  readonly y: string;
  readonly kid: string;
  readonly alg: "ES256";
  readonly use: "sig";
}

/** The same for the same secret: what the keyring keeps is all that there is to keep. @param secret 32 bytes */
export function signingKeyFrom(secret: Uint8Array): SigningKey {
  const { scalar, point } = scalarFrom(secret);
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString("base64url"));
  const coordinates = { kty: "EC", crv: "P-256", x: x ?? "", y: y ?? "" } as const;
  const kid = createHmac("sha256", "innsyn").update(point).digest("base64url").slice(0, 16);
  return {
    privateKey: createPrivateKey({
      format: "jwk",
      key: { ...coordinates, d: scalar.toString("base64url") },
    }),
    publicJwk: { ...coordinates, kid, alg: "ES256", use: "sig" },
  };
}

/** A number below the curve's order; of 32 random bytes, one in four thousand million is none. */
function scalarFrom(secret: Uint8Array): { readonly scalar: Buffer; readonly point: Buffer } {
  for (let n = 0; ; n++) {
    const scalar = createHmac("sha256", secret).update(`ES256 ${n}`).digest();
    const curve = createECDH("prime256v1");
    try {
      curve.setPrivateKey(scalar);
    } catch {
      continue;
    }
    return { scalar, point: curve.getPublicKey() };
  }
}
