import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';

/** As the table of DISCLOSURE.md has them, and the comparison of the engine with the whole product. */
const ROWS = [...Array.from({ length: 44 }, (_, place) => `A${String(place + 1).padStart(2, '0')}`), 'H50', 'L08'];

test('every attack holds its line with few trials, and succeeds where nothing stops it', async () => {
  // As a process of its own: it is the command that is tested, and it runs attacks side by side.
  const attacking = spawn(process.execPath, [join(import.meta.dirname, '..', 'attack', 'run.js'), '--fast'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [printed, [code]] = await Promise.all([text(attacking.stdout), once(attacking, 'exit') as Promise<[number | null]>]);
  const rows = printed.split('\n').flatMap((line) => (/^\| [A-Z]\d\d \|/.test(line) ? [{ id: line.slice(2, 5), held: line.includes('| held |'), line }] : []));
  expect(rows.filter(({ held }) => !held).map(({ line }) => line)).toEqual([]);
  expect({ ids: rows.map(({ id }) => id).toSorted(), code }).toEqual({ ids: ROWS, code: 0 });
}, 600_000);
