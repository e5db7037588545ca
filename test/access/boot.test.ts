import { randomBytes } from "node:crypto";
import { Field } from "type-graphql";
import { expect, test } from "vitest";
import { createApp } from "../../src/app.ts";
import { validateConfig } from "../../src/config/load.ts";
import { demoConfig } from "../../src/demo/organisation.ts";
import { httpSettings } from "../../src/http/settings.ts";
import { fixedMasterKeys } from "../../src/store/master-keys.ts";
import { DataSubject } from "../../src/sources/data-subject.ts";
import { testDatabase } from "../setup/database.ts";

test("the gateway does not start with a field that nobody labelled, and names it", async () => {
  await using gateway = await testDatabase("gateway");
  Field(() => String, { nullable: true, simple: true })(DataSubject.prototype, "shoeSize");
  const systems = {
    crm: "",
    learning: "",
    events: "",
    website: "",
    mailing: { url: "http://127.0.0.1:1", user: "", token: "" },
  };
  const outside = { url: "http://127.0.0.1:1", partnerToken: "t", smtpUrl: "smtp://127.0.0.1:1" };
  const config = validateConfig(demoConfig({ issuer: "http://127.0.0.1:1", systems, outside }), {});
  const settings = {
    config,
    databaseUrl: gateway.url,
    masterKeys: fixedMasterKeys(randomBytes(32)),
    http: httpSettings.parse({ port: 0 }),
    introspectableBy: new Set<never>(),
  };
  await expect(createApp(settings, { sources: new Map() })).rejects.toThrow(
    /^No policy for DataSubject\.shoeSize:/,
  );
});
