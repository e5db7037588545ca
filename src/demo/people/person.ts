/** The demo's systems, by the keys of the gateway's sources. */
export const systemKeys = ["crm", "learning", "events", "mailing", "website"] as const;
export type SystemKey = (typeof systemKeys)[number];
/** Those whose databases the gateway reads itself. */
export type SqlSystemKey = Exclude<SystemKey, "mailing">;
export const sqlSystemKeys: readonly SqlSystemKey[] = systemKeys.filter((key) => key !== "mailing");

/** What one system stores of a person, spelled as that system has it. */
export interface Held {
  readonly name: string;
  readonly email: string;
  readonly phone: string;
}

/**
 * How much the systems hold of a person. `whole`: little, but every column filled (a canary).
 * `reader`: 20,000 deliveries in the e-mail tool.
 */
export type Extent = "usual" | "full" | "whole" | "reader";

/** A made-up person. A system that holds nothing of the person is absent from `held`. */
export interface Person {
  /** From 0; the seed of all that is made up about the person. */
  readonly index: number;
  readonly customerNumber: string;
  readonly jobTitle: string;
  readonly organisation: string;
  readonly postalAddress: string;
  readonly held: Readonly<Partial<Record<SystemKey, Held>>>;
  readonly extent: Extent;
  /** Processing is restricted (GDPR Art. 18). */
  readonly restricted: boolean;
  /** Cookie of a browser that others use as well. */
  readonly familyBrowser: string | null;
  /** An address as the person once typed it, kept in an old registration. */
  readonly mistyped: string | null;
}
