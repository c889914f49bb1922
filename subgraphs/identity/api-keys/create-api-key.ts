import { randomUUID } from 'node:crypto';
import { notFound, Refusal } from '../../../src/errors.js';
import { API_KEY_PREFIX, SCOPES, type Asker, type Scope } from '../../../src/server/asker.js';
import type { Room } from '../../../src/server/room.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { demandName } from '../members/person.js';
import { hashToken, makeToken } from '../sessions/make-token.js';
import { ApiKeyTable, type ApiKeyRow } from './api-key.table.js';

/** Makes a key with some of the asker's scopes. Its secret is returned here and never again. */
export async function createApiKey(
  room: Room,
  asker: Asker,
  input: { name: string; scopes: readonly string[]; expiresAt: Temporal.Instant | undefined },
): Promise<{ apiKey: ApiKeyRow; secret: string }> {
  if (asker.byKey || !asker.userId) throw new Refusal('NOT_ALLOWED', 'A key cannot make another key.', []);
  const personId = asker.userId;
  const name = demandName(input.name, ['input', 'name']);
  const scopes = input.scopes.map((scope) => demandOwnScope(asker, scope));
  if (scopes.length === 0) throw new Refusal('REQUIRED', 'A key needs at least one scope.', ['input', 'scopes']);
  if (input.expiresAt && Temporal.Instant.compare(input.expiresAt, Temporal.Now.instant()) <= 0) throw new Refusal('INVALID', 'The key would already have expired.', ['input', 'expiresAt']);
  const secret = makeToken(API_KEY_PREFIX);
  return room.db.forFirm(asker.firmId).transaction(async (em) => {
    const apiKey = em.create(ApiKeyTable, {
      id: randomUUID(), firmId: asker.firmId, personId, name, scopes: [...new Set(scopes)], secretHash: hashToken(secret),
      expiresAt: input.expiresAt ? new Date(input.expiresAt.epochMilliseconds) : null,
    });
    await em.flush();
    return { apiKey, secret };
  });
}

function demandOwnScope(asker: Asker, scope: string): Scope {
  const known = SCOPES.find((candidate) => candidate === scope);
  if (!known) throw new Refusal('INVALID', `There is no scope ${JSON.stringify(scope)}; there are ${SCOPES.join(', ')}.`, ['input', 'scopes']);
  if (!asker.scopes.includes(known)) throw new Refusal('NOT_ALLOWED', `You do not have the scope ${known} yourself.`, ['input', 'scopes']);
  return known;
}

/** Ends a key of the asker's firm. Again it changes nothing. */
export async function revokeApiKey(room: Room, asker: Asker, id: string): Promise<void> {
  await room.db.forFirm(asker.firmId).transaction(async (em) => {
    const apiKey = isUuid(id) ? await em.findOne(ApiKeyTable, { id }) : null;
    if (!apiKey) throw notFound(['input', 'id']);
    apiKey.revokedAt ??= new Date();
    await em.flush();
  });
}
