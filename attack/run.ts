import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ATTACKS } from './attacks.js';
import { showLine, showReport, TABLE_HEAD } from './report.js';
import { SEED } from './run-attacks.js';
import { shareOut } from './share-out.js';

const USAGE = `npm run attack [-- [ID …] [--fast] [--seed NUMBER] [--processes NUMBER]]
Plays the attacks on the benchmark, all of them or those named, e.g. A07; --fast with few trials. A full run of all of them writes attack/REPORT.md.
Ends with 0 when every line held and every control succeeded, 1 when not, 2 when it was called wrongly.`;

function refuse(message: string): never {
  console.error(`${message}\nnpm run attack -- --help says how.`);
  process.exit(2);
}

function readCall() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        fast: { type: 'boolean', default: false }, seed: { type: 'string', default: String(SEED) }, processes: { type: 'string', default: String(availableParallelism()) }, help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    return refuse((error as Error).message.split('. ')[0]!.replace(/\.?$/, '.'));
  }
}

const { values, positionals } = readCall();
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const unknown = positionals.filter((id) => !ATTACKS.some((attack) => attack.id === id));
if (unknown.length > 0) refuse(`There is no attack ${unknown.join(', ')}. There are: ${ATTACKS.map(({ id }) => id).join(', ')}.`);
if (!/^\d+$/.test(values.seed) || !/^[1-9]\d?$/.test(values.processes)) refuse('A seed and a number of processes are whole numbers.');
const seed = Number(values.seed);
const processes = Number(values.processes);
const attacks = ATTACKS.filter(({ id }) => positionals.length === 0 || positionals.includes(id));
console.log(TABLE_HEAD);
const lines = await shareOut(attacks, { seed, fast: values.fast, processes, onLine: (line) => console.log([showLine(line), ...line.result.notes.map((note) => `    ${note}`)].join('\n')) });
// Only the full run of everything is the report; the sources lie beside what is built of them.
if (!values.fast && positionals.length === 0) await writeFile(join(import.meta.dirname, '..', '..', 'attack', 'REPORT.md'), showReport(lines, { seed, processes, day: Temporal.Now.plainDateISO().toString() }));
process.exitCode = lines.every(({ verdict }) => verdict === 'held') ? 0 : 1;
