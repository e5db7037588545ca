import { randomUUID } from "node:crypto";
import type { Subject } from "../sources/data-subject.ts";
import { SignInEntity, SubjectEntity } from "../store/entities.ts";
import type { KeyedHash } from "../store/keyed-hash.ts";
import type { Store } from "../store/store.ts";
import type { Principal } from "./principal.ts";

/** Finds the gateway's own name for whoever signs in; null for a caller who is nobody's data subject. */
export type FindPerson = (principal: Principal) => Promise<Subject | null>;

export function createPeople(store: Store, hash: KeyedHash): FindPerson {
  // A principal lives no longer than its token is believed: a minute.
  const met = new WeakMap<Principal, Subject>();
  return async (principal) => {
    const { issuer, sub, identifiers, roles } = principal;
    if (!roles.has("SUBJECT") || identifiers.length === 0) return null;
    let subject = met.get(principal);
    if (!subject) {
      const key = hash(issuer, sub);
      const known = await store.em.fork().findOne(SignInEntity, { hash: key });
      const id = known?.subjectId ?? (await enrol(store, key));
      met.set(principal, (subject = { id, identity: { identifiers } }));
    }
    return subject;
  };
}

/** Two replicas may meet a new person at once: the first to write wins, and both answer with its name. */
function enrol(store: Store, hash: string): Promise<string> {
  return store.em.fork().transactional(async (em) => {
    await em.execute("select pg_advisory_xact_lock(hashtext(?))", [hash]);
    const known = await em.findOne(SignInEntity, { hash });
    if (known !== null) return known.subjectId;
    const id = randomUUID();
    await em.insert(SubjectEntity, { id, createdAt: new Date() });
    await em.insert(SignInEntity, { hash, subjectId: id });
    return id;
  });
}
