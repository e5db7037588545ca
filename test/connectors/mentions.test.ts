import { describe, expect, it } from "vitest";
import { mentions } from "../../src/connectors/sql/mentions.ts";

const kari = { kind: "EMAIL", value: "kari.nordmann@example.com" } as const;
const bjorn = { kind: "EMAIL", value: "bjørn.østby@example.com" } as const;
const phone = { kind: "PHONE", value: "+4790012345" } as const;
const number = { kind: "CUSTOMER_NUMBER", value: "K-100001" } as const;

describe("a text that names a person", () => {
  it.each([
    [kari, "kari.nordmann@example.com"],
    [kari, "User kari.nordmann@example.com was deleted."],
    [kari, "KARI.Nordmann@Example.COM"],
    [kari, '"Kari Nordmann" <kari.nordmann@example.com>'],
    [kari, "kari.nordmann@example.com.1712345678"],
    [kari, "/konto?epost=kari.nordmann%40example.com&x=1"],
    [kari, '{"username":"kari.nordmann@example.com","reason":3}'],
    [kari, "mailto:kari.nordmann@example.com, per@example.com"],
    [kari, "(kari.nordmann@example.com)"],
    [kari, "anne-kari.nordmann@example.com and kari.nordmann@example.com"],
    [bjorn, "BJØRN.ØSTBY@EXAMPLE.COM"],
    [bjorn, "bjørn.østby@example.com".normalize("NFD")],
    [bjorn, String.raw`{"email":"bj\u00f8rn.\u00d8stby@example.com"}`],
    [bjorn, "bj%C3%B8rn.%c3%b8stby%40example.com"],
    [{ kind: "EMAIL", value: "kari@xn--hland-mra.example" }, "til kari@håland.example sendt"],
    [{ kind: "EMAIL", value: "o'brien+x@example.com" }, "O'Brien+x@example.com"],
    [{ kind: "EMAIL", value: "a_b%c@example.com" }, "a_b%c@example.com"],
    [phone, "ring 900 12 345"],
    [phone, "90012345"],
    [phone, "+47 90 01 23 45"],
    [phone, "004790012345."],
    [phone, "(+47) 900-12-345"],
    [number, "kunde k-100001 ola"],
    [number, "ordre/K-100001/2"],
    [{ kind: "USERNAME", value: "kari" }, "kari logged in"],
  ] as const)("%j: %s", (identifier, text) => {
    expect(mentions(text, identifier)).toBe(true);
  });

  it.each([
    [kari, "anne-kari.nordmann@example.com"],
    [kari, "anne.kari.nordmann@example.com"],
    [kari, "x+kari.nordmann@example.com"],
    [kari, "kari.nordmann@example.com.au"],
    [kari, "kari.nordmann@example.community"],
    [kari, "kari.nordmann@example.com-post.no"],
    [kari, "kari_nordmann@example.com"],
    [kari, "karixnordmann@example.com"],
    [kari, "Kari Nordmann"],
    [kari, "%"],
    [{ kind: "EMAIL", value: "a_b%c@example.com" }, "axbyc@example.com"],
    [bjorn, "bjorn.ostby@example.com"],
    [phone, "190012345"],
    [phone, "900123456"],
    [phone, "+46 900 12 345"],
    [phone, "+46900 12 345"],
    [number, "K-1000011"],
    [number, "XK-100001"],
    [{ kind: "USERNAME", value: "kari" }, "karianne logged in"],
  ] as const)("is not theirs, %j: %s", (identifier, text) => {
    expect(mentions(text, identifier)).toBe(false);
  });
});
