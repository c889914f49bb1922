import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Pool } from 'pg';
import pino from 'pino';
import { watchConnections } from '../src/database/watch-connections.js';
import { needDatabase } from './need-database.js';

const cleanUps: (() => Promise<void>)[] = [];
let pool: Pool;
let stop: () => void;
const told: string[] = [];
beforeAll(async () => {
  const database = await needDatabase((cleanUp) => cleanUps.push(cleanUp));
  // Not the database that houses are copied from: nobody else may be there.
  const url = new URL('/postgres', database.url).href;
  pool = new Pool({ connectionString: url, max: 2 });
  stop = watchConnections(pool, url, pino({}, { write: (line: string) => void told.push(line) }));
});
afterAll(async () => {
  stop();
  await pool.end();
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
});

test('a process that is held up itself does not take its database for dead', async () => {
  // In use for so long that the server is asked whether it is there.
  await pool.query('select 1');
  const slow = pool.query('select pg_sleep(25)');
  const still = new Int32Array(new SharedArrayBuffer(4));
  // Each time longer than an answer may take: it has come by then, and nobody has read it.
  for (let times = 0; times < 7; times += 1) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    Atomics.wait(still, 0, 0, 3100);
  }
  expect((await slow).rowCount).toBe(1);
  expect(told).toEqual([]);
}, 60_000);
