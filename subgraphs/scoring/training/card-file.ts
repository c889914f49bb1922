import type { TrainedCard } from '../score/trained-card.js';

/** The source of a file of cards. */
export function cardFile(cards: Readonly<Record<string, TrainedCard>>): string {
  const written = Object.entries(cards).map(([name, { version, base, at, scale, characteristics }]) => [
    `export const ${name}: TrainedCard = {`,
    `  version: '${version}',`,
    `  base: ${base},`,
    `  at: ${at},`,
    `  scale: ${scale},`,
    '  characteristics: [',
    ...characteristics.map(({ code, bins, unknown }) => `    { code: '${code}', unknown: ${unknown}, bins: [${bins.map(({ below, points }) => `{ below: ${below}, points: ${points} }`).join(', ')}] },`),
    '  ],',
    '};',
  ].join('\n'));
  return [`import type { TrainedCard } from '../trained-card.js';`, '', `/** Made by \`npm run model\`: figures, data and limits are in docs/MODEL.md. A version that was once used is never changed. */`, written.join('\n\n'), ''].join('\n');
}

/** A page with the text between its two marks of a name replaced. */
export function withText(page: string, name: string, text: string): string {
  const [from, to] = marksOf(name);
  const start = page.indexOf(from);
  const end = page.indexOf(to);
  if (start < 0 || end < start) throw new Error(`The page has no place for ${name}.`);
  return `${page.slice(0, start + from.length)}\n${text}\n${page.slice(end)}`;
}

function marksOf(name: string): readonly [string, string] {
  return [`<!-- ${name}: written by npm run model -->`, `<!-- end of ${name} -->`];
}
