import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ATTACKS } from './attacks.js';
import { showLine, showReport } from './report.js';
import { SEED } from './run-attacks.js';
import { shareOut } from './share-out.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { fast: { type: 'boolean', default: false }, seed: { type: 'string', default: String(SEED) }, processes: { type: 'string', default: String(availableParallelism()) } },
});
const unknown = positionals.filter((id) => !ATTACKS.some((attack) => attack.id === id));
if (unknown.length > 0 || !/^\d+$/.test(values.seed) || !/^[1-9]\d?$/.test(values.processes)) {
  console.error(unknown.length > 0 ? `There is no attack ${unknown.join(', ')}. There are: ${ATTACKS.map(({ id }) => id).join(', ')}.` : 'A seed and a number of processes are whole numbers.');
  process.exit(2);
}
const seed = Number(values.seed);
const processes = Number(values.processes);
const attacks = ATTACKS.filter(({ id }) => positionals.length === 0 || positionals.includes(id));
const lines = await shareOut(attacks, { seed, fast: values.fast, processes, onLine: (line) => console.log([showLine(line), ...line.result.notes.map((note) => `    ${note}`)].join('\n')) });
// Only the full run of everything is the report; the sources lie beside what is built of them.
if (!values.fast && positionals.length === 0) await writeFile(join(import.meta.dirname, '..', '..', 'attack', 'REPORT.md'), showReport(lines, { seed, processes, day: Temporal.Now.plainDateISO().toString() }));
process.exitCode = lines.every(({ verdict }) => verdict === 'held') ? 0 : 1;
