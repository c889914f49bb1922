import { benchmark } from './benchmark.js';
import { dashboard } from './dashboard.js';
import { importBench } from './import.js';
import type { Bench } from './report.js';
import { showReport, writeReport } from './report.js';

/** Every bench, in the order in which all of them run. */
const BENCHES: readonly Bench[] = [importBench, dashboard, benchmark];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !BENCHES.some((bench) => bench.name === name));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. There are: ${BENCHES.map(({ name }) => name).join(', ')}.`);
  process.exit(1);
}
for (const bench of BENCHES) {
  if (asked.length > 0 && !asked.includes(bench.name)) continue;
  console.error(`── ${bench.name}`);
  const report = await bench.run();
  await writeReport(report);
  console.log(showReport(report));
}
