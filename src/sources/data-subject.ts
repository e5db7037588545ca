import { Field, ID, ObjectType } from "type-graphql";
import { SignedIn } from "../access/annotate.ts";
import type { Capacity } from "../access/decide.ts";
import type { Standing } from "../access/row-guard.ts";
import type { Identifier, Identity } from "./contract.ts";

/** Who looks at a person through one field of the operation's root, and in what capacity. */
export interface Viewer extends Capacity {
  readonly as: "own" | "staff";
}

/** A person as the gateway's register knows them. */
export interface Person {
  /** The gateway's own pseudonymous name. */
  readonly id: string;
  /** What the person's records are looked for by, in every source. Empty: nothing has been verified. */
  readonly identity: Identity;
  /** What staff have settled to be this person's, by source: goes before `identity` there. */
  readonly links: ReadonlyMap<string, readonly Identifier[]>;
  /** What the person's own corrections have made lead to one record each, by source. */
  readonly corrected: ReadonlyMap<string, readonly Corrected[]>;
  /** Keyed hashes of records that staff have settled not to be this person's. */
  readonly notTheirs: ReadonlySet<string>;
  /** What the person has shown to be theirs, the latest first. */
  readonly shown: readonly Identifier[];
  /** Whether the person has shown an identifier to be theirs; otherwise staff came upon it, and whose it is is not known. */
  readonly proven: boolean;
  /** Keyed hashes of the identifiers by which records elsewhere have led to one, by source. */
  readonly referred: ReadonlyMap<string, ReadonlySet<string>>;
  /** Sources whose match waits in the work list. */
  readonly underReview: ReadonlySet<string>;
  /** Sources in which the person is being erased: nobody reads what is left there. */
  readonly erasingIn: ReadonlySet<string>;
  /** Sources in which there is nothing of the person but what the law keeps of an erasure: it stays as it is. */
  readonly keptIn: ReadonlySet<string>;
  /** Sources in which something about somebody else is withheld from the person. */
  readonly withheldIn: ReadonlySet<string>;
  /** Changes whenever an erasure of the person begins or ends in a source; null: there has been none. */
  readonly lastErasure: string | null;
  readonly standing: Standing;
}

/** An identifier that leads to one record, and to no other that may say the same. */
export interface Corrected {
  readonly identifier: Identifier;
  /** Keyed hash of the record's key. */
  readonly recordHash: string;
}

/** A person, as somebody looks at them. */
export interface Subject extends Person {
  readonly viewer: Viewer;
}

@ObjectType({
  description: "A person that data is held about (GDPR Art. 4(1)), with one branch per system.",
})
export class DataSubject implements Subject {
  @Field(() => ID, {
    description: "Pseudonymous and lasting; not an identifier of any system.",
    simple: true,
  })
  @SignedIn
  id!: string;

  identity!: Identity;
  links!: Person["links"];
  corrected!: Person["corrected"];
  notTheirs!: Person["notTheirs"];
  shown!: Person["shown"];
  proven!: boolean;
  referred!: Person["referred"];
  underReview!: Person["underReview"];
  erasingIn!: Person["erasingIn"];
  keptIn!: Person["keptIn"];
  withheldIn!: Person["withheldIn"];
  lastErasure!: Person["lastErasure"];
  standing!: Standing;
  viewer!: Viewer;
}
