import pg from "pg";
import type { Role } from "../../../src/access/vocabulary.ts";
import { Role as Roles } from "../../../src/access/vocabulary.ts";
import type { Account } from "../../../src/demo/identity/accounts.ts";
import { fixedPeople } from "../../../src/demo/people/fixed.ts";
import { generatePeople } from "../../../src/demo/people/generate.ts";
import { systemKeys } from "../../../src/demo/people/person.ts";
import { TEST_PERSONS } from "../../setup/templates.ts";
import { type Said, saidNothing } from "../../access/reference.ts";

/** A person as the suite knows them: from the demo's own description, not from the gateway. */
export interface Target {
  readonly email: string;
  readonly systems: readonly string[];
  /** Systems in which nobody can say which record is theirs. */
  readonly unsettled: readonly string[];
  readonly said: Said;
}

const fixed = (email: string, said: Partial<Said> = {}, unsettled: readonly string[] = []): Target => {
  const person = fixedPeople.find((each) => each.email === email);
  if (!person) throw new Error(`nobody by ${email}`);
  return { email, systems: Object.keys(person.held), unsettled, said: { ...saidNothing, ...said } };
};

export const targets = {
  kari: fixed("kari.nordmann@example.com", { yesTo: new Set(["NEWSLETTER", "PURCHASE_BASED_MARKETING"]) }),
  siv: fixed("siv.stille@example.com", { restricted: "everywhere", yesTo: new Set(["NEWSLETTER"]) }),
  eva: fixed("eva.enebo@example.com"),
  anne: fixed("anne.berg@example.com", {}, ["crm"]),
};

/** Somebody who attacks: a role set, and whether they are a person with data of their own. */
export interface Caller {
  readonly name: string;
  /** Null: nobody signs in. */
  readonly as: string | null;
  readonly roles: ReadonlySet<Role>;
  readonly self: Target | null;
}

const staffRoles = Object.values(Roles).filter((role) => role !== "SUBJECT");

/** Made-up persons of whom every system that has one spells the address alike, and nothing is restricted. */
function* ordinary(): Generator<Target, never> {
  for (const { index, held, restricted } of generatePeople(TEST_PERSONS)) {
    const addresses = new Set(Object.values(held).map(({ email }) => email));
    const [email = ""] = addresses;
    const systems = systemKeys.filter((key) => held[key]);
    const simple = addresses.size === 1 && /^[a-z.]+\d+@[a-z.]+$/.test(email);
    if (index >= 20 && simple && systems.length > 1 && !restricted)
      yield { email, systems, unsettled: [], said: saidNothing };
  }
  throw new Error("too few persons");
}

const others = ordinary();
const withRoles = (...roles: readonly Role[]): Caller => {
  const self = others.next().value;
  return { name: roles.join("+"), as: self.email, roles: new Set(roles), self };
};

/** Nobody, somebody without a role, every role alone, and every staff role of somebody who is a person too. */
export const callers: readonly Caller[] = [
  { name: "nobody", as: null, roles: new Set(), self: null },
  { name: "no role", as: "ola.nordmann@example.com", roles: new Set(), self: null },
  withRoles("SUBJECT"),
  ...staffRoles.map((role) => ({
    name: role,
    as: `${role.toLowerCase()}@intech.example`,
    roles: new Set([role]),
    self: null,
  })),
  ...staffRoles.map((role) => withRoles("SUBJECT", role)),
  // What one role may do for its purposes, the other must not do for its own.
  ...(["SUPPORT", "MARKETING", "EVENTS"] as const).map((role) => ({
    name: `${role}+DPO`,
    as: `${role.toLowerCase()}.dpo@intech.example`,
    roles: new Set([role, "DPO"] as const),
    self: null,
  })),
];

const issuersName = (role: Role) => `innsyn-${role.toLowerCase()}`;
export const rolesClaim = {
  claim: "roles",
  map: Object.fromEntries(Object.values(Roles).map((role) => [issuersName(role), role])),
  default: [],
};

/** The targets sign in as persons do; the callers with what they claim to be. */
export const accounts: readonly Account[] = [
  ...Object.values(targets).map(({ email }): Account => {
    const { emails = [], name = email } = fixedPeople.find((each) => each.email === email) ?? {};
    return {
      emails: [email, ...emails.filter((other) => other !== email)],
      name,
      roles: [issuersName("SUBJECT")],
    };
  }),
  ...callers.flatMap(({ as, self, roles, name }): Account[] =>
    as !== null && (self !== null || roles.size > 1)
      ? [{ emails: [as], name, roles: [...roles].map(issuersName) }]
      : [],
  ),
];

type Row = Readonly<Record<string, unknown>>;

/** What leads from a row to the person: the person's table with its address, and each other's column that leads up. */
const owners: Readonly<
  Record<string, { readonly person: string; readonly email: string; readonly up: object }>
> = {
  crm: {
    person: "kontakt",
    email: "epost",
    up: {
      ordre: ["kontakt_id", "kontakt", "kontakt_id"],
      samtale: ["kontakt_id", "kontakt", "kontakt_id"],
      berikelse: ["kontakt_id", "kontakt", "kontakt_id"],
      ordrelinje: ["ordre_id", "ordre", "ordre_id"],
      retur: ["ordre_id", "ordre", "ordre_id"],
    },
  },
  learning: {
    person: "mdl_user",
    email: "email",
    up: {
      mdl_course_completions: ["userid", "mdl_user", "id"],
      mdl_feedback_value: ["userid", "mdl_user", "id"],
      mdl_session_trace: ["userid", "mdl_user", "id"],
    },
  },
  events: {
    person: "Attendee",
    email: "Email",
    up: {
      Registration: ["AttendeeId", "Attendee", "Id"],
      CompetitionEntry: ["AttendeeId", "Attendee", "Id"],
    },
  },
  mailing: {
    person: "subscribers",
    email: "email",
    up: {
      subscriber_lists: ["subscriber_id", "subscribers", "id"],
      bounces: ["subscriber_id", "subscribers", "id"],
    },
  },
};

/** What the systems store of the person by this address and of nobody else. */
export async function valuesOf(
  urls: Readonly<Record<string, string>>,
  email: string,
): Promise<readonly string[]> {
  const own = new Map<string, number>();
  const everybodys = new Map<string, number>();
  for (const [system, { person, email: column, up }] of Object.entries(owners)) {
    const client = new pg.Client({ connectionString: urls[system] });
    await client.connect();
    try {
      const rowsOf = async (table: string) => (await client.query<Row>(`select * from "${table}"`)).rows;
      const all = new Map<string, readonly Row[]>([[person, await rowsOf(person)]]);
      const theirs = new Map<string, readonly Row[]>([
        [person, (all.get(person) ?? []).filter((row) => String(row[column]).toLowerCase() === email)],
      ]);
      for (const [table, [key, parent, parentKey]] of Object.entries(
        up as Record<string, [string, string, string]>,
      )) {
        const rows = await rowsOf(table);
        const keys = new Set((theirs.get(parent) ?? []).map((row) => row[parentKey]));
        all.set(table, rows);
        theirs.set(
          table,
          rows.filter((row) => keys.has(row[key])),
        );
      }
      for (const row of [...all.values()].flat()) countIn(everybodys, row);
      for (const row of [...theirs.values()].flat()) countIn(own, row);
    } finally {
      await client.end();
    }
  }
  return [...own].flatMap(([value, n]) => (everybodys.get(value) === n ? [value] : []));
}

function countIn(counts: Map<string, number>, row: Row): void {
  for (const value of Object.values(row)) {
    if (typeof value === "object" && value !== null && !(value instanceof Date))
      countIn(counts, value as Row);
    const text = value instanceof Date ? value.toISOString() : String(value);
    if (text.length >= 6) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
}
