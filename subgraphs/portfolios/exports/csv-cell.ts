/** What a spreadsheet takes for the beginning of a formula, in the full width of East Asian keyboards too. */
const FORMULA = /^'*[=+\-@＝＋－＠\t\r]/;

/** A row of a CSV file: nothing for null, quoted where it must be, and never a formula to a spreadsheet. */
export function csvRow(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/**
 * A cell of a CSV file. A text that a spreadsheet would run as a formula gets an apostrophe in front, which is how one
 * writes there that a cell is text; `withoutApostrophe` takes exactly that away, so what is sent back is what was sent.
 */
export function csvCell(value: string | number | null): string {
  if (value === null) return '';
  const text = typeof value === 'string' && FORMULA.test(value) ? `'${value}` : String(value);
  return /[",;|\t\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The text of a cell, without the apostrophe that only said that it is text. */
export function withoutApostrophe(text: string): string {
  return text.startsWith("'") && FORMULA.test(text) ? text.slice(1) : text;
}
