import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError, Refusal } from '../../../src/errors.js';
import { answerEarly, cutSilent } from '../../../src/server/read-on.js';
import type { Request } from '../../../src/server/request.js';
import type { Route } from '../../../src/server/subgraph.js';
import { claimAttachment, releaseAttachment, type ClaimedAttachment } from './claim-attachment.js';
import { compareAttachment, LARGEST_ATTACHMENT, storeAttachment, tooLarge, type StoredAttachment } from './store-attachment.js';

/** Where the bytes of a file go: `PUT /attachments/<id>`, as they are, with the same authorization as the API. */
export const receiveAttachmentRoute: Route = { method: 'PUT', path: 'attachments', handle: receiveAttachment };

const STATUS_BY_CODE: Readonly<Record<string, number>> = { UNAUTHENTICATED: 401, FORBIDDEN: 403, NOT_FOUND: 404, CONFLICT: 409 };

/**
 * Takes the bytes of a file and answers once all of them are kept and judged. Sent again they are compared: the same ones
 * get the same answer. An upload that breaks off or is refused leaves nothing and may be sent again.
 */
async function receiveAttachment(request: Request, id: string, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const { firmId } = request.demand('chat');
    const compression = incoming.headers['content-encoding'] ?? 'identity';
    if (compression !== 'identity') throw new ApiError('BAD_USER_INPUT', 'Send the file as it is, without a content-encoding.');
    const firm = request.room.db.forFirm(firmId);
    const claimed = await claimAttachment(firm, firmId, request.room.keys.ids.decode(firmId, 'Attachment', id));
    // Not before it is known whose file it is: the answer says nothing of those of others.
    if (Number(incoming.headers['content-length'] ?? 0) > LARGEST_ATTACHMENT) throw tooLarge();
    const stored = await take(request, claimed, firmId, incoming);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ id, ...stored }));
  } catch (error) {
    // Nobody is left to be answered.
    if (incoming.errored) return void response.destroy();
    if (error instanceof Refusal) {
      return await answerEarly(incoming, response, error.code === 'LIMIT_REACHED' ? 413 : 422, { errors: [{ message: error.message, extensions: { code: error.code } }] });
    }
    if (!(error instanceof ApiError)) throw error;
    const code = String(error.extensions['code']);
    await answerEarly(incoming, response, STATUS_BY_CODE[code] ?? 400, { errors: [{ message: error.message, extensions: { code } }] });
  }
}

async function take({ room }: Request, claimed: ClaimedAttachment, firmId: string, incoming: IncomingMessage): Promise<StoredAttachment> {
  const firm = room.db.forFirm(firmId);
  const watching = cutSilent(incoming, room.uploadSilenceSeconds * 1000);
  try {
    // The stream outlives the reading: a refusal is answered while the client still sends.
    const bytes = incoming.iterator({ destroyOnReturn: false });
    if (claimed.sha256 !== null) return await compareAttachment(firm, claimed, bytes);
    try {
      return await storeAttachment(firm, claimed, bytes);
    } catch (error) {
      await releaseAttachment(firm, claimed);
      throw error;
    }
  } finally {
    clearInterval(watching);
  }
}
