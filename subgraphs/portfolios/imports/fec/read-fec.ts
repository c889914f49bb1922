import { Refusal } from '../../../../src/errors.js';
import type { Warning, WarningCode } from '../import-warning.js';
import type { RefusedRow } from '../parse-row.js';
import type { ReadFormat } from '../read-file.js';
import { readLines, type FileLine } from '../read-lines.js';
import { sniffDelimiter } from '../sniff-delimiter.js';
import { STAGED_ENTRY, STAGED_ENTRY_SIDE, STAGED_WARNING, type StagedRow } from '../staged-table.js';
import { journalSide, sideOf } from './entry-side.js';
import { readFecLayout } from './fec-columns.js';
import { fecLineReader, type FecLine } from './parse-fec-line.js';

/** So often one kind of warning is told; the rest of the file is no different. */
const MOST_OF_A_KIND = 20;

/**
 * Reads a FEC (fichier des écritures comptables, LPF art. A47 A-1): the entries on customers' accounts (411) are staged, and
 * what lies on the other sides of their entries. A row of the file is a line of a customer's account, or one that cannot
 * be read; lines of other accounts are not counted. Quotes are characters like any other.
 */
export const readFec: ReadFormat = async (bytes, encoding, job) => {
  const lines = readLines(bytes, encoding);
  const first = await lines.next();
  if (first.done) throw new Refusal('REQUIRED', 'The file is empty.', ['file']);
  const header = first.value.text.replace(/^\uFEFF/, '');
  const delimiter = job.delimiter ?? sniffDelimiter(header);
  const headerCells = header.split(delimiter);
  // A separator at the end of each line is no column.
  if (headerCells.at(-1)?.trim() === '') headerCells.pop();
  const layout = readFecLayout(headerCells);
  if ('message' in layout) throw new Refusal('REQUIRED', layout.message, ['file', 'header']);
  const dated = layout.positions.has('DateEcheance');
  return {
    fields: ['CUSTOMER_REFERENCE', 'CUSTOMER_NAME', 'INVOICE_NUMBER', 'INVOICE_KIND', 'ISSUE_DATE', 'AMOUNT', ...(dated ? (['DUE_DATE'] as const) : [])],
    rows: readEntries(lines, delimiter, fecLineReader(layout, job.currency)),
  };
};

async function* readEntries(lines: AsyncIterable<FileLine>, delimiter: string, read: ReturnType<typeof fecLineReader>): AsyncGenerator<StagedRow | RefusedRow, void, void> {
  const told = new Map<WarningCode, number>();
  let side: EntrySide | undefined;
  for await (const { line, text } of lines) {
    const { said, rejections, warnings } = read(line, text.split(delimiter));
    yield* warnings.filter((warning) => isTold(told, warning)).map(stageWarning);
    if (!said) {
      // What is refused of an entry makes it seem unbalanced.
      if (side) side.complete = false;
      yield { line, reference: undefined, number: undefined, rejections };
      continue;
    }
    if (side && !belongs(side, said)) {
      yield stageSide(side);
      side = undefined;
    }
    side ??= { line, journal: said.journal, entry: said.entry, day: said.day, sides: journalSide(said.journal, said.journalName), minor: 0n, complete: true };
    side.sides |= sideOf(said.accountNumber);
    side.minor += said.minor;
    if (said.customer) yield stageEntry(said, said.customer);
  }
  if (side) yield stageSide(side);
}

/** Neighbouring lines of one entry, together. */
interface EntrySide {
  readonly line: number;
  readonly journal: string;
  readonly entry: string;
  readonly day: string;
  sides: number;
  minor: bigint;
  complete: boolean;
}

function belongs(side: EntrySide, said: FecLine): boolean {
  return side.entry === said.entry && side.journal === said.journal && side.day === said.day;
}

function isTold(told: Map<WarningCode, number>, { code }: Warning): boolean {
  const count = (told.get(code) ?? 0) + 1;
  told.set(code, count);
  return count <= MOST_OF_A_KIND;
}

function stageEntry({ line, journal, entry, day, minor }: FecLine, { account, name, piece, pieceDay, dueDay, letter, letterDay }: NonNullable<FecLine['customer']>): StagedRow {
  return { table: STAGED_ENTRY, cells: [line, account, name, journal, entry, day, piece, pieceDay, dueDay, minor, letter, letterDay] };
}

function stageSide({ line, journal, entry, day, sides, minor, complete }: EntrySide): StagedRow {
  return { table: STAGED_ENTRY_SIDE, cells: [line, journal, entry, day, sides, complete ? minor : 0n] };
}

function stageWarning({ line, code, message }: Warning): StagedRow {
  return { table: STAGED_WARNING, cells: [line, code, message] };
}
