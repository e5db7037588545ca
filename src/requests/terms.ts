import { registerEnumType } from "type-graphql";
import {
  ErasureAction,
  ExportFormat,
  OutcomeResult,
  RequestChannel,
  RequestKind,
  RequestStatus,
  RequestWaitsFor,
  StepAction,
  StepState,
} from "./vocabulary.ts";

/** The terms of requests, for the types of this room. */
export function registerRequestTerms(): void {
  registerEnumType(RequestKind, { name: "RequestKind", description: "Which right (GDPR Art. 15-21, 7(3))." });
  registerEnumType(RequestStatus, { name: "RequestStatus" });
  registerEnumType(RequestWaitsFor, {
    name: "RequestWaitsFor",
    description: "Whose turn it is with a request.",
  });
  registerEnumType(RequestChannel, { name: "RequestChannel", description: "How the request came." });
  registerEnumType(StepState, { name: "StepState" });
  registerEnumType(StepAction, { name: "StepAction" });
  registerEnumType(ErasureAction, { name: "ErasureAction" });
  registerEnumType(ExportFormat, {
    name: "ExportFormat",
    description: "Which files come first in the archive: both are in it.",
  });
  registerEnumType(OutcomeResult, { name: "OutcomeResult" });
}
