import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

/** A ledger as a seed makes it: the same seed gives the same rows, whoever asks. */
export interface LedgerPlan {
  readonly seed: number;
  readonly customers: number;
  readonly invoices: number;
}

/** What a ledger's rows add up to, to hold every contender to the same answer. */
export interface LedgerSum {
  readonly rows: number;
  readonly minor: bigint;
  readonly settled: number;
}

/** Issue days run over three years that end with this one. */
const LAST_DAY = Temporal.PlainDate.from('2026-06-30');
const SPAN_DAYS = 3 * 365;

/**
 * Writes a ledger twice: as the CSV that a firm would upload, and as the invoices it becomes, in the form of COPY's CSV.
 * Rows come in the order of their issue, as books give them; nine in ten are settled, half of the customers are registered.
 */
export async function writeLedger(plan: LedgerPlan, uploadPath: string, invoicePath: string): Promise<LedgerSum> {
  const random = randomOf(plan.seed);
  const customers = Array.from({ length: plan.customers }, (_, index) => ({
    reference: `C${String(index + 1).padStart(5, '0')}`,
    name: `Société ${index + 1} ${['SARL', 'SAS', 'SA', 'EURL'][index % 4]}`,
    siren: index % 2 === 0 ? sirenOf(100_000_00 + index * 7919) : '',
    id: uuidOf(`${plan.seed} customer ${index}`),
    termsDays: [30, 30, 45, 60][index % 4]!,
    // Some buy every day, most now and then.
    share: 1 / (1 + index / 50),
  }));
  const cumulated: number[] = [];
  for (const { share } of customers) cumulated.push((cumulated.at(-1) ?? 0) + share);
  const upload = lineWriter(uploadPath);
  const invoice = lineWriter(invoicePath);
  await upload.write('customer_reference,customer_name,registration_scheme,registration_value,country,invoice_number,issue_date,due_date,currency,amount,settled_on');
  await invoice.write('customer_id,number,kind,issue_date,due_date,due_date_assumed,currency,amount_minor,applied_minor,settled_on');
  let minor = 0n;
  let settled = 0;
  const firstDay = LAST_DAY.subtract({ days: SPAN_DAYS });
  const days = Array.from({ length: SPAN_DAYS + 400 }, (_, index) => firstDay.add({ days: index }).toString());
  for (let index = 0; index < plan.invoices; index += 1) {
    const customer = customers[placeOf(cumulated, random() * cumulated.at(-1)!)]!;
    const issued = Math.floor((index / plan.invoices) * SPAN_DAYS);
    const due = issued + customer.termsDays;
    const cents = 1_000 + Math.floor(random() ** 3 * 2_000_000);
    const paid = random() < 0.9 ? Math.min(issued + Math.max(0, Math.round(customer.termsDays + (random() + random() - 0.8) * 30)), SPAN_DAYS) : undefined;
    const number = `F${String(2_000_000 + index)}`;
    const amount = `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
    const settledOn = paid === undefined ? '' : days[paid]!;
    minor += BigInt(cents);
    if (paid !== undefined) settled += 1;
    await upload.write(`${customer.reference},${customer.name},${customer.siren && 'SIREN'},${customer.siren},FR,${number},${days[issued]},${days[due]},EUR,${amount},${settledOn}`);
    await invoice.write(`${customer.id},${number},INVOICE,${days[issued]},${days[due]},f,EUR,${cents},${paid === undefined ? 0 : cents},${settledOn}`);
  }
  await Promise.all([upload.end(), invoice.end()]);
  return { rows: plan.invoices, minor, settled };
}

function lineWriter(path: string): { write(line: string): Promise<void>; end(): Promise<void> } {
  const file = createWriteStream(path);
  let text = '';
  return {
    async write(line) {
      text += `${line}\n`;
      if (text.length < 1 << 18) return;
      const full = text;
      text = '';
      if (!file.write(full)) await once(file, 'drain');
    },
    async end() {
      file.end(text);
      await once(file, 'finish');
    },
  };
}

/** Numbers from 0 to below 1, always the same for a seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The first place whose sum exceeds `wanted`. */
function placeOf(cumulated: readonly number[], wanted: number): number {
  let low = 0;
  let high = cumulated.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulated[middle]! > wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Eight digits and the Luhn digit that makes them a SIREN. */
export function sirenOf(base: number): string {
  const digits = String(base).padStart(8, '0');
  const sum = [...digits].reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
