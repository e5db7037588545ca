import { registerEnumType } from "type-graphql";
import { IdentifierKind, Purpose, Role } from "../access/vocabulary.ts";

registerEnumType(IdentifierKind, { name: "IdentifierKind" });
registerEnumType(Purpose, { name: "Purpose", description: "What personal data is processed for." });
registerEnumType(Role, { name: "Role", description: "In what capacity somebody asks." });
