import { expect, test } from '@jest/globals';
import { ATTACKS } from '../attack/attacks.js';
import { runAttacks } from '../attack/run-attacks.js';

test('every attack holds its line with few trials, and succeeds where nothing stops it', async () => {
  const lines = await runAttacks(ATTACKS, { fast: true });
  expect(lines.map(({ attack, verdict, result }) => `${attack.id} ${verdict}${verdict === 'held' ? '' : `: ${JSON.stringify(result)}`}`)).toEqual(ATTACKS.map(({ id }) => `${id} held`));
}, 600_000);
