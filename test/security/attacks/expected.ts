import type { Purpose, Role } from "../../../src/access/vocabulary.ts";
import { createReference, type ReferenceCaller, type Said, saidNothing } from "../../access/reference.ts";
import type { EntryPoint } from "./entry-points.ts";
import { forRights } from "./naming.ts";
import type { Caller, Target } from "./persons.ts";
import { type Branch, coordinatesIn, project, prune, type Tree } from "./selections.ts";

export const reference = createReference();

/** In the order in which the gateway names them. */
const systems = ["crm", "learning", "mailing", "events", "website"] as const;

/** In what capacity a caller comes in: as the person, or as everything else that they are. */
export function capacityOf({ as, roles }: Caller, purpose: Purpose | null, own = false): ReferenceCaller {
  const counted = [...roles].filter((role: Role) => (role === "SUBJECT") === own);
  return { signedIn: as !== null, roles: new Set(counted), purpose };
}

/** Ways in to a request of the caller's own, or for staff of anybody's. */
const byRole: ReadonlySet<string> = new Set(["request", "cancelRequest"]);

/** Ways in to the caller's own data, whoever else they are. */
const toOneself: ReadonlySet<string> = new Set(["me", "agreeToPrivacyPolicy"]);

/** Ways in that lead to nobody's data. */
const toNobody: ReadonlySet<string> = new Set(["confirmIdentity"]);

/** In what capacity a way in is entered that names another person. */
export function enteringBy(
  { name, root }: EntryPoint,
  caller: Caller,
  purpose: Purpose | null,
): ReferenceCaller {
  const isStaff = [...caller.roles].some((role) => role !== "SUBJECT");
  const own = toOneself.has(name) || (byRole.has(name) && !isStaff);
  const isForRights = (root === "Mutation" && !toNobody.has(name)) || forRights.has(name);
  const fixed = isForRights ? "DATA_SUBJECT_RIGHTS" : null;
  return capacityOf(caller, purpose ?? fixed, own);
}

export const refusedOf = (caller: ReferenceCaller, coordinates: readonly string[]): readonly string[] =>
  [...new Set(coordinates)].filter((coordinate) => !reference.mayRead(caller, coordinate)).sort();

/** All of a person that the caller may select, each branch once for every thing that the person's word may say of it. */
export function personSelection(tree: Tree, caller: ReferenceCaller): Tree | null {
  const open = prune(tree, (coordinate) => reference.mayRead(caller, coordinate));
  return open && { ...open, fields: open.fields.flatMap((branch) => byWord(branch, caller)) };
}

function byWord(branch: Branch, caller: ReferenceCaller): readonly Branch[] {
  const { below, name } = branch;
  if (below === null) return [branch];
  const needsYes = (coordinate: string) =>
    reference.refusedByWord(caller, [coordinate], saidNothing) !== null;
  const quiet = prune(below, (coordinate) => !needsYes(coordinate));
  const all = coordinatesIn(below);
  if (quiet === null || !all.some(needsYes)) return [branch];
  return [{ ...branch, alias: `${name}_quiet`, below: quiet }, branch];
}

export interface Outcome {
  readonly data: unknown;
  /** By where it stands in the answer. */
  readonly errors: Readonly<Record<string, string>>;
}

/** Systems of which the caller may read anything for the purpose, and that have the person. */
const meetingPlaces = (caller: ReferenceCaller, { systems: held }: Target) =>
  systems.filter((key) => held.includes(key) && reference.mayRead(caller, `DataSubject.${key}`));

/** The DPO, at the DPO's own work, sees whoever is registered. */
const isOfficer = ({ roles, purpose }: ReferenceCaller) =>
  roles.has("DPO") && /^(DATA_SUBJECT_RIGHTS|AUDIT|EVENT_ADMINISTRATION)$/.test(purpose ?? "");

/** What is shown of one person; `whole`: what that person is shown of themselves. */
function shown(
  selection: Tree,
  target: Target,
  whole: unknown,
  caller: ReferenceCaller,
  path: string,
): Outcome {
  const data = project(selection, whole, "whole") as Record<string, unknown>;
  const errors: Record<string, string> = {};
  for (const { name, alias = name, coordinate, below } of selection.fields) {
    const coordinates = [coordinate, ...(below ? coordinatesIn(below) : [])];
    const refusal = below && reference.refusedByWord(caller, coordinates, target.said);
    const code = refusal ?? (target.unsettled.includes(name) ? "IDENTITY_AMBIGUOUS" : null);
    if (code === null) continue;
    data[alias] = null;
    errors[`${path}.${alias}`] = code;
  }
  return { data, errors };
}

/** Staff see only a person of whom some system that they may read for the purpose has something. */
export function dataSubject(
  selection: Tree,
  target: Target | null,
  whole: unknown,
  caller: ReferenceCaller,
  path: string,
): Outcome {
  const isMet = target !== null && (isOfficer(caller) || meetingPlaces(caller, target).length > 0);
  if (!isMet) return { data: null, errors: { [path]: "NOT_FOUND" } };
  return shown(selection, target, whole, caller, path);
}

/** `selection`: of the entity. */
export function entities(
  ...[selection, target, whole, caller, path]: Parameters<typeof dataSubject>
): Outcome {
  const place = `${path}.0`;
  const { data, errors } = dataSubject(selection.members[0] ?? selection, target, whole, caller, place);
  return { data: [data], errors: errors[place] === "NOT_FOUND" ? {} : errors };
}

/** `selection`: of a match. Which systems know a person is said of nobody whose processing is restricted. */
export function findDataSubjects(
  selection: Tree,
  target: Target | null,
  whole: unknown,
  caller: ReferenceCaller,
  path: string,
): Outcome {
  const places = target === null ? [] : meetingPlaces(caller, target);
  if (target === null || (places.length === 0 && !isOfficer(caller))) return { data: [], errors: {} };
  const { restricted } = target.said;
  const told = places.filter((key) => {
    const isThere = restricted !== "everywhere" && restricted.has(key);
    const said: Said = isThere ? { ...target.said, restricted: "everywhere" } : target.said;
    return reference.refusedByWord(caller, ["DataSubjectMatch.sources"], said) === null;
  });
  const person = selection.fields.find(({ name }) => name === "subject")?.below;
  const subject = person
    ? shown(person, target, whole, caller, `${path}.0.subject`)
    : { data: undefined, errors: {} };
  const match: Readonly<Record<string, unknown>> = {
    subject: subject.data,
    matchedBy: [{ kind: "EMAIL", value: target.email }],
    sources: told,
    ambiguous: told.some((key) => target.unsettled.includes(key)),
  };
  return {
    data: [Object.fromEntries(selection.fields.map(({ name }) => [name, match[name]]))],
    errors: subject.errors,
  };
}
