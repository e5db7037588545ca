import { randomInt, randomUUID } from "node:crypto";
import type { GraphqlError } from "../setup/gateway.ts";

/** Has the roles SUPPORT and TRAINING. */
export const twoRoles = "support.training@intech.example";

export const persons = [
  "kari.nordmann@example.com",
  "ola.nordmann@example.com",
  "anne.berg@example.com",
  "per.berg@example.com",
  "ingrid.aas@example.com",
  "bjørn.østby@example.com",
  "siv.stille@example.com",
  "stor.leser@example.com",
] as const;
/** Never signs in: the data protection officer reads her log. */
export const eva = "eva.enebo@example.com";
export const everybody = [...persons, eva];

interface Branch {
  readonly as: string;
  readonly role: string;
  readonly purpose: string;
  readonly field: string;
  readonly selection: string;
  readonly categories: readonly string[];
  readonly sources: readonly string[];
}
const branch = (
  [as, role, purpose]: readonly [string, string, string],
  field: string,
  selection: string,
  categories: readonly string[],
  sources: readonly string[] = [field],
): Branch => ({
  as: as.includes("@") ? as : `${as}@intech.example`,
  role,
  purpose,
  field,
  selection,
  categories,
  sources,
});

export const branches = [
  branch(["support", "SUPPORT", "CUSTOMER_SUPPORT"], "crm", "{ name email }", ["CONTACT", "IDENTITY"]),
  branch(["support", "SUPPORT", "ORDER_FULFILMENT"], "crm", "{ orders(first: 1) { edges { cursor } } }", [
    "PURCHASE",
  ]),
  branch([twoRoles, "SUPPORT", "CUSTOMER_SUPPORT"], "crm", "{ jobTitle }", ["EMPLOYMENT"]),
  branch([twoRoles, "TRAINING", "TRAINING_DELIVERY"], "learning", "{ name }", ["IDENTITY"]),
  branch(
    ["training", "TRAINING", "TRAINING_DELIVERY"],
    "learning",
    "{ courses(first: 1) { edges { cursor } } }",
    ["LEARNING_PROGRESS"],
  ),
  branch(
    ["events", "EVENTS", "EVENT_ADMINISTRATION"],
    "events",
    "{ registrations(first: 1) { edges { node { event dietaryNeeds } } } }",
    ["EVENT_PARTICIPATION", "SPECIAL_NEED"],
  ),
  branch(["accounting", "ACCOUNTING", "BOOKKEEPING"], "crm", "{ customerNumber }", ["IDENTITY"]),
  branch(["marketing", "MARKETING", "NEWSLETTER"], "mailing", "{ address }", ["CONTACT"]),
  branch(
    ["marketing", "MARKETING", "NEWSLETTER"],
    "mailing",
    "{ deliveries(first: 1) { edges { cursor } } }",
    ["EMAIL_ENGAGEMENT"],
  ),
  branch(
    ["dpo", "DPO", "DATA_SUBJECT_RIGHTS"],
    "profile",
    "{ email { unavailable heldBy { source } } }",
    ["CONTACT", "IDENTITY"],
    [],
  ),
  branch(["dpo", "DPO", "AUDIT"], "accessLog", "(first: 1) { totalCount }", ["ACCESS_LOG"], []),
];

export interface Met {
  readonly id: string;
  /** Of a match. */
  readonly sources?: readonly string[];
  readonly profile?: {
    readonly email: {
      readonly unavailable: readonly string[];
      readonly heldBy: readonly { readonly source: string }[];
    };
  };
}

/** The sources that an answer itself says it is from. */
const namedBy = ({ sources = [], profile }: Met): readonly string[] => [
  ...sources,
  ...(profile?.email.unavailable ?? []),
  ...(profile?.email.heldBy ?? []).map(({ source }) => source),
];
interface Root {
  readonly text: string;
  readonly branch: Branch;
  /** Whom the root's answer names, and the categories that finding them tells. */
  met(answer: unknown): readonly Met[];
  readonly told: readonly string[];
}

const subject = ({ field, selection }: Branch) => `{ id ${field} ${selection} }`;
const byId = (person: Branch, id: string): Root => ({
  text: `dataSubject(id: "${id}", purpose: ${person.purpose}) ${subject(person)}`,
  branch: person,
  met: (answer) => (answer ? [answer as Met] : []),
  told: [],
});
const bySearch = (person: Branch, email: string): Root => ({
  text: `findDataSubjects(identifier: { kind: EMAIL, value: "${email}" }, purpose: ${person.purpose}) {
    sources subject ${subject(person)} }`,
  branch: person,
  met: (answer) =>
    ((answer ?? []) as { subject: Met; sources: string[] }[]).map(({ subject: met, sources }) => ({
      ...met,
      sources,
    })),
  told: ["IDENTITY"],
});

export const pick = <T>(choices: readonly T[]): T => choices[randomInt(choices.length)] as T;

/** What the answers that came say has been read. */
export class Counted {
  readonly looks: { readonly id: string; readonly entry: string }[] = [];
  /** Requests without an answer: whether they were carried out is not known. */
  readonly unanswered = new Set<string>();
  /** Ids that staff have come upon, by whom they looked for. */
  readonly ids = new Map<string, Set<string>>();
  read = 0;
  refused = 0;
  own = 0;

  note(roots: readonly Root[], requestId: string, data: object, errors: readonly GraphqlError[]): void {
    roots.forEach(({ branch: { role, purpose, field, categories, sources }, told, met }, n) => {
      met((data as Record<string, unknown>)[`r${n}`]).forEach((person, i) => {
        const lost = errors.some(({ path = [] }) => {
          const [root, ...place] = path;
          const [first, second] = typeof place[0] === "number" ? place.slice(0, 2) : [];
          const inMatch = first === i && second === "subject" ? place[2] : undefined;
          return root === `r${n}` && (told.length > 0 ? inMatch : place[0]) === field;
        });
        this.looks.push({
          id: person.id,
          entry: entryOf({
            role,
            purpose,
            categories: lost ? told : [...told, ...categories],
            sources: [...new Set([...(lost ? [] : sources), ...namedBy(person)])],
            requestId,
          }),
        });
      });
    });
  }
}

interface Told {
  readonly role: string;
  readonly purpose: string;
  readonly categories: readonly string[];
  readonly sources: readonly string[];
  readonly requestId: string;
}
export const entryOf = ({ role, purpose, categories, sources, requestId }: Told): string =>
  JSON.stringify([requestId, role, purpose, [...new Set(categories)].sort(), [...sources].sort()]);

export function operation(counted: Counted): { readonly as: string; readonly roots: readonly Root[] } {
  const person = pick(branches);
  const mine = branches.filter(({ as }) => as === person.as);
  const roots = Array.from({ length: pick([1, 1, 1, 2, 3]) }, () => {
    const each = pick(mine);
    const email = pick(everybody);
    const id = pick([...(counted.ids.get(email) ?? [])]);
    // Nobody is found for the purpose of an audit.
    if (each.purpose === "AUDIT") return byId(each, id ?? randomUUID());
    const wanted = pick([email, email, email, "familien.berg@example.com", "nobody@example.com"]);
    return id === undefined || randomInt(2) === 0 ? bySearch(each, wanted) : byId(each, id);
  });
  return { as: person.as, roots };
}
