import { erasingConformance } from "./erasing-conformance.ts";
import { sqlErasingHarness } from "./sql-erasing-harness.ts";

erasingConformance(sqlErasingHarness, "integer");
erasingConformance(sqlErasingHarness, "uuid");
erasingConformance(sqlErasingHarness, "text");
