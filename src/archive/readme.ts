import type { Language, Text } from "../language/language.ts";
import type { ArchiveContents } from "./contents.ts";
import { fieldWords } from "./field-words.ts";
import { gapsOf } from "./gaps.ts";
import { norwegianOf } from "./html.ts";
import { fileWords, words } from "./words.ts";

/** Plain text, in Norwegian and in English, whichever is the person's first. */
export function readme(contents: ArchiveContents): string {
  const norwegian = norwegianOf(contents.language);
  const languages: readonly Language[] = contents.language === "en" ? ["en", norwegian] : [norwegian, "en"];
  return languages.map((language) => inOne(contents, language)).join("\n\n----\n\n");
}

function inOne(contents: ArchiveContents, language: Language): string {
  const { controller, requestId, madeAt, kind } = contents;
  const say = (text: Text) => oneLine(text[language]);
  const list = (lines: readonly string[]) => lines.map((line) => `- ${line}\n`).join("");
  const gaps = gapsOf(contents).map(
    ({ title, lines }) =>
      `\n${say(title)}:\n${list((lines.length === 0 ? [words.nothing] : lines).map(say))}`,
  );
  const files = Object.entries(fileWords).map(([path, text]) => `${path}: ${say(text)}`);
  return `${say(words.title)}
${say(words[kind])}

${say(words.controller)}: ${oneLine([controller.name, controller.organisationNumber, controller.postalAddress, controller.email, controller.phone].join(", "))}
${say(fieldWords.requestId)}: ${oneLine(requestId)}
${say(words.madeAt)}: ${madeAt.toISOString()}
${gaps.join("")}
${say(words.contents)}:
${list(files)}`;
}

/** A line break in what was written elsewhere would let it pass for a line of ours. */
const oneLine = (text: string) => text.replace(/[\s\p{Cc}]+/gu, " ").trim();
