import { setTimeout as wait } from 'node:timers/promises';
import type { Credentials } from '../settings.js';
import { ApiFailure, askApi, demandDone, type UserErrors } from './ask-api.js';
import type { ImportCommand } from './read-arguments.js';
import { openFile, sendFile } from './send-file.js';
import { showProgress } from './show-progress.js';
import { signIn, type Bearer } from './sign-in.js';
import { exitCodeOf, summarise, type EndedImport } from './summary.js';

/** How often the import is asked how far it is, in milliseconds. */
const ASK_MILLISECONDS = 400;
/** So often in a row it may give no answer: a server that starts anew takes a moment. */
const MOST_SILENCES = 25;

const STATE = `query ($id: ID!) { importJob(id: $id) {
  status dryRun rowsRead rowsAccepted rowsUnchanged rowsRejected mergeProgress failure { message } rejectionsUrl warnings { file line message }
  rejections(first: 10) { totalCount nodes { file line column value code message } }
} }`;

/** Sends a file to the ledger of whom the credentials stand for, waits for its end, says what became of it and returns the exit code. */
export async function importFile(command: ImportCommand, credentials: Credentials): Promise<number> {
  const file = await openFile(command.file);
  const bearer = await signIn(command.url, credentials, process.stdin.isTTY && command.file !== '-');
  const firm = await demandFirm(command, bearer);
  const { importCreate } = await askApi<{ importCreate: UserErrors & { job: { id: string; uploadUrl: string } | null } }>(
    command.url, await bearer(), 'mutation ($input: ImportInput!) { importCreate(input: $input) { job { id uploadUrl } userErrors { message path } } }', { input: command.input },
  );
  demandDone(importCreate);
  const { id, uploadUrl } = importCreate.job!;
  const progress = showProgress(process.stderr, file.size);
  const watching = new AbortController();
  try {
    const ended = watch(command.url, bearer, id, watching.signal, ({ rowsRead, mergeProgress }) => {
      progress.read(rowsRead);
      if (mergeProgress !== null) progress.merged(mergeProgress);
    });
    // Whoever watches in vain is not the reason: the upload says what went wrong.
    ended.catch(() => undefined);
    await sendFile(uploadUrl, await bearer(), file, command.encoding, (bytes) => progress.sent(bytes));
    progress.merged(0);
    const job = await ended;
    progress.end();
    process.stdout.write(summarise(firm, job));
    return exitCodeOf(job);
  } finally {
    watching.abort();
    progress.end();
  }
}

/** The name of the credentials' firm; refused before anything is sent when another one is meant. */
async function demandFirm({ url, firm }: ImportCommand, bearer: Bearer): Promise<string> {
  const { viewer } = await askApi<{ viewer: { firm: { name: string; registration: { value: string } | null } } | null }>(url, await bearer(), '{ viewer { firm { name registration { value } } } }');
  if (!viewer) throw new ApiFailure('The credentials stand for nobody.');
  const { name, registration } = viewer.firm;
  const bare = (text: string): string => text.normalize('NFKC').replace(/[\s.-]/g, '').toLowerCase();
  if (firm !== undefined && bare(firm) !== bare(name) && (registration === null || bare(firm) !== bare(registration.value))) {
    throw new ApiFailure(`The credentials are those of ${name}${registration === null ? '' : ` (${registration.value})`}, not of ${firm}: nothing was sent.`);
  }
  return name;
}

/** Asks how far an import is until it has ended. */
async function watch(url: string, bearer: Bearer, id: string, stop: AbortSignal, seen: (job: EndedImport) => void): Promise<EndedImport> {
  for (let silences = 0; ; ) {
    await wait(ASK_MILLISECONDS, undefined, { signal: stop });
    try {
      const { importJob } = await askApi<{ importJob: EndedImport | null }>(url, await bearer(), STATE, { id });
      if (!importJob) throw new ApiFailure('The import is gone.');
      silences = 0;
      seen(importJob);
      if (importJob.status === 'COMPLETED' || importJob.status === 'FAILED') return importJob;
    } catch (error) {
      silences += 1;
      if (silences > MOST_SILENCES) throw error;
    }
  }
}
