import { writingConformance } from "./writing-conformance.ts";
import { sqlHarness } from "./sql-harness.ts";

writingConformance(sqlHarness, "integer");
writingConformance(sqlHarness, "uuid");
