/** Bokmål, nynorsk, English. */
export const languages = ["nb", "nn", "en"] as const;
export type Language = (typeof languages)[number];

export type Text = Readonly<Record<Language, string>>;

const aliases: Readonly<Record<string, Language>> = { nb: "nb", no: "nb", nn: "nn", en: "en" };

/** The first supported language by weight (RFC 9110, 12.5.4); English where none is asked for. */
export function negotiateLanguage(acceptLanguage: string | undefined): Language {
  const wanted = (acceptLanguage ?? "")
    .split(",")
    .map((part) => {
      const [range = "", ...parameters] = part
        .toLowerCase()
        .split(";")
        .map((piece) => piece.trim());
      const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
      return {
        language: aliases[range.split("-")[0] ?? ""],
        weight: weight === undefined ? 1 : Number(weight),
      };
    })
    .filter((w): w is { language: Language; weight: number } => w.language !== undefined && w.weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return wanted[0]?.language ?? "en";
}

export const isLanguage = (name: string): name is Language => languages.some((each) => each === name);
