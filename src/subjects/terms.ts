import { registerEnumType } from "type-graphql";
import { IdentifierKind, Purpose, Role } from "../access/vocabulary.ts";

/** The terms that types of more than one room are written in. */
export function registerTerms(): void {
  registerEnumType(IdentifierKind, { name: "IdentifierKind" });
  registerEnumType(Purpose, { name: "Purpose", description: "What personal data is processed for." });
  registerEnumType(Role, { name: "Role", description: "In what capacity somebody asks." });
}
