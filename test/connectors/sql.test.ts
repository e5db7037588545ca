import { conformance } from "./conformance.ts";
import { sqlHarness } from "./sql-harness.ts";

conformance(sqlHarness, "integer");
conformance(sqlHarness, "uuid");
