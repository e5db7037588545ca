import { at } from "../../src/connectors/rest/json.ts";
import { byRow, erasesWith, ErasingApi, erasingSource } from "./erasing-api.ts";
import { erasingConformance, type ErasingHarness } from "./erasing-conformance.ts";
import { restHarness } from "./rest-harness.ts";

const isEmpty = (value: unknown) => value === null || value === "";

const erases = erasesWith({
  letters: { by: byRow },
  record: {
    reduced: {
      call: { method: "PATCH", path: "/people/{key}", body: () => ({ phone: "", email: "" }) },
      isReduced: (record) => isEmpty(at(record, "phone")) && isEmpty(at(record, "email")),
    },
  },
});

const restErasingHarness: ErasingHarness = {
  name: "rest",
  async make(keyType) {
    const system = await restHarness.make(keyType);
    const api = await ErasingApi.make(system);
    const source = erasingSource(system.server.url, erases);
    return {
      system,
      source,
      trace: (key, email) => api.trace(key ?? "", email),
      async [Symbol.asyncDispose]() {
        await source.close();
        await system[Symbol.asyncDispose]();
      },
    };
  },
};

erasingConformance(restErasingHarness, "integer");
