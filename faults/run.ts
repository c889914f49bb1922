import { parseArgs } from 'node:util';
import { EXPERIMENTS } from './experiments.js';
import { showFigures, showLine, showReport, TABLE_HEAD } from './report.js';
import { keepRun, readCommit, readRun, writeReport } from './runs.js';
import { shareOut } from './share-out.js';

const USAGE = `npm run faults -- chat [ID …] [--fast]
Makes the faults of faults/README.md under a running chat, all of them or those named, e.g. F01; --fast in their short versions.
A full run is kept in faults/outcomes, and faults/REPORT.md is written anew from the newest run of each.
Ends with 0 when everything held, 1 when not, 2 when it was called wrongly.`;

function refuse(message: string): never {
  console.error(`${message}\nnpm run faults -- --help says how.`);
  process.exit(2);
}

function readCall() {
  try {
    return parseArgs({ allowPositionals: true, options: { fast: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } } });
  } catch (error) {
    return refuse((error as Error).message.split('. ')[0]!.replace(/\.?$/, '.'));
  }
}

const { values, positionals: [part, ...ids] } = readCall();
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
if (part !== 'chat') refuse('Say what is to be tried: chat.');
const unknown = ids.filter((id) => !EXPERIMENTS.some((experiment) => experiment.id === id));
if (unknown.length > 0) refuse(`There is no experiment ${unknown.join(', ')}. There are: ${EXPERIMENTS.map(({ id }) => id).join(', ')}.`);
const experiments = EXPERIMENTS.filter(({ id }) => ids.length === 0 || ids.includes(id));
console.log(TABLE_HEAD);
const commit = readCommit();
const lines = await shareOut(experiments, {
  scale: values.fast ? 'SHORT' : 'FULL',
  onLine: (line) => {
    console.log([showLine(line), ...showFigures(line).map((figure) => `    ${figure}`), ...(line.outcome?.notes ?? [line.broke ?? '']).map((note) => `    ${note}`)].join('\n'));
    if (values.fast) return;
    keepRun(line, commit);
    writeReport(showReport(EXPERIMENTS.map((experiment) => ({ experiment, run: readRun(experiment) }))));
  },
});
process.exitCode = lines.every(({ held }) => held) ? 0 : 1;
