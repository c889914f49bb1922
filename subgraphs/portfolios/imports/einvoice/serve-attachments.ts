import { parentPort } from 'node:worker_threads';
import { chooseAttachment } from './attachment-name.js';

/** A PDF to look into, and what is found in it: the invoice, or a word of why there is none. */
export interface AttachmentQuestion {
  readonly pdf: Uint8Array<ArrayBuffer>;
  /** Bytes of the largest thing that may be unpacked from it. */
  readonly largest: number;
}
export type AttachmentAnswer =
  | { readonly xml: Uint8Array<ArrayBuffer> }
  | { readonly fault: 'ENCRYPTED' | 'UNREADABLE' | 'TOO_LARGE' }
  /** The names of what is attached instead. */
  | { readonly fault: 'NO_INVOICE' | 'SEVERAL_INVOICES'; readonly names: readonly string[] };

// This file is a thread of its own: a PDF is a program for its reader, and what goes wrong with one ends here. It loads what
// reads PDFs only when the first has come, and answers one question at a time.
parentPort?.on('message', (question: AttachmentQuestion) => {
  void answer(question).then((found) => parentPort?.postMessage(found, 'xml' in found ? [found.xml.buffer] : []));
});

/** All that is made while a PDF is read, gone or not, as a multiple of the largest single thing. */
const TOTAL_TO_LARGEST = 16;

/** Set when more was to be unpacked than may be. */
let burst = false;
let largestBytes = Infinity;
let bytesLeft = Infinity;

/**
 * Memory for bytes is no part of a thread's heap, and so of its limits: what asks for more than a PDF may unpack at once, or
 * for more and more of it, is told that there is none.
 */
function boundMemory(): void {
  for (const made of [Uint8Array, Uint8ClampedArray, Int8Array, Uint16Array, Int16Array, Uint32Array, Int32Array, Float32Array, Float64Array]) {
    const bounded: object = new Proxy(made, {
      construct(target, parameters: unknown[], called): object {
        if (typeof parameters[0] === 'number') take(parameters[0] * made.BYTES_PER_ELEMENT);
        return Reflect.construct(target, parameters, called === bounded ? target : called) as object;
      },
    });
    Object.assign(globalThis, { [made.name]: bounded });
  }
}

function take(bytes: number): void {
  if (bytes > largestBytes || bytes > bytesLeft) {
    burst = true;
    throw new RangeError('more than may be unpacked');
  }
  bytesLeft -= bytes;
}

/** Takes the reader's way to the file system and to a native canvas, which it would load at once, and its words about lacking them. */
function closeDoors(): void {
  Object.assign(console, { log: () => undefined, warn: () => undefined });
  Object.defineProperty(process, 'getBuiltinModule', { value: () => undefined });
}

async function loadReader(): Promise<typeof import('pdfjs-dist/legacy/build/pdf.mjs')> {
  closeDoors();
  boundMemory();
  return import('pdfjs-dist/legacy/build/pdf.mjs');
}

let reader: ReturnType<typeof loadReader> | undefined;

async function answer({ pdf, largest }: AttachmentQuestion): Promise<AttachmentAnswer> {
  reader ??= loadReader();
  const { getDocument, VerbosityLevel } = await reader;
  burst = false;
  largestBytes = largest;
  bytesLeft = largest * TOTAL_TO_LARGEST;
  const task = getDocument({ data: pdf, verbosity: VerbosityLevel.ERRORS, disableFontFace: true, useSystemFonts: false, useWorkerFetch: false, enableXfa: false, disableAutoFetch: true, stopAtErrors: true });
  try {
    const document = await task.promise;
    const attachments = [...((await document.getAttachments()) ?? new Map<string, { filename: string }>())].map(([key, { filename }]) => ({ key, name: filename }));
    const chosen = chooseAttachment(attachments);
    if ('fault' in chosen) return chosen;
    const content = await document.getAttachmentContent(chosen.key);
    if (!content?.length) return { fault: burst ? 'TOO_LARGE' : 'UNREADABLE' };
    return { xml: Uint8Array.from(content) };
  } catch (error) {
    if (burst) return { fault: 'TOO_LARGE' };
    return { fault: error instanceof Error && error.name === 'PasswordException' ? 'ENCRYPTED' : 'UNREADABLE' };
  } finally {
    await task.destroy().catch(() => undefined);
    largestBytes = bytesLeft = Infinity;
  }
}
