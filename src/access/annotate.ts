import "reflect-metadata";
import { Extensions } from "type-graphql";
import type { Label, PersonalLabel } from "./labels.ts";

const annotation = (label: Label) => Extensions({ label });

/** Labels a field, or every field of a type that has no label of its own. */
export const Personal = (label: Omit<PersonalLabel, "kind">) => annotation({ kind: "personal", ...label });
export const Public = annotation({ kind: "public" });
export const SignedIn = annotation({ kind: "signedIn" });
export const Container = annotation({ kind: "container" });

/** Whose data a field of `Query` or `Mutation` leads to: the caller's own, or a named person's for a stated purpose. */
export type Entry = "own" | "staff";
export const EntersAs = (entry: Entry) => Extensions({ entry });
