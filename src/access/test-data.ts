import type { PersonalLabel } from "./labels.ts";

/** Whether test data is made from what systems hold of a category: special ones (GDPR Art. 9) are left out. */
export const isForTests = ({ category }: Pick<PersonalLabel, "category">): boolean =>
  category !== "SPECIAL_NEED";
