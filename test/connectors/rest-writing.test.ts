import { restHarness } from "./rest-harness.ts";
import { writingConformance } from "./writing-conformance.ts";

writingConformance(restHarness, "integer");
writingConformance(restHarness, "text");
