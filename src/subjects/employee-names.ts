import { Unreadable } from "../store/cipher.ts";
import type { PersonKey, PersonKeys } from "../store/person-keys.ts";
import type { Db } from "../store/tables.ts";
import { keyIfAny } from "./person-key.ts";

const column = "audit_entry.sealed_actor_name";

/** Which employee looked, in the trail: legible only while the person whom they looked at has the key of that time. */
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

  /** Null: the key that it was sealed under is gone. Rejects with `Unreadable`. */
  async open(subjectRef: string, sealed: Uint8Array): Promise<string | null> {
    try {
      return (await this.#keyOf(subjectRef))?.unseal(sealed, column) ?? null;
    } catch (error) {
      if (error instanceof Unreadable && (await this.#wasForgotten(subjectRef))) return null;
      throw error;
    }
  }

  async #wasForgotten(subjectRef: string): Promise<boolean> {
    const forgotten = await this.#db
      .selectFrom("subject")
      .select("id")
      .where("id", "=", subjectRef)
      .where("forgotten_at", "is not", null)
      .executeTakeFirst();
    return forgotten !== undefined;
  }

  #keyOf(subjectRef: string): Promise<PersonKey | null> {
    let key = this.#keys.get(subjectRef);
    if (!key)
      this.#keys.set(subjectRef, (key = keyIfAny(this.#db, { personKeys: this.#personKeys }, subjectRef)));
    return key;
  }
}
