import { createHmac, type KeyObject } from "node:crypto";
import type { IdentifierKind } from "../access/vocabulary.ts";
import type { Identifier } from "../sources/contract.ts";
import type { Random } from "./random.ts";
import { ascii, ofShape } from "./shape.ts";

/** The same identifier has the same one in every system, so that records that go together still do. */
export interface Pseudonym {
  readonly kind: IdentifierKind;
  /** As a field has it that is written so. */
  written(shape: string): string;
}

/** `key`: made for one copy, and kept nowhere: nobody can tell afterwards whose a pseudonym is. */
export const pseudonymsOf =
  (key: KeyObject) =>
  ({ kind, value }: Identifier): Pseudonym => ({
    kind,
    written: (shape) => writers[kind](shape, drawnFrom(key, `${kind} ${value}`)),
  });

/** What is drawn is always the same for the same text, and cannot be foretold without the key. */
function drawnFrom(key: KeyObject, text: string): Random {
  let block = Buffer.alloc(0);
  let blocks = 0;
  let at = 0;
  return () => {
    if (at + 4 > block.length) {
      block = createHmac("sha256", key).update(`${blocks++} ${text}`).digest();
      at = 0;
    }
    at += 4;
    return block.readUInt32BE(at - 4) / 2 ** 32;
  };
}

type Writer = (shape: string, random: Random) => string;

const email: Writer = (shape, random) => {
  const address = `${ofShape("a+.a+", random, ascii)}@${ofShape("a+", random, ascii)}.example`;
  if (!shape.includes("@")) return address.replace("@", " ");
  return /[A-Z]/.test(shape) && !shape.includes("a+") ? address.toUpperCase() : address;
};

/** Norwegian numbers of mobile telephones, as long as any. */
const phone: Writer = (shape, random) => {
  const digits = `4700${ofShape("000000", random)}`.slice(-10);
  const wanted = [...shape].filter((character) => character === "0").length;
  const left = Array.from(digits.padStart(wanted, "0").slice(-wanted));
  const written = shape.replace(/0/g, () => left.shift() ?? "0").replace(/[Aa]\+?/g, "");
  return wanted < 8 ? `+${digits}` : written;
};

/** What is told apart by its digits alone is not drawn twice for two, in all likelihood. */
const number: Writer = (shape, random) => {
  const digits = [...shape].filter((character) => character === "0").length;
  return (
    ofShape(shape, random, ascii) + (digits > 0 && digits < 9 ? ofShape("0".repeat(9 - digits), random) : "")
  );
};

/** Of nobody. */
export const inventedOf = (kind: IdentifierKind, shape: string, random: Random): string =>
  writers[kind](shape, random);

const writers: Readonly<Record<IdentifierKind, Writer>> = {
  EMAIL: email,
  PHONE: phone,
  CUSTOMER_NUMBER: number,
  EXTERNAL_ID: number,
  USERNAME: (_, random) => ofShape("a+.a+0000", random, ascii),
};
