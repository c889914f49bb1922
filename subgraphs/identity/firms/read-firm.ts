import { sql, type RawBuilder } from 'kysely';
import type { Request } from '../../../src/server/request.js';
import type { FirmRow } from './firm.table.js';

type Shown = Omit<FirmRow, 'verificationRevision'>;
type Read = Omit<Shown, 'createdAt'> & { readonly createdAt: string };

const firmById = (id: string): RawBuilder<Read> => sql<Read>`
  select id, name, country, registration_scheme as "registrationScheme", registration_value as "registrationValue", verified, created_at::text as "createdAt"
  from identity.firm where id = ${id}
`;

/** The asker's own firm. */
export async function readOwnFirm(request: Request, id: string): Promise<Shown | null> {
  return toRow(await request.read((reader) => firmById(id).execute(reader.getKysely<unknown>())));
}

/** Any firm, as the room sees it: whoever asks must have been shown it. */
export async function readAnyFirm(request: Request, id: string): Promise<Shown | null> {
  return toRow(await firmById(id).execute(request.room.db.asSystem().reads()));
}

function toRow({ rows: [row] }: { rows: readonly Read[] }): Shown | null {
  return row ? { ...row, createdAt: new Date(row.createdAt) } : null;
}
