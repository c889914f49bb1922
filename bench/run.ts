import { benchmark } from './benchmark.js';
import { chat, CHAT_PARTS } from './chat/chat.js';
import { dashboard } from './dashboard.js';
import { importBench } from './import.js';
import { page } from './page.js';
import type { Bench } from './report.js';
import { showReport, writeReport } from './report.js';
import { scoringBench } from './scoring.js';

/** Every bench, in the order in which all of them run. */
const BENCHES: readonly Bench[] = [importBench, dashboard, page, scoringBench, benchmark, chat];

/** Parts of a bench, to see where one stands: printed, and not written down. */
const PARTS: readonly Bench[] = CHAT_PARTS;

const asked = process.argv.slice(2);
if (asked.includes('--help') || asked.includes('-h')) {
  console.log(`npm run bench [-- NAME …]\nMeasures ${BENCHES.map(({ name }) => name).join(', ')}, or those named, and writes each one's table to bench/RESULTS.md.\nIt takes a while, and the machine should do nothing else meanwhile.`);
  process.exit(0);
}
const unknown = asked.filter((name) => ![...BENCHES, ...PARTS].some((bench) => bench.name === name));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. There are: ${[...BENCHES, ...PARTS].map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
for (const bench of BENCHES) {
  if (asked.length > 0 && !asked.includes(bench.name)) continue;
  console.error(`── ${bench.name}`);
  const report = await bench.run();
  await writeReport(report);
  console.log(showReport(report));
}
for (const part of PARTS) {
  if (!asked.includes(part.name)) continue;
  console.error(`── ${part.name}`);
  console.log(showReport(await part.run()));
}
