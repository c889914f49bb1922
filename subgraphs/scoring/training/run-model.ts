import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cardFile, withText } from './card-file.js';
import { fitCards, judgeCards, judgeMethods, leaksOf, readMaterial } from './run-study.js';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const DATA = join(ROOT, '..', 'shared', 'data');
const VERSION = '2026-11';

if (!existsSync(join(DATA, 'scoring'))) {
  console.error(`The data are not there: ${DATA}. docs/MODEL.md says where they are from.`);
  process.exit(2);
}
const material = await readMaterial(DATA);
const leaks = leaksOf(material);
if (leaks.length > 0) throw new Error(`These are held back and learned from: ${leaks.slice(0, 10).join(', ')}.`);
const cards = fitCards(material, VERSION);
const [ofCards, ofMethods] = [judgeCards(cards, material), judgeMethods(material)];
const texts = { ...ofCards.texts, ...ofMethods.texts };
const beaten = [...ofCards.beaten, ...ofMethods.beaten];
const cardFolder = join(ROOT, 'subgraphs', 'scoring', 'score', 'cards');
await writeFile(join(cardFolder, `statement-${VERSION}.ts`), cardFile({ LISTED_STATEMENT: cards.listed, UNLISTED_STATEMENT: cards.unlisted }));
await writeFile(join(cardFolder, `lateness-${VERSION}.ts`), cardFile({ LATENESS: cards.lateness }));
const page = join(ROOT, 'docs', 'MODEL.md');
await writeFile(page, Object.entries(texts).reduce((text, [name, figures]) => withText(text, name, figures), await readFile(page, 'utf8')));
console.log(Object.values(texts).join('\n\n'));
if (beaten.length > 0) {
  console.error(`The lower bound is not above every baseline: ${beaten.join('; ')}.`);
  process.exitCode = 1;
}
