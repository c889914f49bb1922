import type { RefusedRow } from '../parse-row.js';
import type { ReadFormat } from '../read-file.js';
import { LARGEST_FILE } from '../read-records.js';
import type { RejectionCode } from '../rejection.js';
import { STAGED_WARNING, type StagedRow } from '../staged-table.js';
import { readXmlParts, type XmlEvent, type XmlLimits } from '../xml/read-xml.js';
import { textAt, type XmlElement } from '../xml/xml-element.js';
import { XmlRefusal } from '../xml/xml-refusal.js';
import { referenceKeys } from './creditor-reference.js';
import { readEntry, type Credit, type RefusedCredit } from './read-entry.js';
import { STAGED_CREDIT, STAGED_REFUSAL, STAGED_STATEMENT } from './staged-credit.js';
import { addMovement, readAccount, readBalance, reconcile, type Balance } from './statement.js';
import { readTransaction, tidy, type Transaction } from './transaction.js';

/** Only one entry or one transaction is held at a time, and the largest has a few hundred elements. */
const LIMITS: XmlLimits = { bytes: LARGEST_FILE, elements: 20_000, milliseconds: 600_000 };

/** A batch with more transactions than this is held in memory no longer. */
const MOST_TRANSACTIONS = 100_000;

/** Rejections of a line are numbered from 1; those of its statements stand behind them. */
const BEHIND_ROWS = 1_000_000;

/**
 * Reads a bank statement (ISO 20022 camt.053, any version): several statements, each with its balances and entries. A
 * report within the day (camt.052) and a notification (camt.054) tell of the same money before or beside the statement,
 * and balance nothing: they are refused by name.
 */
export const readCamt: ReadFormat = (bytes, encoding) => Promise.resolve({ fields: [], rows: readStatements(readXmlParts(bytes, encoding, LIMITS, { isContainer })) });

/** Of the root whatever it is called: what is another document is refused at its first element. */
const CONTAINERS: readonly RegExp[] = [/^/, /^BkToCstmr/, /^Stmt$/, /^Ntry$/, /^NtryDtls$/];

function isContainer({ name }: XmlElement, depth: number): boolean {
  return CONTAINERS[depth]?.test(name) ?? false;
}

/** A statement while it is read. */
interface OpenStatement {
  readonly line: number;
  readonly position: number;
  name: string | undefined;
  account: string | undefined;
  paged: boolean;
  readonly balances: Balance[];
  readonly movements: Map<string, bigint>;
  unreadableLine: number | undefined;
}

interface OpenEntry {
  readonly line: number;
  readonly fields: XmlElement[];
  readonly transactions: Transaction[];
}

async function* readStatements(events: AsyncIterable<XmlEvent>): AsyncGenerator<RefusedRow | StagedRow, void, void> {
  let root: XmlElement | undefined;
  let message: XmlElement | undefined;
  let statement: OpenStatement | undefined;
  let entry: OpenEntry | undefined;
  let statements = 0;
  let credits = 0;
  for await (const { event, element } of events) {
    const { name } = element;
    if (event === 'OPEN') {
      if (!root) demandStatementSpace((root = element));
      else if (name === 'Stmt') statement = { line: element.line, position: (statements += 1), name: undefined, account: undefined, paged: false, balances: [], movements: new Map(), unreadableLine: undefined };
      else if (name === 'Ntry') entry = { line: element.line, fields: [], transactions: [] };
      else if (name !== 'NtryDtls') message = element;
    } else if (event === 'PART') {
      if (entry) addToEntry(entry, element);
      else if (statement) addToStatement(statement, element);
    } else if (name === 'Ntry' && statement && entry) {
      const { movement, rows } = readEntry({ account: statement.account ?? 'account', ...entry });
      if (movement) addMovement(statement.movements, movement);
      else if (movement === undefined) statement.unreadableLine ??= entry.line;
      for (const row of rows) yield 'rejections' in row ? toRefusedRow(row) : stageCredit(row, (credits += 1), statement.position);
      entry = undefined;
    } else if (name === 'Stmt' && statement) {
      const reconciled = reconcile(statement);
      const called = `The statement ${statement.name === undefined ? '' : `${statement.name} `}of line ${statement.line}`;
      if (reconciled.verdict === 'REFUSED') {
        const refusal = `${called} is not taken: ${reconciled.reason}.`;
        yield { table: STAGED_STATEMENT, cells: [statement.line, statement.position, refusal, null] };
        yield { table: STAGED_REFUSAL, cells: [statement.line, BEHIND_ROWS + statement.position, 'Stmt/Bal', reconciled.difference, 'STATEMENT_UNBALANCED' satisfies RejectionCode, refusal] };
      } else {
        yield { table: STAGED_STATEMENT, cells: [statement.line, statement.position, null, statement.account ?? null] };
        if (reconciled.verdict === 'OPEN') yield { table: STAGED_WARNING, cells: [statement.line, 'BALANCE_MISSING', `${called} has no opening or no closing balance: it is taken without being added up.`] };
      }
      statement = undefined;
    }
  }
  if (statements === 0) throw new XmlRefusal('REQUIRED', message?.line ?? 1, 'the message holds no statement.', 'statement');
}

const OTHER_MESSAGES: Readonly<Record<string, string>> = {
  '052': 'an account report within the day (camt.052): its entries come again, and for good, in the statement (camt.053) of the day. Send that',
  '054': 'a notification of debits and credits (camt.054): what it tells of stands in the statement (camt.053) too. Send that',
};

/** Refuses what is no bank statement, by what it calls itself. */
function demandStatementSpace({ name, namespace, line }: XmlElement): void {
  const kind = /^urn:iso:std:iso:20022:tech:xsd:camt\.(05[2-4])\.001\.\d{2}$/.exec(namespace)?.[1];
  if (name === 'Document' && kind === '053') return;
  if (name === 'Document' && kind !== undefined) throw new XmlRefusal('INVALID', line, `this is ${OTHER_MESSAGES[kind]!}.`, 'statement');
  throw new XmlRefusal('INVALID', line, `this is no bank statement: its root is <${name.slice(0, 60)}> of ${namespace === '' ? 'no namespace' : JSON.stringify(namespace.slice(0, 100))}, not <Document> of urn:iso:std:iso:20022:tech:xsd:camt.053.001.`, 'statement');
}

function addToStatement(statement: OpenStatement, element: XmlElement): void {
  if (element.name === 'Bal') statement.balances.push(readBalance(element));
  else if (element.name === 'Acct') statement.account = readAccount(element);
  else if (element.name === 'Id') statement.name = tidy(element.text).slice(0, 60) || undefined;
  else if (element.name === 'StmtPgntn') statement.paged = textAt(element, 'PgNb') !== '1' || textAt(element, 'LastPgInd') === 'false';
}

function addToEntry(entry: OpenEntry, element: XmlElement): void {
  if (element.name !== 'TxDtls') entry.fields.push(element);
  else if (entry.transactions.length >= MOST_TRANSACTIONS) throw new XmlRefusal('LIMIT_REACHED', element.line, `an entry has at most ${MOST_TRANSACTIONS} transactions.`, 'statement');
  else entry.transactions.push(readTransaction(element));
}

function stageCredit(credit: Credit, position: number, statement: number): StagedRow {
  const { transaction } = credit;
  // Whoever sent the firm's own money back is no customer.
  const payers = credit.returned ? [] : (transaction?.payers ?? []);
  return {
    table: STAGED_CREDIT,
    cells: [
      credit.line, position, statement, credit.reference, credit.bookedOn, credit.currency, credit.amountMinor,
      JSON.stringify(payers.map(({ name, units }) => ({ name: name === undefined ? null : tidy(name).slice(0, 200).toWellFormed() || null, units }))),
      tidy(transaction?.payerAccount ?? '').slice(0, 40) || null,
      JSON.stringify((transaction?.references ?? []).map((reference) => referenceKeys(reference.slice(0, 200)))),
      [transaction?.remittance ?? '', ...(transaction?.references ?? [])].filter((text) => text !== '').join(' · ').slice(0, 2_000) || null,
      credit.returned,
    ],
  };
}

function toRefusedRow({ line, rejections }: RefusedCredit): RefusedRow {
  return { line, reference: undefined, number: undefined, rejections };
}
