const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Whether a text is a UUID (RFC 9562): the database refuses to compare an id with anything else. */
export const isUuid = (text: string): boolean => uuid.test(text);

/** A UUID as the database writes it, in small letters; another text as it is. */
export const asWritten = (text: string): string => (isUuid(text) ? text.toLowerCase() : text);
