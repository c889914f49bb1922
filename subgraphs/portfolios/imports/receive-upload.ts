import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FirmDatabase } from '../../../src/database/room-database.js';
import { ApiError, Refusal } from '../../../src/errors.js';
import { answerEarly, cutSilent } from '../../../src/server/read-on.js';
import type { Request } from '../../../src/server/request.js';
import type { Route } from '../../../src/server/subgraph.js';
import { claimImport, failImport, releaseImport, type ClaimedImport } from './claim-import.js';
import { demandEncoding, LARGEST_FILE } from './read-records.js';
import { mergeDueImport } from './run-imports.js';
import { stageFile } from './stage-file.js';

/** Where the file of an import goes: `PUT /uploads/<job>`, the raw bytes, with the same authorization as the API. */
export const uploadRoute: Route = { method: 'PUT', path: 'uploads', handle: receiveUpload };

const STATUS_BY_CODE: Readonly<Record<string, number>> = { UNAUTHENTICATED: 401, FORBIDDEN: 403, NOT_FOUND: 404, CONFLICT: 409, UNAVAILABLE: 503 };

/**
 * Takes the file of an import as a stream and answers 202 once all of it is staged: from then on the import ends by
 * itself. A file that cannot be taken fails the import (422); an upload that breaks off leaves nothing and may be sent again.
 */
async function receiveUpload(request: Request, id: string, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const { firmId } = request.demand('ledger:write');
    const encoding = demandSendable(incoming);
    const firm = request.room.db.forFirm(firmId);
    const job = await claimImport(firm, id);
    const failure = await stage(request, firm, job, incoming, encoding);
    if (failure) return await answerEarly(incoming, response, 422, { id, status: 'FAILED', errors: [{ message: failure.message, extensions: { code: failure.code, path: failure.path } }] });
    send(response, 202, { id, status: 'RUNNING' });
    // Not awaited: the answer has been given, and the room's own job takes up what this one leaves.
    void mergeDueImport(request.room, firmId);
  } catch (error) {
    // Nobody is left to be answered.
    if (incoming.errored) return void response.destroy();
    if (!(error instanceof ApiError)) throw error;
    const code = String(error.extensions['code']);
    await answerEarly(incoming, response, STATUS_BY_CODE[code] ?? 400, { errors: [{ message: error.message, extensions: { code } }] });
  }
}

/** The declared encoding of a body that can be taken. */
function demandSendable({ headers }: IncomingMessage): string {
  const compression = headers['content-encoding'] ?? 'identity';
  if (compression !== 'identity') throw new ApiError('BAD_USER_INPUT', 'Send the file as it is, without a content-encoding.');
  if (Number(headers['content-length'] ?? 0) > LARGEST_FILE) throw new ApiError('BAD_USER_INPUT', `A file has at most ${LARGEST_FILE} bytes.`);
  try {
    return demandEncoding(headers['content-type']);
  } catch (error) {
    throw error instanceof Refusal ? new ApiError('BAD_USER_INPUT', error.message) : error;
  }
}

/** Stages the file. Returns why it cannot be taken; whatever else goes wrong gives the job back and is thrown. */
async function stage(request: Request, firm: FirmDatabase, job: ClaimedImport, incoming: IncomingMessage, encoding: string): Promise<Refusal | undefined> {
  const watching = cutSilent(incoming, request.room.uploadSilenceSeconds * 1000);
  try {
    // The stream outlives the reading: a refusal is answered while the client still sends.
    await stageFile(firm, request.room.hints, job, incoming.iterator({ destroyOnReturn: false }), encoding, request.room.clock.today());
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) {
      await failImport(firm, job, error);
      return error;
    }
    await releaseImport(firm, job);
    throw error;
  } finally {
    clearInterval(watching);
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
