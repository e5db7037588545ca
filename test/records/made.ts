import { inventory, type LabelledCoordinate } from "../../src/access/inventory.ts";
import type { InnsynConfig } from "../../src/config/define.ts";
import { type ValidatedConfig, validateConfig } from "../../src/config/load.ts";
import { recordsIn } from "../../src/config/records.ts";
import { nowhere } from "../../src/demo/nowhere.ts";
import { demoConfig } from "../../src/demo/organisation.ts";
import { unguarded } from "../../src/graphql/schema.ts";
import type { Records } from "../../src/records/records.ts";

type Change = (config: InnsynConfig) => InnsynConfig;

export const configured = (change: Change = (config) => config): ValidatedConfig =>
  validateConfig(change(demoConfig(nowhere)), {});

/** Of the demo's organisation, as changed. */
export function madeOf(
  change?: Change,
  labelled: readonly LabelledCoordinate[] = inventory(unguarded().schema),
): Records {
  return recordsIn(configured(change), labelled);
}

/** An organisation with everything that can go wrong in a document: formulas, markup, and a processor far away. */
export const awkward: Change = ({ organisation, sources, ...config }) => ({
  ...config,
  organisation: {
    ...organisation,
    controller: { ...organisation.controller, name: '=HYPERLINK("x")', email: "@cmd" },
    supervisoryAuthority: { name: "IMY", url: "https://www.imy.se" },
    dataProtectionOfficer: {
      name: "<script>alert(1)</script>",
      email: "dpo@intech.example",
      phone: "22 00 00 00",
    },
    securityMeasures: [{ nb: "+Lås & slå", nn: "+Lås & slå", en: "+Lock & bolt" }],
    recipients: [
      {
        name: "Ads Inc",
        role: "PARTNER",
        country: "US",
        purposes: ["NEWSLETTER"],
        transferSafeguard: "SCC 2021/914",
      },
    ],
  },
  sources: {
    ...sources,
    ...(sources.mailing && {
      mailing: {
        ...sources.mailing,
        processor: { name: "Far Mail", country: "BR", agreement: "DPA", transferSafeguard: "BCR" },
      },
    }),
  },
});
