const many = (count: number, make: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => make(i)).join(" ");

export interface Hostile {
  readonly name: string;
  readonly document: string;
  readonly variables?: object;
  /** Of the refusal; absent: a validation error. */
  readonly limit?: string;
}

/** Documents that would cost much, for a caller who may read the fields. */
export const hostileDocuments: readonly Hostile[] = [
  {
    name: "much depth",
    document: `{ me ${"{ crm ".repeat(600)}{ name }${" }".repeat(600)} }`,
    limit: "depth",
  },
  {
    name: "depth of a value",
    document: `{ privacyPolicy(version: ${"[".repeat(900)}${"]".repeat(900)}) { text } }`,
  },
  { name: "depth", document: `{ me ${"{ crm ".repeat(60)}{ name }${" }".repeat(60)} }`, limit: "depth" },
  {
    name: "depth by fragments",
    document: `{ me { ...F0 } } ${many(40, (i) => `fragment F${i} on CustomerRecord { a { ...F${i + 1} } }`)} fragment F40 on CustomerRecord { name }`,
    limit: "depth",
  },
  { name: "tokens", document: `{ me { ${"id ".repeat(20_000)} } }`, limit: "tokens" },
  { name: "tokens in values", document: `{ privacyPolicy(version: [${"[".repeat(30_000)}`, limit: "tokens" },
  { name: "aliases", document: `{ me { ${many(100, (i) => `a${i}: id`)} } }`, limit: "aliases" },
  {
    name: "aliases by fragments",
    document: `{ a: me { ...F } b: me { ...F } c: me { ...F } } fragment F on DataSubject { ${many(25, (i) => `a${i}: id`)} }`,
    limit: "aliases",
  },
  { name: "aliased roots", document: `{ ${many(25, (i) => `a${i}: me { id }`)} }`, limit: "rootFields" },
  {
    name: "aliased roots in a fragment",
    document: `{ ...F } fragment F on Query { ${many(25, (i) => `a${i}: me { id }`)} }`,
    limit: "rootFields",
  },
  { name: "a repeated leaf", document: `{ me { ${"id ".repeat(600)} } }`, limit: "repeated" },
  {
    name: "repeated branches",
    document: `{ me { ${"crm { name orders { edges { node { total } } } } ".repeat(120)} } }`,
    limit: "repeated",
  },
  {
    name: "branches repeated within each other",
    document: `{ me { ${`crm { ${"orders { edges { cursor } } ".repeat(9)} } `.repeat(25)} } }`,
    limit: "repeated",
  },
  {
    name: "branches repeated by fragments",
    document: `{ me { ${many(85, (i) => `...F${i}`)} } } ${many(85, (i) => `fragment F${i} on DataSubject { crm { name orders { edges { node { number } } } } }`)}`,
    limit: "repeated",
  },
  {
    name: "repeated fields in unused fragments",
    document: `{ me { id } } ${many(60, (i) => `fragment F${i} on DataSubject { ${"id ".repeat(20)} ${i > 0 ? `...F${i - 1}` : ""} }`)}`,
    limit: "fields",
  },
  { name: "directives", document: `{ me { id ${"@include(if: true) ".repeat(60)} } }`, limit: "directives" },
  { name: "unknown directives", document: `{ me { id ${"@x ".repeat(900)} } }`, limit: "directives" },
  {
    name: "directives by fragments",
    document: `{ me { ...F ...F ...F } } fragment F on DataSubject { ${"id @skip(if: false) ".repeat(20)} }`,
    limit: "directives",
  },
  {
    name: "a fragment in itself",
    document: "{ me { ...A } } fragment A on DataSubject { id ...A }",
    limit: "depth",
  },
  {
    name: "fragments in a circle",
    document: `{ me { ...F0 } } ${many(200, (i) => `fragment F${i} on DataSubject { id ...F${(i + 1) % 200} }`)}`,
    limit: "fields",
  },
  {
    name: "repeated branches beside a circle",
    document: `{ me { ...A ${"crm { name orders { edges { node { total } } } } ".repeat(120)} } } fragment A on DataSubject { ...A }`,
    limit: "depth",
  },
  {
    name: "few fragments in a circle",
    document: `{ me { ...F0 } } ${many(9, (i) => `fragment F${i} on DataSubject { id ...F${(i + 1) % 9} }`)}`,
    limit: "depth",
  },
  {
    name: "every fragment in every fragment",
    document: `{ me { ...F0 } } ${many(30, (i) => `fragment F${i} on DataSubject { ${many(25, (j) => `...F${(i + j + 1) % 30}`)} }`)}`,
    limit: "fields",
  },
  {
    name: "doubling fragments",
    document: `{ me { ...F0 } } ${many(100, (i) => `fragment F${i} on DataSubject { ...F${i + 1} ...F${i + 1} }`)} fragment F100 on DataSubject { id }`,
    limit: "fields",
  },
  {
    name: "doubling fragments with branches",
    document: `{ me { ...F0 } } ${many(60, (i) => `fragment F${i} on DataSubject { crm { name } ...F${i + 1} crm { email } ...F${i + 1} }`)} fragment F60 on DataSubject { id }`,
    limit: "fields",
  },
  {
    name: "doubling fragments that end in nothing",
    document: `{ me { ...F0 } } ${many(100, (i) => `fragment F${i} on DataSubject { ...F${i + 1} ...F${i + 1} }`)}`,
    limit: "fields",
  },
  {
    name: "doubling inline fragments that end in nothing",
    document: `{ me { ...F0 } } ${many(60, (i) => `fragment F${i} on DataSubject { ... { ...F${i + 1} } ... { ...F${i + 1} } }`)}`,
    limit: "fields",
  },
  { name: "many operations", document: many(150, (i) => `query Q${i} { me { id } }`), limit: "operations" },
  {
    name: "an introspection bomb",
    document:
      "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }",
    limit: "introspectionDepth",
  },
  {
    name: "a page too large",
    document: "{ me { mailing { deliveries(first: 501) { edges { cursor } } } } }",
    limit: "pageSize",
  },
  {
    name: "a page too large in a variable",
    document: "query ($n: Int) { me { mailing { deliveries(first: $n) { edges { cursor } } } } }",
    variables: { n: 1_000_000 },
    limit: "pageSize",
  },
  {
    name: "a page too large in a default",
    document: "query ($n: Int = 501) { me { mailing { deliveries(first: $n) { edges { cursor } } } } }",
    limit: "pageSize",
  },
  {
    name: "a page too large in a fragment",
    document:
      "query ($n: Int!) { me { ...F } } fragment F on DataSubject { mailing { deliveries(first: $n) { edges { cursor } } } }",
    variables: { n: 2_147_483_647 },
    limit: "pageSize",
  },
  {
    name: "many pages",
    document: `{ me { mailing { ${many(11, (i) => `a${i}: deliveries(first: 500) { edges { cursor } }`)} } } }`,
    limit: "rows",
  },
  {
    name: "many pages by fragments",
    document: `{ ${many(12, (i) => `a${i}: me { ...F }`)} } fragment F on DataSubject { mailing { deliveries(first: 500) { edges { cursor } } } }`,
    limit: "rows",
  },
  {
    name: "pages within pages",
    document: `{ me { ${"requests(first: 20) { edges { node { subject { ".repeat(3)}id${" } } } }".repeat(3)} } }`,
    limit: "rows",
  },
  {
    name: "pages within pages that say nothing of their size",
    document: `{ me { ${"requests { edges { node { subject { ".repeat(3)}id${" } } } }".repeat(3)} } }`,
    limit: "rows",
  },
  {
    name: "pages within a page, by fragments",
    document: `query ($n: Int = 500) { me { requests(first: $n) { edges { node { subject { ...F } } } } } } fragment F on DataSubject { ... on DataSubject { mailing { deliveries { edges { cursor } } } } }`,
    variables: { n: 300 },
    limit: "rows",
  },
  {
    name: "pages for each of many persons",
    document: `query ($of: [_Any!]!) { _entities(representations: $of) { ... on DataSubject { ${many(30, (i) => `a${i}: crm { orders { edges { cursor } } }`)} } } }`,
    variables: {
      of: Array.from({ length: 100 }, () => ({
        __typename: "DataSubject",
        id: "5c1b7a52-9a0e-4f7c-8b6e-000000000001",
      })),
    },
    limit: "rows",
  },
  ...[0, -1, -2_147_483_648].flatMap((n) => [
    {
      name: `a page of ${n}`,
      document: `{ me { mailing { deliveries(first: ${n}) { edges { cursor } } } } }`,
    },
    {
      name: `a page of ${n} in a variable`,
      document: "query ($n: Int) { me { mailing { deliveries(first: $n) { edges { cursor } } } } }",
      variables: { n },
    },
  ]),
  { name: "a mutation where there is none", document: "mutation { rectify { id } }" },
  { name: "a subscription", document: "subscription { me { id } }" },
  { name: "deferred", document: "{ me { id ... @defer { crm { name } } } }" },
];
