import { Field, ID, ObjectType } from "type-graphql";
import { SignedIn } from "../access/annotate.ts";
import type { Identity } from "./contract.ts";

/** A person, by the gateway's own pseudonymous name and the identifiers that sources may be asked for. */
export interface Subject {
  readonly id: string;
  readonly identity: Identity;
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
}
