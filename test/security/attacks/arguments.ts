import {
  getNamedType,
  getNullableType,
  type GraphQLInputType,
  isInputObjectType,
  isListType,
  isRequiredArgument,
  isRequiredInputField,
} from "graphql";
import { expect } from "vitest";
import type { EntryPoint } from "./entry-points.ts";
import { naming, questions, wishes } from "./naming.ts";
import { EnumValue, type Given } from "./values.ts";

/** Whom an attack names. What is absent is left out of the arguments. */
export interface Whom {
  readonly id?: string | undefined;
  readonly email: string;
  /** Ids of requests, of a step and of a plan, as in `Meaning`. */
  readonly request?: string | undefined;
  readonly undecided?: string | undefined;
  readonly unproven?: string | undefined;
  readonly step?: string | undefined;
  readonly reappearance?: string | undefined;
  readonly letter?: string | undefined;
  readonly copy?: string | undefined;
  readonly mark?: string | undefined;
  readonly scheduled?: string | undefined;
  readonly secret?: string | undefined;
  readonly review?: string | undefined;
  readonly plan?: string | undefined;
}

/** The arguments of a way in, with somebody in every place where somebody can be named, and what is wished besides. */
export function argumentsOf(
  { name: entry, field }: EntryPoint,
  whom: Whom,
  purpose: string,
): readonly Given[] {
  const meanings = naming[entry] ?? {};
  const named = (place: string, type: GraphQLInputType): unknown => {
    const identifier = { kind: new EnumValue("EMAIL"), value: whom.email };
    const values = {
      person: whom.id,
      reference: whom.id && [{ __typename: "DataSubject", id: whom.id }],
      request: whom.request,
      undecided: whom.undecided,
      unproven: whom.unproven,
      step: whom.step,
      reappearance: whom.reappearance,
      letter: whom.letter,
      copy: whom.copy,
      mark: whom.mark,
      scheduled: whom.scheduled,
      review: whom.review,
      secret: whom.secret,
      plan: whom.plan,
      identifier: isListType(getNullableType(type)) ? [identifier] : identifier,
      // A version of the policy names nobody.
      policy: undefined,
    };
    const meaning = meanings[place];
    return meaning && values[meaning];
  };
  const objectOf = (type: GraphQLInputType, before: string): Readonly<Record<string, unknown>> => {
    const inner = getNamedType(type);
    const members = isInputObjectType(inner) ? Object.values(inner.getFields()) : [];
    const valued = members.map((member) => {
      const place = `${before}.${member.name}`;
      const value = wishes[entry]?.[member.name] ?? named(place, member.type);
      const isForgotten = value === undefined && isRequiredInputField(member) && !(place in meanings);
      if (isForgotten) expect.fail(`no wish for ${entry}: ${place}`);
      return [member.name, value] as const;
    });
    return Object.fromEntries(valued.filter(([, value]) => value !== undefined));
  };
  return field.args.flatMap((arg): readonly Given[] => {
    const isNamed = Object.keys(meanings).some((place) => place.split(".")[0] === arg.name);
    if (!isNamed && !isRequiredArgument(arg)) return [];
    const given = { name: arg.name, type: String(arg.type) };
    if (isInputObjectType(getNamedType(arg.type)) && !(arg.name in meanings))
      return [{ ...given, value: objectOf(arg.type, arg.name) }];
    const wished = questions[entry]?.[arg.name] ?? new EnumValue(purpose);
    const value = arg.name in meanings ? named(arg.name, arg.type) : wished;
    return value === undefined ? [] : [{ ...given, value }];
  });
}
