import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seal, unseal, Unreadable } from "../../src/store/cipher.ts";

const key = randomBytes(32);
const text = "bjørn.østby@bakeriet-østby.example";
const sealed = seal(key, Buffer.from(text), "identifier");

test("whatever is sealed opens as it was, and only there", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), fc.string(), fc.string(), (plaintext, here, there) => {
      const made = seal(key, plaintext, here);
      expect(unseal(key, made, here)).toEqual(Buffer.from(plaintext));
      expect(made.length).toBe(12 + plaintext.length + 16);
      fc.pre(Buffer.from(here).compare(Buffer.from(there)) !== 0);
      expect(() => unseal(key, made, there)).toThrow(Unreadable);
    }),
  );
});

test("what is sealed shows nothing, and is never the same twice", () => {
  expect(sealed.includes(text)).toBe(false);
  expect(sealed.includes("bjørn")).toBe(false);
  const again = Array.from({ length: 1_000 }, () => seal(key, Buffer.from(text), "identifier"));
  expect(new Set(again.map((each) => each.subarray(0, 12).toString("hex"))).size).toBe(1_000);
  expect(new Set(again.map((each) => each.toString("hex"))).size).toBe(1_000);
});

describe("does not open", () => {
  test("with any one bit changed, in nonce, ciphertext or tag", () => {
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => unseal(key, changed, "identifier")).toThrow(Unreadable);
    }
  });

  test("cut short anywhere, or with more at either end", () => {
    for (let length = 0; length < sealed.length; length++)
      expect(() => unseal(key, sealed.subarray(0, length), "identifier")).toThrow(Unreadable);
    for (const longer of [Buffer.concat([sealed, Buffer.alloc(1)]), Buffer.concat([Buffer.alloc(1), sealed])])
      expect(() => unseal(key, longer, "identifier")).toThrow(Unreadable);
  });

  test("with another key", () => {
    const other = Buffer.from(key);
    other[31]! ^= 1;
    expect(() => unseal(other, sealed, "identifier")).toThrow(Unreadable);
  });
});

test("the error says nothing of the value, the key or the place", () => {
  const told = (() => {
    try {
      unseal(randomBytes(32), sealed, "kari@example.com");
    } catch (error) {
      return `${String(error)} ${JSON.stringify(error)} ${error instanceof Error ? error.cause : ""}`;
    }
    return "";
  })();
  expect(told).toMatch(/^Unreadable: /);
  expect(told).not.toContain("kari@example.com");
  expect(told).not.toContain(sealed.toString("hex"));
});

test("a key that is no key is refused, not stretched", () => {
  expect(() => seal(randomBytes(16), Buffer.from(text), "identifier")).toThrow(RangeError);
});
