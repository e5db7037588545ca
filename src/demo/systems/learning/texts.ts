/** Answers to surveys that many give: they may stay where their person does not. */
export const commonAnswers = ["Ja", "Nei", "Svært bra", "Vet ikke"] as const;
