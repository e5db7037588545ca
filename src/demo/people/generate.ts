import { faker } from "@faker-js/faker/locale/nb_NO";
import { bystanders, fixedPeople, type FixedPerson } from "./fixed.ts";
import { type Held, type Person, type SystemKey, systemKeys } from "./person.ts";

const SEED = 20_180_530;
const domains = ["example.com", "example.com", "example.org", "example.net"];
const share: Readonly<Record<SystemKey, number>> = {
  crm: 0.8,
  learning: 0.5,
  events: 0.4,
  mailing: 0.7,
  website: 0.6,
};

/** Makes up the same for the same person and purpose, in whatever order persons are asked for. */
export function seedFor(index: number, purpose: "person" | SystemKey): void {
  faker.seed([SEED, index, purpose === "person" ? 0 : systemKeys.indexOf(purpose) + 1]);
}

/** The demo's persons, the fixed ones first; the same for the same count. One at a time, so that memory stays flat. */
export function* generatePeople(count: number): Generator<Person, void, undefined> {
  const fixed = [...fixedPeople, ...bystanders];
  for (let index = 0; index < Math.max(count, fixed.length); index++) {
    seedFor(index, "person");
    const known = fixed[index];
    yield known === undefined ? somebody(index) : knownPerson(index, known);
  }
}

function knownPerson(index: number, known: FixedPerson): Person {
  const { extent = "usual", restricted = false, mistyped = null, familyBrowser = null } = known;
  const made = person(index, { name: known.name, email: known.email }, known.held);
  return { ...made, extent, restricted, mistyped, familyBrowser };
}

function somebody(index: number): Person {
  const given = faker.person.firstName();
  const family = faker.person.lastName();
  const email = addressFor(given, family, index);
  const held: Partial<Record<SystemKey, Partial<Held>>> = {};
  for (const system of systemKeys) if (faker.datatype.boolean(share[system])) held[system] = {};
  if (Object.keys(held).length === 0) held[faker.helpers.arrayElement(systemKeys)] = {};
  addHardCase(held, given, email);
  const made = person(index, { name: `${given} ${family}`, email }, held);
  return {
    ...made,
    extent: "usual",
    restricted: faker.datatype.boolean(0.01),
    mistyped: null,
    // Neighbours in the list are a family now and then.
    familyBrowser: index % 20 < 2 ? `fam${String(Math.floor(index / 20)).padStart(17, "0")}` : null,
  };
}

function addHardCase(held: Partial<Record<SystemKey, Partial<Held>>>, given: string, email: string): void {
  const system = faker.helpers.arrayElement(systemKeys);
  const kind = faker.number.int(99);
  const other = faker.person.lastName();
  if (held[system] === undefined) return;
  if (kind < 5) held[system] = { email: email.charAt(0).toUpperCase() + email.slice(1) };
  else if (kind < 9) held[system] = { name: `${given} ${other}` };
  else if (kind < 11 && system === "events") held[system] = { email: email.normalize("NFD") };
  else if (kind < 12 && system === "website") held[system] = { email: email.toUpperCase() };
  else if (kind < 12 && system === "crm") held[system] = { email: email.replace("@", " at ") };
}

function person(
  index: number,
  { name, email }: { name: string; email: string },
  parts: Readonly<Partial<Record<SystemKey, Partial<Held>>>>,
): Omit<Person, "extent" | "restricted" | "mistyped" | "familyBrowser"> {
  const mobile = faker.helpers.arrayElement(["4", "9"]) + faker.string.numeric(7);
  const held: Partial<Record<SystemKey, Held>> = {};
  for (const system of systemKeys) {
    const part = parts[system];
    if (part !== undefined)
      held[system] = {
        name,
        email,
        phone: phoneStyle[system](mobile),
        ...part,
      };
  }
  return {
    index,
    customerNumber: `K-${100_000 + index}`,
    jobTitle: faker.helpers.arrayElement(jobTitles),
    organisation: faker.company.name(),
    postalAddress: `${faker.location.streetAddress()}, ${faker.location.zipCode()} ${faker.location.city()}`,
    held,
  };
}

/** One in ten keeps æ, ø and å in the address (RFC 6531). */
function addressFor(given: string, family: string, index: number): string {
  const local = `${given}.${family}`.toLowerCase().replaceAll(" ", ".");
  const ascii = local.replaceAll("æ", "ae").replaceAll("ø", "o").normalize("NFD").replace(/\p{M}/gu, "");
  return `${index % 10 === 0 ? local : ascii}${index}@${faker.helpers.arrayElement(domains)}`;
}

const grouped = (mobile: string) => mobile.replace(/(...)(..)(...)/, "$1 $2 $3");
const phoneStyle: Readonly<Record<SystemKey, (mobile: string) => string>> = {
  crm: (mobile) => `+47 ${grouped(mobile)}`,
  learning: (mobile) => mobile,
  events: (mobile) => `0047${mobile}`,
  mailing: grouped,
  website: (mobile) => mobile,
};

const jobTitles = [
  "daglig leder",
  "regnskapsfører",
  "prosjektleder",
  "innkjøper",
  "utvikler",
  "rådgiver",
  "lærer",
  "avdelingsleder",
  "HR-ansvarlig",
  "selger",
];
