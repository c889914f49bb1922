/** What a message of a pair says: no two alike, and whoever knows the numbers knows the text. ASCII that neither JSON nor XML has to escape. */
export function textOf(pair: number, number: number, length: number): string {
  const head = `${pair}.${number} `;
  const from = (number * 37) % FILL.length;
  return (head + FILL.slice(from) + FILL).slice(0, length);
}

/** The number in such a text. */
export function numberIn(text: string): number {
  return Number(text.slice(text.indexOf('.') + 1, text.indexOf(' ')));
}

/** Different from place to place, so that no compression on the way has an easy time. */
const FILL = Array.from({ length: 1000 }, (_, place) => ((place * 2654435761) % 2 ** 32).toString(36)).join(' ');
