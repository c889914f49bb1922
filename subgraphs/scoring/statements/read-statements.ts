import { sql } from 'kysely';
import type { BatchRead } from '../../../src/server/request.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import { FIGURES, type FigureName, type Figures } from './figures.js';

/** As many versions of one statement as anybody looks at. */
const MOST_VERSIONS = 20;

/** A version of a statement. */
export interface VersionRecord {
  readonly version: number;
  readonly months: number;
  readonly currency: string;
  /** Null: it was withdrawn. */
  readonly figures: Figures | null;
  readonly recordedAt: string | Date;
  readonly recordedBy: string | null;
  readonly byKey: boolean;
}

/** A statement as its newest version has it. */
export interface StatementRecord extends VersionRecord {
  readonly id: string;
  readonly periodEnd: string;
}

/** As the database gives it: amounts are texts. */
export type Raw<Row> = Omit<Row, 'figures'> & { readonly figures: Readonly<Partial<Record<FigureName, string | null>>> | null };

const versionColumns = sql`v.version, v.months, v.currency, v.figures, v.recorded_at as "recordedAt", v.recorded_by as "recordedBy", v.by_key as "byKey"`;

const latestVersion = sql`cross join lateral (select * from scoring.statement_version where statement_id = s.id order by version desc limit 1) v`;

/** Statements by id, withdrawn ones too; what is malformed, unknown or another firm's is null. */
export const readStatements: BatchRead<string, StatementRecord> = async (request, ids) => {
  const known = ids.filter(isUuid);
  const { rows } = await request.read((em) =>
    sql<Raw<StatementRecord>>`
      select s.id, s.period_end::text as "periodEnd", ${versionColumns} from scoring.statement s ${latestVersion} where s.id = any(${known}::uuid[])
    `.execute(em.getKysely<unknown>()),
  );
  const byId = new Map(rows.map((row) => [row.id, withFigures(row)]));
  return ids.map((id) => byId.get(id) ?? null);
};

export interface StatementsKey {
  readonly customerId: string;
  readonly first: number;
}

/** The statements of each customer, the newest period first. */
export const readStatementsOf: BatchRead<StatementsKey, readonly StatementRecord[]> = async (request, keys) => {
  const { rows } = await request.read((em) =>
    sql<Raw<StatementRecord> & { readonly place: number }>`
      select asked.place::int as place, found.*
      from unnest(${keys.map((key) => key.customerId)}::uuid[], ${keys.map((key) => key.first)}::int[]) with ordinality as asked (customer_id, first, place)
      cross join lateral (
        select s.id, s.period_end::text as "periodEnd", ${versionColumns} from scoring.statement s ${latestVersion}
        where s.customer_id = asked.customer_id and v.figures is not null order by s.period_end desc limit asked.first
      ) found
    `.execute(em.getKysely<unknown>()),
  );
  const byPlace = Map.groupBy(rows, (row) => row.place);
  return keys.map((_, index) => (byPlace.get(index + 1) ?? []).map(withFigures));
};

/** How each statement came to be what it is, the newest version first. */
export const readStatementVersions: BatchRead<string, readonly VersionRecord[]> = async (request, ids) => {
  const { rows } = await request.read((em) =>
    sql<Raw<VersionRecord> & { readonly id: string }>`
      select asked.id, found.* from unnest(${[...ids]}::uuid[]) as asked (id)
      cross join lateral (select ${versionColumns} from scoring.statement_version v where v.statement_id = asked.id order by v.version desc limit ${sql.lit(MOST_VERSIONS)}) found
    `.execute(em.getKysely<unknown>()),
  );
  const byId = Map.groupBy(rows, (row) => row.id);
  return ids.map((id) => (byId.get(id) ?? []).map(withFigures));
};

function withFigures<Row extends Pick<Raw<VersionRecord>, 'figures'>>(row: Row): Omit<Row, 'figures'> & { readonly figures: Figures | null } {
  return { ...row, figures: row.figures && readFigures(row.figures) };
}

/** Amounts as they are counted with. */
export function readFigures(texts: Readonly<Partial<Record<FigureName, string | null>>>): Figures {
  return Object.fromEntries(FIGURES.map((name) => [name, texts[name] == null ? null : BigInt(texts[name])])) as unknown as Figures;
}
