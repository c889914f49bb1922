import type { PolicyDef } from '@mikro-orm/postgresql';
import type { RoomName } from '../rooms.js';

/** The firm that the guard set for the transaction, as SQL; null outside one, so that it equals nothing. */
export const CURRENT_FIRM = `nullif(current_setting('app.firm_id', true), '')::uuid`;

const OWN_FIRM = `firm_id = ${CURRENT_FIRM}`;

/** The policy of every table whose rows belong to one firm. */
export const ownFirm: PolicyDef = { name: 'own_firm', using: OWN_FIRM, check: OWN_FIRM };

/** For migrations: secures a new table of a room, and shows a firm its own rows. What may be done to them, its grants say. */
export function securedTable(room: RoomName, table: string): string {
  return `
    alter table ${room}.${table} enable row level security, force row level security;
    create policy own_firm on ${room}.${table} to ${room}_app using (${OWN_FIRM}) with check (${OWN_FIRM});
  `;
}

/** For a room's first migration: lets its roles into its schema, and nobody but the owner into the list of migrations. */
export function securedSchema(room: RoomName): string {
  return `
    grant usage on schema ${room} to ${room}_app, ${room}_system;
    alter table ${room}.migration enable row level security, force row level security;
    create policy owner_only on ${room}.migration using (pg_has_role(current_user, (select relowner from pg_class where oid = '${room}.migration'::regclass), 'member'));
  `;
}
