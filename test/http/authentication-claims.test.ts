import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { identitySchema, type IdentityConfig } from "../../src/config/identity.ts";
import { principalOf } from "../../src/http/claims.ts";
import { normalise } from "../../src/subjects/identifiers.ts";

const now = new Date("2026-01-15T12:00:00Z");
const signedIn = Date.parse("2026-01-15T11:55:00Z") / 1000;

function principal(config: Partial<IdentityConfig>, claims: Record<string, unknown>) {
  const rules = identitySchema.parse({
    issuer: "https://issuer.example",
    roles: { claim: "roles", map: {} },
    identifiers: [{ kind: "EMAIL", claim: "email", verifiedBy: { claim: "email_verified" } }],
    ...config,
  });
  const { sub, roles, identifiers, authenticatedAt, authenticationContext } = principalOf(
    claims,
    rules.issuer,
    "subject",
    rules,
    now,
  );
  return { sub, roles: [...roles], identifiers, authenticatedAt, authenticationContext };
}

describe("Keycloak", () => {
  const config: Partial<IdentityConfig> = {
    audience: "innsyn",
    roles: { claim: "realm_access.roles", map: { "innsyn-dpo": "DPO", "innsyn-support": "SUPPORT" } },
    identifiers: [
      { kind: "EMAIL", claim: "email", verifiedBy: { claim: "email_verified" } },
      { kind: "PHONE", claim: "phone_number", verifiedBy: { claim: "phone_number_verified" } },
      { kind: "USERNAME", claim: "preferred_username", verifiedBy: "issuer" },
    ],
  };
  const token = {
    exp: signedIn + 300,
    iat: signedIn,
    auth_time: signedIn,
    jti: "onrtac:8a4b3b5e-2d6e-4a4f-b5b8-0f1c9c0a7d11",
    iss: "https://sso.intech.example/realms/intech",
    aud: ["innsyn", "account"],
    sub: "f4c1f0f2-6c3b-4c61-9f5b-0b6f8d9f2b10",
    typ: "Bearer",
    azp: "innsyn-web",
    sid: "3f5e1d0a-7f61-4f44-8a86-52d4a9f20b7b",
    acr: "1",
    "allowed-origins": ["https://innsyn.intech.example"],
    realm_access: { roles: ["default-roles-intech", "offline_access", "innsyn-dpo", "innsyn-support"] },
    resource_access: { account: { roles: ["manage-account", "view-profile"] } },
    scope: "openid profile email phone",
    email_verified: true,
    name: "Kari Nordmann",
    preferred_username: "kari",
    email: "Kari.Nordmann@Example.COM",
    phone_number: "22 33 44 55",
    phone_number_verified: false,
  };

  test("roles lie in the realm, an unverified phone number does not count", () => {
    expect(principal(config, token)).toEqual({
      sub: "subject",
      roles: ["DPO", "SUPPORT"],
      identifiers: [
        { kind: "EMAIL", value: "kari.nordmann@example.com" },
        { kind: "USERNAME", value: "kari" },
      ],
      authenticatedAt: new Date(signedIn * 1000),
      authenticationContext: "1",
    });
  });

  test("a customer without a role of ours is a data subject", () => {
    const customer = { ...token, realm_access: { roles: ["default-roles-intech"] } };
    expect(principal(config, customer).roles).toEqual(["SUBJECT"]);
  });

  test("roles may lie in a client's part of the token", () => {
    const roles = { claim: "resource_access.innsyn.roles", map: { auditor: "AUDITOR" } } as const;
    const auditor = { ...token, resource_access: { innsyn: { roles: ["auditor"] } } };
    expect(principal({ ...config, roles }, auditor).roles).toEqual(["AUDITOR"]);
  });
});

describe("Entra ID", () => {
  const config: Partial<IdentityConfig> = {
    roles: { claim: "roles", map: { "Innsyn.Accounting": "ACCOUNTING" }, default: [] },
    identifiers: [
      { kind: "EMAIL", claim: "email", verifiedBy: { claim: "xms_edov", equals: [true, 1, "1"] } },
    ],
    authenticationContext: "acrs",
  };
  const token = {
    aud: "1f4c5b9e-9a43-4d55-8d3c-7fb7d9d3f0aa",
    iss: "https://login.microsoftonline.com/0f1b9e7c-4a0e-4a51-9d0e-52b1f8f5a0c3/v2.0",
    iat: signedIn,
    nbf: signedIn,
    exp: signedIn + 4000,
    acrs: ["c1"],
    aio: "AXQAi/8TAAAA",
    auth_time: signedIn,
    azp: "5f2c7f5a-34c4-4b60-8a4e-7b7c5b9d1c22",
    azpacr: "1",
    email: "regnskap@intech.example",
    xms_edov: true,
    name: "Rolf Regnskap",
    oid: "9b1f0a55-7d8d-4e1f-b6c2-0f3b7e1c2d3e",
    preferred_username: "rolf@intech.example",
    roles: ["Innsyn.Accounting", "Other.App"],
    scp: "access_as_user",
    sub: "b0uA3E3yB0m0r2o7c1dK6v9w",
    tid: "0f1b9e7c-4a0e-4a51-9d0e-52b1f8f5a0c3",
    ver: "2.0",
  };

  test("the address counts when its domain's owner is verified", () => {
    expect(principal(config, token)).toMatchObject({
      roles: ["ACCOUNTING"],
      identifiers: [{ kind: "EMAIL", value: "regnskap@intech.example" }],
      authenticationContext: "c1",
    });
  });

  test.each([[false], [0], ["0"], ["false"], [undefined], [[true]], [{ value: true }]])(
    "an address that anybody may have typed does not count (xms_edov %j)",
    (edov) => {
      expect(principal(config, { ...token, xms_edov: edov }).identifiers).toEqual([]);
    },
  );

  test("an employee without a role gets none where there is no default", () => {
    expect(principal(config, { ...token, roles: undefined }).roles).toEqual([]);
  });
});

describe("ID-porten", () => {
  const config: Partial<IdentityConfig> = {
    roles: { claim: "scope", map: { "intech:innsyn.support": "SUPPORT" } },
    identifiers: [{ kind: "EXTERNAL_ID", claim: "pid", verifiedBy: "issuer" }],
  };
  const token = {
    sub: "qD-kwgr3FcGA9zy4M7O_4Dco95Uobipd0RJeHSWypG5BL0VrsSND4Pppa2ZInbDy",
    iss: "https://test.idporten.no",
    client_amr: "private_key_jwt",
    pid: "00000000000",
    token_type: "Bearer",
    client_id: "6fe7eb2c-5e2a-4e2a-9d5f-0b6f8d9f2b10",
    aud: "https://innsyn.intech.example",
    acr: "idporten-loa-high",
    auth_time: signedIn,
    scope: "openid intech:innsyn",
    exp: signedIn + 120,
    iat: signedIn,
    jti: "Hgb3zwO9g0bjmSbCCtQC",
    consumer: { authority: "iso6523-actorid-upis", ID: "0192:999999999" },
  };

  test("a citizen is known by number, and by how strongly they signed in", () => {
    expect(principal(config, token)).toEqual({
      sub: "subject",
      roles: ["SUBJECT"],
      identifiers: [{ kind: "EXTERNAL_ID", value: "00000000000" }],
      authenticatedAt: new Date(signedIn * 1000),
      authenticationContext: "idporten-loa-high",
    });
  });

  test("scopes are parted by spaces", () => {
    expect(principal(config, { ...token, scope: "openid intech:innsyn.support" }).roles).toEqual(["SUPPORT"]);
  });
});

describe("roles", () => {
  const roles: IdentityConfig["roles"] = {
    claim: "roles",
    map: { dpo: "DPO", "two words": "AUDITOR" },
    default: [],
  };

  test.each<[unknown, string[]]>([
    ["dpo", ["DPO"]],
    [["dpo", "dpo"], ["DPO"]],
    ["two words", ["AUDITOR"]],
    [["DPO"], []],
    [{ dpo: true }, []],
    [[["dpo"]], []],
    [[1, null, { dpo: 1 }], []],
    [["__proto__", "constructor", "toString", "hasOwnProperty"], []],
    ["__proto__", []],
  ])("%j: %j", (claim, expected) => {
    expect(principal({ roles }, { roles: claim }).roles).toEqual(expected);
  });

  test.each(["constructor.name", "__proto__", "roles.length", "toString", "roles.0"])(
    "a path never leads to what every object has: %s",
    (claim) => {
      const map = { Object: "DPO", "1": "DPO" } as const;
      expect(principal({ roles: { claim, map, default: [] } }, { roles: ["x"] }).roles).toEqual([]);
    },
  );

  test("a claim that is inherited is none", () => {
    const inherited: Record<string, unknown> = Object.create({
      roles: ["dpo"],
      email: "a@b.no",
      email_verified: true,
    });
    expect(principal({ roles }, inherited)).toMatchObject({ roles: [], identifiers: [] });
  });

  test("a `__proto__` in the token itself gives nothing to the other claims", () => {
    const token: Record<string, unknown> = JSON.parse(
      '{"__proto__":{"roles":["dpo"],"email":"a@b.no","email_verified":true}}',
    );
    expect(principal({ roles }, token)).toMatchObject({ roles: [], identifiers: [] });
  });

  test("a claim's name may contain dots", () => {
    const claim = "https://intech.example/roles";
    expect(principal({ roles: { ...roles, claim } }, { [claim]: ["dpo"] }).roles).toEqual(["DPO"]);
  });
});

describe("identifiers", () => {
  test("that cannot be read are dropped, and none is there twice", () => {
    const identifiers = [
      { kind: "EMAIL", claim: "emails", verifiedBy: "issuer" },
      { kind: "PHONE", claim: "phones", verifiedBy: "issuer" },
    ] as const;
    const token = {
      emails: ["a@example.com", "A@EXAMPLE.com", "no address", "", null, 7, ["b@example.com"]],
      phones: ["abc", "+47 22 33 44 55", 22334455],
    };
    expect(principal({ identifiers: [...identifiers] }, token).identifiers).toEqual([
      { kind: "EMAIL", value: "a@example.com" },
      { kind: "PHONE", value: "+4722334455" },
    ]);
  });

  const email = fc.emailAddress();
  const verification = fc.oneof(
    fc.constantFrom<unknown>(
      false,
      null,
      undefined,
      0,
      1,
      "",
      "true",
      "1",
      "yes",
      [],
      [true],
      {},
      { equals: true },
    ),
    fc.anything().filter((value) => value !== true),
  );

  test("are never unverified ones", () => {
    fc.assert(
      fc.property(fc.uniqueArray(email, { minLength: 2, maxLength: 4 }), verification, (emails, verified) => {
        const [unverified, ...issuersOwn] = emails;
        const claims = { email: unverified, email_verified: verified, emails: issuersOwn, other: emails };
        const { identifiers } = principal(
          {
            identifiers: [
              { kind: "EMAIL", claim: "email", verifiedBy: { claim: "email_verified" } },
              { kind: "EMAIL", claim: "emails", verifiedBy: "issuer" },
            ],
          },
          claims,
        );
        const trusted = issuersOwn.map((address) => normalise("EMAIL", address));
        expect(identifiers.every(({ value }) => trusted.includes(value))).toBe(true);
      }),
    );
  });

  test("come from no other claim than the ones named", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(email, fc.anything())), email, (claims, own) => {
        const { identifiers } = principal({}, { ...claims, email: own, email_verified: true });
        expect(identifiers.map(({ value }) => value)).toEqual(
          [normalise("EMAIL", own)].filter((value) => value !== null),
        );
      }),
    );
  });
});

describe("the sign-in", () => {
  test.each<[unknown, string | null]>([
    [signedIn, "2026-01-15T11:55:00.000Z"],
    [signedIn + 3600, null],
    [-1, null],
    [String(signedIn), null],
    [Number.NaN, null],
    [undefined, null],
  ])("at %j was at %s", (claim, expected) => {
    expect(principal({}, { auth_time: claim }).authenticatedAt?.toISOString() ?? null).toBe(expected);
  });

  test.each<[unknown, string | null]>([
    ["high", "high"],
    [["high"], "high"],
    [["high", "low"], null],
    [["high", 1], null],
    [{ high: true }, null],
    [undefined, null],
  ])("of the strength %j is %s", (claim, expected) => {
    expect(principal({}, { acr: claim }).authenticationContext).toBe(expected);
  });
});

describe("the name", () => {
  const named = (claims: Record<string, unknown>, name?: string) => {
    const rules = identitySchema.parse({
      issuer: "https://issuer.example",
      roles: { claim: "roles", map: {} },
      identifiers: [{ kind: "EMAIL", claim: "email", verifiedBy: "issuer" }],
      ...(name && { name }),
    });
    return principalOf(claims, rules.issuer, "subject", rules, now).name;
  };

  test.each<[unknown, string | null]>([
    ["Sara Support", "Sara Support"],
    ["  Sara ", "Sara"],
    [" ", null],
    [["Sara"], null],
    [7, null],
    [undefined, null],
  ])("in %j is %s", (claim, expected) => {
    expect(named({ name: claim })).toBe(expected);
  });

  test("is in the claim that the configuration names", () => {
    const claims = { name: "Sara", profile: { display: "Sara S." } };
    expect(named(claims, "profile.display")).toBe("Sara S.");
  });
});

describe("a configuration that cannot be right", () => {
  const good: IdentityConfig = {
    issuer: "https://issuer.example",
    roles: { claim: "roles", map: {} },
    identifiers: [{ kind: "EMAIL", claim: "email", verifiedBy: "issuer" }],
  };
  const message = (changes: Record<string, unknown>) =>
    identitySchema
      .safeParse({ ...good, ...changes })
      .error?.issues.map((issue) => issue.message)
      .join();

  test.each<[string, Record<string, unknown>, RegExp]>([
    ["a shared secret", { algorithms: ["RS256", "HS256"] }, /identity\.algorithms: only asymmetric/],
    ["no signature", { algorithms: ["none"] }, /identity\.algorithms: only asymmetric/],
    ["no algorithm", { algorithms: [] }, /./],
    ["an issuer over the open network", { issuer: "http://issuer.example" }, /identity\.issuer: use https/],
    ["an issuer that is no address", { issuer: "issuer" }, /identity\.issuer/],
    ["a staff role for everybody", { roles: { claim: "roles", map: {}, default: ["DPO"] } }, /only SUBJECT/],
    ["a role that there is not", { roles: { claim: "roles", map: { a: "ADMIN" } } }, /./],
    ["no identifier", { identifiers: [] }, /identity\.identifiers: name at least one/],
    ["an identifier that nobody verifies", { identifiers: [{ kind: "EMAIL", claim: "email" }] }, /./],
    ["a misspelt member", { algorithm: ["RS256"] }, /algorithm/],
    ["an hour's difference of clocks", { clockToleranceSeconds: 3600 }, /./],
  ])("%s", (_name, changes, expected) => {
    expect(message(changes)).toMatch(expected);
  });

  test("is told from one that can", () => {
    expect(message({})).toBeUndefined();
    expect(message({ issuer: "http://127.0.0.1:4001" })).toBeUndefined();
  });
});
