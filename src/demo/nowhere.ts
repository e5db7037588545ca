import type { DemoAddresses } from "./organisation.ts";
import { sqlSystemKeys } from "./people/person.ts";

const nothing = "http://127.0.0.1:1";

/** Of whom only the organisation is asked about: none of it is called. */
export const nowhere: DemoAddresses = {
  issuer: nothing,
  systems: {
    ...(Object.fromEntries(sqlSystemKeys.map((key) => [key, ""])) as Record<
      (typeof sqlSystemKeys)[number],
      string
    >),
    mailing: { url: nothing, user: "", token: "" },
  },
  outside: { url: nothing, partnerToken: "none", smtpUrl: "smtp://127.0.0.1:1" },
};
