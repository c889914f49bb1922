import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Client } from 'pg';
import type { BenchFirm } from './bench-firm.js';

/** How an import ended. */
export interface Job {
  readonly status: string;
  readonly rowsRead: number;
  readonly rowsAccepted: number;
  readonly rowsUnchanged: number;
  readonly rowsRejected: number;
  readonly failure: unknown;
}

/** Sends a file and waits for its end, as a client would. */
export async function importFile(firm: BenchFirm, path: string): Promise<{ readonly seconds: number; readonly uploadSeconds: number; readonly job: Job }> {
  const { importCreate } = await firm.ask<{ importCreate: { job: { id: string; uploadUrl: string } } }>('mutation { importCreate(input: { format: CSV }) { job { id uploadUrl } userErrors { message } } }');
  const { size } = await stat(path);
  const start = performance.now();
  const outgoing = httpRequest(importCreate.job.uploadUrl, { method: 'PUT', headers: { authorization: `Bearer ${firm.token}`, 'content-length': size } });
  const answered = once(outgoing, 'response') as Promise<[NodeJS.ReadableStream & { statusCode: number }]>;
  await pipeline(createReadStream(path, { highWaterMark: 1 << 18 }), outgoing);
  const [answer] = await answered;
  answer.resume();
  if (answer.statusCode !== 202) throw new Error(`the upload was answered ${answer.statusCode}`);
  const uploadSeconds = (performance.now() - start) / 1000;
  for (;;) {
    const { importJob: job } = await firm.ask<{ importJob: Job }>('query ($id: ID!) { importJob(id: $id) { status rowsRead rowsAccepted rowsUnchanged rowsRejected failure { code message } } }', { id: importCreate.job.id });
    if (job.status !== 'RUNNING') return { seconds: (performance.now() - start) / 1000, uploadSeconds, job };
    await waitSeconds(0.05);
  }
}

/** Waits until every event has been heard, and everybody who is due is scored; returns for how long. */
export async function everythingDone(owner: Client): Promise<number> {
  const start = performance.now();
  for (;;) {
    const { rows } = await owner.query<{ waiting: string }>(`select (select count(*) from events.delivery where not set_aside) + (select count(*) from portfolios.contribution_due) + (select count(*) from scoring.rescore_due) as waiting`);
    if (rows[0]!.waiting === '0') return (performance.now() - start) / 1000;
    await waitSeconds(0.1);
  }
}

/** The slowest but one in a hundred. */
export function p99Of(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length * 0.99)]!;
}

/** Asks one question after the other until `ended`; the slowest but one in a hundred, in milliseconds. */
export async function askUntil(firm: BenchFirm, question: string, ended: Promise<unknown>): Promise<number> {
  const over = new AbortController();
  void ended.finally(() => over.abort()).catch(() => undefined);
  const times: number[] = [];
  while (!over.signal.aborted) {
    const start = performance.now();
    await firm.ask(question);
    times.push(performance.now() - start);
    await waitSeconds(0.01);
  }
  return p99Of(times);
}

export function waitSeconds(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
