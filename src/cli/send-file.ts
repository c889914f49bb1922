import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ApiFailure, reasonOf } from './ask-api.js';

/** A file that can be sent. */
export interface Sendable {
  readonly bytes: Readable;
  /** Undefined for a stream. */
  readonly size: number | undefined;
}

/** Opens a file, or standard input for `-`, before anything is asked of the API. */
export async function openFile(path: string): Promise<Sendable> {
  if (path === '-') return { bytes: process.stdin, size: undefined };
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new ApiFailure(`${path}: ${error.code === 'ENOENT' ? 'there is no such file' : `cannot be read (${error.code})`}.`);
  });
  if (found.isDirectory()) throw new ApiFailure(`${path} is a directory.`);
  return { bytes: createReadStream(path), size: found.isFile() ? found.size : undefined };
}

/** Sends a file as a stream, no faster than it is taken. A file that the API refuses is an answer like any other: the import says why. */
export async function sendFile(url: string, token: string, { bytes, size }: Sendable, encoding: string | undefined, sent: (bytes: number) => void): Promise<void> {
  const open = url.startsWith('https:') ? requestHttps : requestHttp;
  const outgoing = open(url, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': `application/octet-stream${encoding === undefined ? '' : `; charset=${encoding}`}`, ...(size !== undefined && { 'content-length': size }) },
  });
  const answered = new Promise<{ status: number; body: string }>((resolve, reject) => {
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text)).once('end', () => resolve({ status: response.statusCode ?? 0, body })).once('error', reject);
    });
  });
  let count = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sent((count += chunk.length));
      done(null, chunk);
    },
  });
  // An early answer counts, not that the rest could not be sent.
  const piped = pipeline(bytes, counted, outgoing).catch((error: unknown) => error);
  const first = await Promise.race([answered, piped.then((error) => (error === undefined ? answered : Promise.race([answered, later(error)])))]).catch((error: unknown) => {
    throw new ApiFailure(`The file could not be sent (${reasonOf(error)}).`, { cause: error });
  });
  bytes.destroy();
  if (first.status !== 202 && first.status !== 422) throw new ApiFailure(messageOf(first.body) ?? `The file was not taken (HTTP ${first.status}).`);
}

/** Throws after the time in which an answer that is under way arrives. */
function later(error: unknown): Promise<never> {
  return new Promise((_, reject) => setTimeout(() => reject(error as Error), 1_000));
}

function messageOf(body: string): string | undefined {
  try {
    return (JSON.parse(body) as { errors?: readonly { message: string }[] }).errors?.[0]?.message;
  } catch {
    return undefined;
  }
}
