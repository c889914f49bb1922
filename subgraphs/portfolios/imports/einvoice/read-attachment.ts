import { Worker } from 'node:worker_threads';
import { Refusal } from '../../../../src/errors.js';
import { INVOICE_NAMES } from './attachment-name.js';
import type { AttachmentAnswer, AttachmentQuestion } from './serve-attachments.js';

/** Bytes of the largest thing unpacked from a PDF: far above any invoice without the documents that go with it. */
const LARGEST_ATTACHMENT = 16 * 1024 ** 2;

/** A page or two of text and an invoice are read in a tenth of a second. */
const LONGEST_MILLISECONDS = 10_000;

/** Threads that read PDFs at once, of all firms: each may take as much memory as a quarter of a small server has. */
const MOST_THREADS = 2;

/** Loading the reader takes a second and some forty megabytes: a thread waits so long for another PDF before both go. */
const IDLE_MILLISECONDS = 5_000;

/** Of the thread's heap; what a PDF unpacks lies beside it, see `LARGEST_ATTACHMENT`. */
const HEAP = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 };

/** A thread and what it works at. */
interface Reader {
  readonly thread: Worker;
  /** Takes the answer to the question that was asked, or why there will be none. */
  settle: ((answer: AttachmentAnswer | Error) => void) | undefined;
  /** Ends the thread once it has rested too long. */
  farewell: NodeJS.Timeout | undefined;
}

const idle: Reader[] = [];
const waiting: (() => void)[] = [];
let busy = 0;

/** The invoice that is embedded in a PDF. A PDF that holds none, or cannot be read, is a `Refusal`. The bytes are given away. */
export async function readAttachment(pdf: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  if (busy >= MOST_THREADS) await new Promise<void>((resolve) => waiting.push(resolve));
  else busy += 1;
  try {
    const answer = await askThread({ pdf, largest: LARGEST_ATTACHMENT });
    if ('xml' in answer) return answer.xml;
    throw refusalOf(answer);
  } finally {
    const next = waiting.shift();
    if (next) next();
    else busy -= 1;
  }
}

async function askThread(question: AttachmentQuestion): Promise<AttachmentAnswer> {
  const reader = takeReader();
  const timer = setTimeout(() => reader.settle?.(tooMuch('Reading the PDF takes too long.')), LONGEST_MILLISECONDS);
  const answer = await new Promise<AttachmentAnswer | Error>((resolve) => {
    reader.settle = resolve;
    reader.thread.postMessage(question, [question.pdf.buffer]);
  });
  clearTimeout(timer);
  reader.settle = undefined;
  if (answer instanceof Error) {
    await reader.thread.terminate();
    throw answer;
  }
  leaveIdle(reader);
  return answer;
}

function takeReader(): Reader {
  const rested = idle.pop();
  if (!rested) return startReader();
  clearTimeout(rested.farewell);
  rested.thread.ref();
  return rested;
}

function startReader(): Reader {
  const thread = new Worker(new URL('./serve-attachments.js', import.meta.url), { resourceLimits: HEAP, env: {} });
  const reader: Reader = { thread, settle: undefined, farewell: undefined };
  thread.on('message', (answer: AttachmentAnswer) => reader.settle?.(answer));
  thread.on('error', (error: NodeJS.ErrnoException) => reader.settle?.(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch('Reading the PDF takes too much memory.') : error));
  thread.on('exit', () => {
    const place = idle.indexOf(reader);
    if (place >= 0) idle.splice(place, 1);
    reader.settle?.(new Error('the thread that reads PDFs ended'));
  });
  return reader;
}

/** Keeps a thread for the next PDF. It never keeps the process. */
function leaveIdle(reader: Reader): void {
  reader.thread.unref();
  reader.farewell = setTimeout(() => void reader.thread.terminate(), IDLE_MILLISECONDS).unref();
  idle.push(reader);
}

function refusalOf(answer: Exclude<AttachmentAnswer, { readonly xml: Uint8Array }>): Refusal {
  switch (answer.fault) {
    case 'ENCRYPTED':
      return new Refusal('INVALID', 'The PDF is encrypted. Send it without a password.', ['file', 'pdf']);
    case 'UNREADABLE':
      return new Refusal('INVALID', 'The PDF, or the invoice in it, is damaged.', ['file', 'pdf']);
    case 'TOO_LARGE':
      return tooMuch(`The PDF holds something of more than ${LARGEST_ATTACHMENT} bytes.`);
    case 'NO_INVOICE': {
      const instead = answer.names.length === 0 ? 'nothing is attached to it' : `attached to it are ${answer.names.slice(0, 5).map((name) => JSON.stringify(name.slice(0, 60))).join(', ')}`;
      return new Refusal('REQUIRED', `The PDF has no invoice in it: ${instead}. Its name is ${INVOICE_NAMES.join(' or ')}.`, ['file', 'pdf']);
    }
    case 'SEVERAL_INVOICES':
      return new Refusal('INVALID', `The PDF has several invoices in it, all called ${JSON.stringify(answer.names[0]!.slice(0, 60))}.`, ['file', 'pdf']);
  }
}

function tooMuch(message: string): Refusal {
  return new Refusal('LIMIT_REACHED', message, ['file', 'pdf']);
}
