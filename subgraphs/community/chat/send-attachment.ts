import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { sql } from 'kysely';
import { ApiError } from '../../../src/errors.js';
import { refuse } from '../../../src/server/refuse.js';
import type { Request } from '../../../src/server/request.js';
import type { Route } from '../../../src/server/subgraph.js';
import { noSuchAttachment } from './claim-attachment.js';
import type { ContentType } from './file-kind.js';
import { contentDisposition } from './file-name.js';

/** Who takes nothing for so long has gone, whatever the connection says. */
const SILENCE_MILLISECONDS = 60_000;

/** Where a file is fetched: `GET /attachments/<id>`, by its uploader, and by the peer once a message carries it. */
export const sendAttachmentRoute: Route = { method: 'GET', path: 'attachments', handle: sendAttachment };

const STATUS_BY_CODE: Readonly<Record<string, number>> = { UNAUTHENTICATED: 401, FORBIDDEN: 403, NOT_FOUND: 404 };

interface Found {
  readonly peering_id: string;
  readonly id: string;
  readonly file_name: string;
  readonly content_type: ContentType;
  readonly size_bytes: number;
}

/**
 * Sends a file piece by piece, no faster than it is taken; between two pieces nothing of the database is held. It is always
 * to be saved: whatever its bytes are, a browser is told to show nothing of it and to run nothing.
 */
async function sendAttachment(request: Request, id: string, _incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  let found: Found;
  try {
    const { firmId } = request.demand('chat');
    found = await findAttachment(request, request.room.keys.ids.decode(firmId, 'Attachment', id));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const code = String(error.extensions['code']);
    return refuse(response, STATUS_BY_CODE[code] ?? 400, code, error.message);
  }
  response.writeHead(200, {
    'content-type': found.content_type,
    'content-length': found.size_bytes,
    'content-disposition': contentDisposition(found.file_name),
    'content-security-policy': "sandbox; default-src 'none'",
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-store',
  });
  response.setTimeout(SILENCE_MILLISECONDS, () => response.destroy());
  await pipeline(Readable.from(readChunks(request, found), { highWaterMark: 1 }), response).catch((error: unknown) => {
    if (!response.destroyed) request.room.log.error({ error }, 'a file broke off');
    response.destroy();
  });
}

/** What the firm may see, as row-level security says. */
async function findAttachment(request: Request, id: string): Promise<Found> {
  const { rows } = await request.db.transaction((em) => sql<Found>`
    select peering_id, id, file_name, content_type, size_bytes from community.attachment where id = ${id} and content_type is not null
  `.execute(em.getKysely<unknown>()));
  if (!rows[0]) throw noSuchAttachment();
  return rows[0];
}

async function* readChunks(request: Request, { peering_id: peeringId, id, size_bytes: sizeBytes }: Found): AsyncGenerator<Buffer, void, void> {
  let sent = 0;
  for (let place = 0; sent < sizeBytes; place += 1) {
    const { rows } = await request.db.transaction((em) => sql<{ bytes: Buffer }>`
      select bytes from community.attachment_chunk where peering_id = ${peeringId} and attachment_id = ${id} and place = ${place}
    `.execute(em.getKysely<unknown>()));
    // Erased since: what is cut must not look whole.
    if (!rows[0]) throw new Error('the file is gone');
    sent += rows[0].bytes.length;
    yield rows[0].bytes;
  }
}
