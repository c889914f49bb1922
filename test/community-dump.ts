import { createHash, createHmac } from 'node:crypto';
import type { Client } from 'pg';

/** What somebody has who took community's database: every row of its tables, and of every event that it told or was told, as text. */
export async function dumpCommunity(owner: Client): Promise<string> {
  const { rows: tables } = await owner.query<{ name: string }>(`select c.oid::regclass::text as name from pg_class c where c.relnamespace = 'community'::regnamespace and c.relkind in ('r', 'p', 'm')`);
  const parts: string[] = [];
  for (const { name } of tables) parts.push((await owner.query<{ text: string | null }>(`select string_agg(t::text, E'\\n') as text from ${name} t`)).rows[0]!.text ?? '');
  const told = await owner.query<{ text: string | null }>(`select string_agg(t::text, E'\\n') as text from events.delivery t where 'community' in (producer, consumer)`);
  return [...parts, told.rows[0]!.text ?? ''].join('\n');
}

/** How somebody may write a registration: as it is, or as something that it alone makes. */
export type Disguises = (siren: string) => readonly string[];

/** Of these registrations, how many the text holds in one of their disguises. */
export function countFound(text: string, sirens: readonly string[], disguises: Disguises): number {
  const words = new Set(text.match(/[0-9a-f]{9,}/gi)?.map((word) => word.toLowerCase()));
  return sirens.filter((siren) => disguises(siren).some((disguise) => words.has(disguise))).length;
}

export const withoutKey: Disguises = (siren) => [
  siren, [...siren].toReversed().join(''),
  ...['md5', 'sha1', 'sha256', 'sha512'].flatMap((name) => [siren, `SIREN:${siren}`, `FR${siren}`].map((text) => createHash(name).update(text).digest('hex'))),
];

/** With the secret of portfolios' key file, and without its database. */
export const withSecret = (secret: Buffer): Disguises => (siren) => [createHmac('sha256', secret).update(`SIREN:${siren}`).digest('hex')];
