import { LATENESS } from '../score/cards/lateness-2026-11.js';
import { LISTED_STATEMENT, UNLISTED_STATEMENT } from '../score/cards/statement-2026-11.js';
import { probabilityOf } from './fit.js';
import { fitCards, judgeCards, leaksOf, readMaterial } from './run-study.js';
import { usSample } from './statement-study.js';

/** So many rows of those held back are shown with what training says of them. */
const SHOWN_ROWS = 500;

const [data, version] = process.argv.slice(2) as [string, string];
const cards = { listed: LISTED_STATEMENT, unlisted: UNLISTED_STATEMENT, lateness: LATENESS };
const material = await readMaterial(data);
const shown = [...material.us.held.values()].flat().slice(0, SHOWN_ROWS).map((firm) => ({ ratios: firm.ratios, said: probabilityOf(LISTED_STATEMENT, usSample(firm)) }));
console.log(JSON.stringify({ fitted: fitCards(material, version), ...judgeCards(cards, material), leaks: leaksOf(material), shown }));
