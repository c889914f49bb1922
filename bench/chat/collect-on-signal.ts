import { writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Loaded before a program whose memory is measured, `--import=file:///…/collect-on-signal.js?FILE`: at SIGUSR2 it collects what
 * nobody holds any more, and writes how many bytes are held then to FILE.
 */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const file = decodeURIComponent(new URL(import.meta.url).search.slice(1));
process.on('SIGUSR2', () => {
  for (let turn = 0; turn < 3; turn += 1) collect();
  const { heapUsed, external } = process.memoryUsage();
  writeFileSync(file, String(heapUsed + external));
});
