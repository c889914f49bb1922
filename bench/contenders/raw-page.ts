import { Pool } from 'pg';
import { listenRaw } from './raw-server.js';

/**
 * A page of customers with score and benchmark without a framework: node:http, one prepared statement over the tables of three
 * rooms, the answer made by hand. It asks as the owner of the database, who is not held to row-level security, believes the
 * firm that the request names, and shows it every cell, whoever it is.
 */
const PAGE = `
  select c.id, c.name, s.score, cell.tier, cell.band_from, cell.band_to, cell.value, cell.rounded_to, intake.figures[array_position(intake.firm_ids, $1)] as own
  from portfolios.customer c
  left join scoring.standing s on s.firm_id = c.firm_id and s.customer_id = c.id
  left join community.customer_key key on key.firm_id = c.firm_id and key.customer_id = c.id
  left join (community.cell join community.intake using (subject, metric, epoch_id)) on cell.subject = key.subject and cell.metric = $2
    and cell.epoch_id = (select id from community.epoch where family = 'PAYMENT' order by period_end desc limit 1)
  where c.firm_id = $1 order by c.name_key, c.id limit $3`;

interface Asked {
  readonly firm: string;
  readonly metric: string;
  readonly first: number;
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly score: { readonly value: number; readonly base: number; readonly band: string; readonly probabilityOfDefault: number; readonly factors: readonly { readonly code: string; readonly contribution: number; readonly observed: string | null }[] } | null;
  readonly tier: string | null;
  readonly band_from: number | null;
  readonly band_to: number | null;
  readonly value: number | null;
  readonly rounded_to: number | null;
  readonly own: number | null;
}

const pool = new Pool({ connectionString: process.argv[2], max: 16 });

listenRaw(async ({ firm, metric, first }: Asked) => {
  const { rows } = await pool.query<Row>({ name: 'page', text: PAGE, values: [firm, metric, first] });
  return { data: { customers: { nodes: rows.map((row) => ({ id: row.id, name: row.name, riskScore: row.score && riskScore(row.score), benchmark: benchmark(row) })) } } };
});

function riskScore({ value, base, band, probabilityOfDefault, factors }: NonNullable<Row['score']>): unknown {
  return { value, base, band, probabilityOfDefault, factors: factors.map(({ code, contribution, observed }) => ({ code, contribution, observed })) };
}

function benchmark({ tier, band_from, band_to, value, rounded_to, own }: Row): unknown {
  if (tier === null) return { __typename: 'BenchmarkUnavailable' };
  return tier === 'T1' ? { __typename: 'BenchmarkBand', from: band_from, to: band_to, own } : { __typename: 'BenchmarkFigure', value, roundedTo: rounded_to, own };
}
