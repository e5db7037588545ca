import type { PersonKey, PersonKeys } from "../store/person-keys.ts";
import { KeyDestroyed } from "../store/person-keys.ts";
import type { Db } from "../store/tables.ts";
import { keyOfPerson } from "./person-key.ts";

const column = "audit_entry.sealed_actor_name";

/** Which employee looked, in the trail: legible only as long as the person whom they looked at has a key. */
export class EmployeeNames {
  readonly #db: Db;
  readonly #personKeys: PersonKeys;
  readonly #keys = new Map<string, Promise<PersonKey | null>>();

  /** For one request: keys are opened once. */
  constructor(db: Db, personKeys: PersonKeys) {
    this.#db = db;
    this.#personKeys = personKeys;
  }

  /** Null: the person's key is gone. */
  async seal(subjectRef: string, name: string): Promise<Uint8Array | null> {
    return (await this.#keyOf(subjectRef))?.seal(name, column) ?? null;
  }

  /** Null: the person's key is gone. Rejects with `Unreadable`. */
  async open(subjectRef: string, sealed: Uint8Array): Promise<string | null> {
    return (await this.#keyOf(subjectRef))?.unseal(sealed, column) ?? null;
  }

  #keyOf(subjectRef: string): Promise<PersonKey | null> {
    let key = this.#keys.get(subjectRef);
    if (!key) this.#keys.set(subjectRef, (key = this.#open(subjectRef)));
    return key;
  }

  async #open(subjectRef: string): Promise<PersonKey | null> {
    try {
      return await keyOfPerson(this.#db, { personKeys: this.#personKeys }, subjectRef);
    } catch (error) {
      if (error instanceof KeyDestroyed) return null;
      throw error;
    }
  }
}
