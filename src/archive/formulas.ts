const begins = "[=+\\-@\\t\\r\\uFF1D\\uFF0B\\uFF0D\\uFF20]";
/** Where a spreadsheet may begin a cell: also at a line break or semicolon within the text, since it may split there. */
const cell = new RegExp(`(?<=^|[;\\t\\r\\n])(?='*${begins})`, "g");
/** A spreadsheet takes it for the number that it is. */
const plainNumber = /^-?\d+(\.\d+)?$/;

/**
 * Text that a spreadsheet does not run as a formula: an apostrophe stands before what would begin one. Text that has
 * apostrophes there already gets one more, so that taking one away gives back what was held.
 */
export const unformulated = (text: string) => (plainNumber.test(text) ? text : text.replace(cell, "'"));
