import { finished } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { RowReader, type PackedRow } from './packed.js';

/** How far PostgreSQL may be ahead of who reads, in bytes. */
const READ_AHEAD = 4 * 1024 * 1024;

/**
 * The rows of a select, each column in PostgreSQL's binary form, as they come. A query's answer would send an array of bytes as
 * hexadecimal text, and read as text it costs several times as much. Whoever stops early leaves a connection that is free again.
 */
export async function* readPackedRows(client: ClientBase, select: string): AsyncGenerator<PackedRow, void, undefined> {
  const stream = client.query(copyTo(`copy (${select}) to stdout (format binary)`, { highWaterMark: READ_AHEAD }));
  const rows = new RowReader();
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) yield* rows.read(chunk);
  } finally {
    if (!stream.readableEnded && !stream.destroyed) await finished(stream.resume()).catch(() => undefined);
  }
}
