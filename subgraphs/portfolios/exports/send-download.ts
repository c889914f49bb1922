import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ApiError } from '../../../src/errors.js';
import { refuse } from '../../../src/server/refuse.js';
import type { Request } from '../../../src/server/request.js';
import type { Route } from '../../../src/server/subgraph.js';
import { readJob } from '../imports/import-job.table.js';
import { isAppliedAfter } from '../ledger/list-customers.js';
import { readSearch } from '../ledger/read-search.js';
import { readExport, type ExportState } from './export.table.js';
import { streamCustomers } from './stream-customers.js';
import { streamInvoices } from './stream-invoices.js';
import { streamRejections } from './stream-rejections.js';

/** Who takes nothing for so long has gone, whatever the connection says. */
const SILENCE_MILLISECONDS = 60_000;

/** Begins the id of the download that is what an import refused. */
const REJECTIONS = 'rejections-';

/** Where exports and rejections are fetched: `GET /downloads/<id>`, with the same authorization as the API. */
export const downloadRoute: Route = { method: 'GET', path: 'downloads', handle: sendDownload };

export function exportUrl(origin: string, exportId: string): string {
  return `${origin}/downloads/${exportId}`;
}

export function rejectionsUrl(origin: string, jobId: string): string {
  return `${origin}/downloads/${REJECTIONS}${jobId}`;
}

interface Download {
  readonly fileName: string;
  readonly type: string;
  readonly text: AsyncGenerator<string, void, void>;
}

/**
 * Sends a file as it is read, no faster than it is taken. Between two batches nothing is held, no transaction and no
 * connection, so whoever reads slowly keeps nobody waiting. What breaks off ends the connection: a file that is cut never
 * looks whole. The same URL may be fetched again until it expires.
 */
async function sendDownload(request: Request, id: string, _incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  let download: Download;
  try {
    request.demand('ledger:read');
    download = await findDownload(request, id);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const code = String(error.extensions['code']);
    return refuse(response, STATUS_BY_CODE[code] ?? 400, code, error.message);
  }
  response.writeHead(200, {
    'content-type': download.type,
    'content-disposition': `attachment; filename="${download.fileName}"`,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  response.setTimeout(SILENCE_MILLISECONDS, () => response.destroy());
  await pipeline(Readable.from(download.text, { objectMode: true, highWaterMark: 1 }), response).catch((error: unknown) => {
    const wasCut = (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE' || response.destroyed;
    if (!wasCut || !(error as NodeJS.ErrnoException).code) request.room.log.error({ error, id }, 'a download broke off');
    response.destroy();
  });
}

const STATUS_BY_CODE: Readonly<Record<string, number>> = { UNAUTHENTICATED: 401, FORBIDDEN: 403, NOT_FOUND: 404 };

async function findDownload(request: Request, id: string): Promise<Download> {
  const firm = request.db;
  if (id.startsWith(REJECTIONS)) {
    const job = await request.read((em) => readJob(em, id.slice(REJECTIONS.length)));
    if (!job) throw nothing();
    return { fileName: `rejections-${job.id}.csv`, type: 'text/csv; charset=utf-8; header=present', text: streamRejections(firm, job.id) };
  }
  const asked = await request.read((em) => readExport(em, id));
  if (!asked || asked.isExpired) throw nothing();
  const today = request.room.clock.today();
  const isCsv = asked.format === 'CSV';
  return {
    fileName: `${asked.content.toLowerCase()}-${today.toString()}.${isCsv ? 'csv' : 'jsonl'}`,
    type: isCsv ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson; charset=utf-8',
    text: asked.content === 'INVOICES' ? streamInvoices(firm, asked.filter, today, asked.format) : await customersOf(request, asked, today),
  };
}

async function customersOf(request: Request, { filter, format }: ExportState, asOf: Temporal.PlainDate): Promise<AsyncGenerator<string, void, void>> {
  const search = filter.search === null ? undefined : await readSearch(request, filter.search, undefined);
  const overdue = filter.overdue ?? undefined;
  return streamCustomers(request.db, { search, overdue, asOf, appliedLater: overdue !== undefined && (await isAppliedAfter(request, asOf)) }, format);
}

/** Malformed, unknown, another firm's and expired: one answer for all. */
function nothing(): ApiError {
  return new ApiError('NOT_FOUND', 'There is no such download, or it has expired.');
}
