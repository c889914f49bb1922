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

/** Set when something was to be unpacked that is too large. */
let burst = false;
let largestBuffer = Infinity;

/**
 * Memory for bytes is no part of a thread's heap, and so of its limits: what asks for more than a PDF may unpack at once is
 * told that there is none.
 */
function boundBuffers(): void {
  const bounded = new Proxy(Uint8Array, {
    construct(target, parameters: unknown[], made): object {
      if (typeof parameters[0] === 'number' && parameters[0] > largestBuffer) {
        burst = true;
        throw new RangeError('more than may be unpacked');
      }
      return Reflect.construct(target, parameters, made === bounded ? target : made) as object;
    },
  });
  globalThis.Uint8Array = bounded;
}

/** Takes the reader's way to the file system and to a native canvas, which it would load at once, and its words about lacking them. */
function closeDoors(): void {
  Object.assign(console, { log: () => undefined, warn: () => undefined });
  Object.defineProperty(process, 'getBuiltinModule', { value: () => undefined });
}

async function loadReader(): Promise<typeof import('pdfjs-dist/legacy/build/pdf.mjs')> {
  closeDoors();
  boundBuffers();
  return import('pdfjs-dist/legacy/build/pdf.mjs');
}

let reader: ReturnType<typeof loadReader> | undefined;

async function answer({ pdf, largest }: AttachmentQuestion): Promise<AttachmentAnswer> {
  reader ??= loadReader();
  const { getDocument, VerbosityLevel } = await reader;
  burst = false;
  largestBuffer = largest;
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
    largestBuffer = Infinity;
  }
}
