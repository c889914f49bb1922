import { expect, test } from '@jest/globals';
import { forEachFirm } from './for-each-firm.js';

test('a firm for which it fails keeps no other waiting, and its failure is told in the end', async () => {
  const done: string[] = [];
  const work = forEachFirm(['a', 'b', 'c', 'd'], async (firmId) => {
    await Promise.resolve();
    if (firmId === 'a' || firmId === 'c') throw new Error(`not ${firmId}`);
    done.push(firmId);
  });
  await expect(work).rejects.toMatchObject({ message: 'this failed for 2 of 4 firms', errors: [{ message: 'not a' }, { message: 'not c' }] });
  expect(done).toEqual(['b', 'd']);
  await expect(forEachFirm([], () => Promise.reject(new Error('nobody')))).resolves.toBeUndefined();
});
