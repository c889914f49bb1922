/** What the API says of an import at its end. */
export interface EndedImport {
  readonly status: string;
  readonly dryRun: boolean;
  readonly rowsRead: number;
  readonly rowsAccepted: number;
  readonly rowsUnchanged: number;
  readonly rowsRejected: number;
  readonly mergeProgress: number | null;
  readonly failure: { readonly message: string } | null;
  readonly rejectionsUrl: string | null;
  readonly warnings: readonly { readonly file: string | null; readonly line: number | null; readonly message: string }[];
  readonly rejections: { readonly totalCount: number; readonly nodes: readonly { readonly file: string | null; readonly line: number; readonly column: string | null; readonly value: string | null; readonly code: string; readonly message: string }[] };
}

/** So many are shown. */
const MOST_WARNINGS = 10;

/** How an import ended, as a table and what was refused of it, for a person. */
export function summarise(firm: string, job: EndedImport): string {
  const counts: readonly (readonly [string, number])[] = [
    ['rows read', job.rowsRead], [job.dryRun ? 'would be accepted' : 'accepted', job.rowsAccepted], ['of these unchanged', job.rowsUnchanged], ['rejected', job.rowsRejected],
  ];
  const words = Math.max(...counts.map(([word]) => word.length));
  const digits = Math.max(...counts.map(([, count]) => count.toLocaleString('en').length));
  const rule = `+-${'-'.repeat(words)}-+-${'-'.repeat(digits)}-+`;
  const lines = [
    `${job.status === 'COMPLETED' ? (job.dryRun ? 'Tried' : 'Imported') : 'Not imported'} for ${printable(firm)}`,
    rule,
    ...counts.map(([word, count]) => `| ${word.padEnd(words)} | ${count.toLocaleString('en').padStart(digits)} |`),
    rule,
  ];
  if (job.failure) lines.push(`Nothing was taken: ${printable(job.failure.message)}`);
  for (const { file, line, message } of job.warnings.slice(0, MOST_WARNINGS)) lines.push(`warning${file === null ? '' : `, ${printable(file)}`}${line === null ? '' : `, line ${line}`}: ${printable(message)}`);
  const { nodes, totalCount } = job.rejections;
  for (const { file, line, column, value, code, message } of nodes) {
    lines.push(`${file === null ? '' : `${printable(file)}, `}line ${line}${column === null ? '' : `, ${printable(column)}`}${value === null ? '' : ` ${JSON.stringify(printable(value))}`}: ${code}, ${printable(message)}`);
  }
  if (totalCount > nodes.length) lines.push(`… and ${totalCount > 10_000 ? 'more than 10,000' : (totalCount - nodes.length).toLocaleString('en')} more`);
  if (job.rejectionsUrl !== null) lines.push(`All of them, as CSV, for who sends the same credentials: ${job.rejectionsUrl}`);
  return `${lines.join('\n')}\n`;
}

/** A text of somebody's file as a terminal may show it: nothing in it moves the cursor or hides what follows. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '·');
}

/** 0: every row was taken; 3: some were not; 1: nothing was. */
export function exitCodeOf({ status, rowsRejected }: Pick<EndedImport, 'status' | 'rowsRejected'>): number {
  if (status !== 'COMPLETED') return 1;
  return rowsRejected > 0 ? 3 : 0;
}
