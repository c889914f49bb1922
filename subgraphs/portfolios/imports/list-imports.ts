import { sql } from 'kysely';
import { decodeCursor, encodeCursor, LARGEST_TOTAL, wrongCursor } from '../../../src/graph/page.graph.js';
import type { Request } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { jobColumns, type JobState } from './import-job.table.js';

/** A page of the firm's imports, the latest created first, with one more if there is more. */
export async function listImports(request: Request, first: number, after: string | undefined): Promise<readonly JobState[]> {
  const behind = after === undefined ? sql`true` : sql`id < ${idOf(after)}::uuid`;
  const { rows } = await request.read((em) =>
    sql<JobState>`select ${jobColumns} from portfolios.import_job where ${behind} order by firm_id, id desc limit ${first + 1}`.execute(em.getKysely<unknown>()),
  );
  return rows;
}

/** How many imports the firm has; 10,001 stands for more than 10,000. */
export async function countImports(request: Request): Promise<number> {
  const { rows } = await request.read((em) => sql<{ count: number }>`select count(*)::int as count from (select from portfolios.import_job limit ${LARGEST_TOTAL}) counted`.execute(em.getKysely<unknown>()));
  return rows[0]!.count;
}

export function importCursor({ id }: JobState): string {
  return encodeCursor([id]);
}

function idOf(cursor: string): string {
  const [id] = decodeCursor(cursor, 1);
  if (typeof id === 'string' && isUuid(id)) return id;
  throw wrongCursor();
}
