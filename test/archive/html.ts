/** The tags, as written. */
export const tagsOf = (page: string): readonly string[] => page.match(/<[^>]*>/g) ?? [];

const characters: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&amp;": "&",
};

/** What a browser shows. */
export const textOf = (page: string) =>
  page
    .replace(/<style>.*?<\/style>/s, "")
    .replace(/<[^>]*>/g, "")
    .replace(/&[a-z0-9#]+;/g, (entity) => characters[entity] ?? entity);
