import {
  enums,
  type Expected,
  type Hostile,
  long,
  mark,
  refused,
  sources,
  texts,
  unreadable,
} from "./inputs.ts";

const registering = (what: string, input: Hostile["input"], expected: Expected): Hostile => ({
  mutation: "registerRequest",
  what,
  input,
  expected,
});
const email = (value: unknown) => ({ kind: "EMAIL", value });

/** Of every mutation but `rectify`. */
export const others: readonly Hostile[] = [
  ...enums("setConsent", "purpose"),
  ...(["BOOKKEEPING", "ORDER_FULFILMENT", "DATA_SUBJECT_RIGHTS"] as const).map((purpose) => ({
    mutation: "setConsent",
    what: `to ${purpose}`,
    input: { purpose },
    expected: refused("NOT_BY_CONSENT", "purpose", "NO_LEGAL_GROUND"),
  })),
  ...["", "1999-01-01", "constructor", mark, long(50_000)].map((policyVersion) => ({
    mutation: "setConsent",
    what: `policy ${policyVersion.slice(0, 20)}`,
    input: { policyVersion },
    expected: refused("NOT_THE_CURRENT_POLICY", "policyVersion"),
  })),
  ...["", "FAX", "portal", "constructor", "__proto__", mark, long(50_000)].map((channel) => ({
    mutation: "setConsent",
    what: `channel ${channel.slice(0, 20)}`,
    input: { channel },
    expected: refused("UNKNOWN_CHANNEL", "channel"),
  })),
  ...["yes", 1, null, [true]].map((given) => ({
    mutation: "setConsent",
    what: `given ${JSON.stringify(given)}`,
    input: { given },
    expected: unreadable("given"),
  })),
  ...enums("objectToProcessing", "purpose"),
  ...texts("objectToProcessing", "reason", 4_000),
  {
    mutation: "objectToProcessing",
    what: "no reason",
    input: { reason: null },
    expected: refused("REASON_MISSING", "reason"),
  },
  {
    mutation: "objectToProcessing",
    what: "what stands on a law",
    input: { purpose: "BOOKKEEPING" },
    expected: refused("NO_GROUND_TO_OBJECT", "purpose", "NO_LEGAL_GROUND"),
  },
  ...texts("restrictProcessing", "reason", 4_000),
  ...sources("restrictProcessing"),
  ...sources("liftRestriction"),
  ...texts("liftRestriction", "because", 4_000),
  ...texts("requestErasure", "reason", 4_000),
  ...sources("requestErasure"),
  ...texts("addStatement", "text", 4_000),
  ...texts("addStatement", "record", 200, false),
  ...["", "CRM", "constructor", "__proto__", mark].map((source) => ({
    mutation: "addStatement",
    what: `source ${source}`,
    input: { source },
    expected: refused("UNKNOWN_SOURCE", "source"),
  })),
  ...["", "contact", "constructor", "__proto__", "deliveries", mark].map((recordType) => ({
    mutation: "addStatement",
    what: `record type ${recordType}`,
    input: { recordType },
    expected: refused("UNKNOWN_RECORD_TYPE", "recordType"),
  })),
  ...texts("withhold", "because", 4_000),
  ...(
    [
      ["source", "UNKNOWN_SOURCE"],
      ["recordType", "UNKNOWN_RECORD_TYPE"],
      ["field", "NOT_FREE_TEXT"],
    ] as const
  ).flatMap(([field, rule]) =>
    ["", "constructor", "__proto__", "statements", mark].map((value) => ({
      mutation: "withhold",
      what: `${field} ${value}`,
      input: { [field]: value },
      expected: refused(rule, field),
    })),
  ),
  ...[mark, `${mark}\u0000`, `${mark}\ud83d`, long(60_000)].map((text) => ({
    mutation: "withhold",
    what: `a text of ${text.length} that is not held`,
    input: { text },
    expected: refused("TEXT_NOT_HELD", "text"),
  })),
  ...[-1, 2_147_483_647]
    .flatMap((n) => [
      { start: n, length: 1 },
      { start: 0, length: n },
    ])
    .map((span) => ({
      mutation: "withhold",
      what: `a passage ${JSON.stringify(span)}`,
      input: { spans: [span] },
      expected: refused("NOT_A_PASSAGE", "spans"),
    })),
  ...texts("decideRequest", "explanation", 4_000),
  ...["", "excessive", "GDPR Art. 12(5)(b)", "constructor", "__proto__", mark, long(50_000)].map(
    (legalGround) => ({
      mutation: "decideRequest",
      what: `ground ${legalGround.slice(0, 20)}`,
      input: { legalGround },
      expected: refused("NOT_A_GROUND", "legalGround"),
    }),
  ),
  ...["RIGHTS_OF_OTHERS", "IDENTITY_NOT_ESTABLISHED"].map((legalGround) => ({
    mutation: "decideRequest",
    what: `ground of something else, ${legalGround}`,
    input: { legalGround },
    expected: refused("GROUND_DOES_NOT_FIT", "legalGround"),
  })),
  ...["", "CRM", "gateway", "constructor", "__proto__", mark, long(50_000)].map((source) => ({
    mutation: "sendIdentityCode",
    what: `source ${source.slice(0, 20)}`,
    input: { source },
    expected: refused("UNKNOWN_SOURCE", "source"),
  })),
  ...["PHONE", "CUSTOMER_NUMBER", "USERNAME", "EXTERNAL_ID"].map((kind) => ({
    mutation: "sendIdentityCode",
    what: `kind ${kind}`,
    input: { kind },
    expected: refused("NOT_WRITTEN_TO", "kind"),
  })),
  ...["", "1", "00000000", "' or true --", "\u0000", mark, long(50_000), "𝟙𝟚𝟛𝟜𝟝𝟞𝟟𝟠"].map((code) => ({
    mutation: "confirmIdentity",
    what: `code ${code.slice(0, 20)}`,
    input: { code },
    expected: refused("CODE_NOT_ACCEPTED", null, "IDENTITY_NOT_VERIFIED"),
  })),
  ...[12345678.5, ["12345678"], true].map((code) => ({
    mutation: "confirmIdentity",
    what: `code ${JSON.stringify(code)}`,
    input: { code },
    expected: unreadable("code"),
  })),
  ...texts("extendDeadline", "because", 4_000),
  ...texts("confirmStep", "because", 4_000),
  ...texts("registerRequest", "note", 4_000),
  ...texts("registerRequest", "identityEstablishedBy", 4_000),
  ...enums("registerRequest", "kind"),
  ...enums("registerRequest", "channel"),
  registering("as the portal", { channel: "PORTAL" }, refused("PORTAL_CHANNEL", "channel")),
  ...["0001-01-01T00:00:00Z", "1999-01-01T00:00:00Z"].map((receivedAt) =>
    registering(receivedAt, { receivedAt }, refused("RECEIVED_TOO_LONG_AGO", "receivedAt")),
  ),
  ...["2999-01-01T00:00:00Z"].map((receivedAt) =>
    registering(receivedAt, { receivedAt }, refused("RECEIVED_IN_FUTURE", "receivedAt")),
  ),
  ...["yesterday", "2026-02-30T00:00:00Z", "2026-01-01", "", mark, null, -1].map((receivedAt) =>
    registering(`received ${receivedAt}`, { receivedAt }, unreadable("receivedAt")),
  ),
  registering("nobody", { identifiers: [] }, refused("EMPTY", "identifiers")),
  registering(
    "a crowd",
    { identifiers: Array.from({ length: 1_000 }, (_, n) => email(`${mark}${n}@example.com`)) },
    refused("TOO_LONG", "identifiers"),
  ),
  ...["", mark, `${mark}@`, `${mark}\u0000@example.com`, long(10_000)].map((value) =>
    registering(
      `an address ${value.slice(0, 20)}`,
      { identifiers: [email("kari.nordmann@example.com"), email(value)] },
      unreadable("input.identifiers.1"),
    ),
  ),
  registering(
    "a kind of its own",
    { identifiers: [{ kind: mark, value: mark }] },
    unreadable("identifiers[0].kind"),
  ),
  registering("null as a value", { identifiers: [email(null)] }, unreadable("identifiers[0].value")),
];
