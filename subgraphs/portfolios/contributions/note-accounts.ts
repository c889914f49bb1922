import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { record } from '../../../src/events/record.js';
import { accountMark } from './blind-key.js';

/**
 * Tells identity the marks of the accounts whose statements an import takes in, each once: firms that share one are linked.
 * A number typed by hand counts as much as one from a bank; what it ties wrongly an operator sees and parts.
 */
export async function noteAccounts(em: EntityManager, firmId: string, jobId: string, matchingKey: Buffer): Promise<void> {
  const db = em.getKysely<unknown>();
  const { rows: accounts } = await sql<{ account: string }>`
    select distinct account from portfolios.import_statement where job_id = ${jobId} and refusal is null and account is not null order by account
  `.execute(db);
  for (const { account } of accounts) {
    const mark = accountMark(matchingKey, account);
    const { rows: unknown } = await sql`insert into portfolios.own_account (mark) values (${mark}) on conflict do nothing returning mark`.execute(db);
    if (unknown.length > 0) await record(em, firmId, 'account.marked', { mark });
  }
}
