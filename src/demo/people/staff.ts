import type { Role } from "../../access/vocabulary.ts";

export interface StaffMember {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
}

/** Employees of the demo organisation, one per staff role. */
export const staff: readonly StaffMember[] = [
  { email: "support@intech.example", name: "Sara Support", role: "SUPPORT" },
  {
    email: "marketing@intech.example",
    name: "Markus Marked",
    role: "MARKETING",
  },
  { email: "training@intech.example", name: "Tuva Trening", role: "TRAINING" },
  { email: "events@intech.example", name: "Eivind Event", role: "EVENTS" },
  {
    email: "accounting@intech.example",
    name: "Rolf Regnskap",
    role: "ACCOUNTING",
  },
  { email: "dpo@intech.example", name: "Dagny Personvern", role: "DPO" },
  { email: "auditor@intech.example", name: "Randi Revisor", role: "AUDITOR" },
];
