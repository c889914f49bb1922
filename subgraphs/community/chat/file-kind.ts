/** The kinds of file that can be sent, with the content type each is served with. */
export const CONTENT_TYPES = {
  PDF: 'application/pdf',
  PNG: 'image/png',
  JPEG: 'image/jpeg',
  CSV: 'text/csv; charset=utf-8',
  CSV_1252: 'text/csv; charset=windows-1252',
} as const;
export type ContentType = (typeof CONTENT_TYPES)[keyof typeof CONTENT_TYPES];

/** So many first bytes tell the kind of every file. */
export const HEAD_BYTES = 8;

/** The kind that a file's first bytes say; text is for the reader of CSV to judge. */
export function kindOf(head: Uint8Array): 'PDF' | 'PNG' | 'JPEG' | 'CSV' {
  const begin = latin1(head);
  if (begin.startsWith('\x89PNG\r\n\x1a\n')) return 'PNG';
  if (begin.startsWith('\xff\xd8\xff')) return 'JPEG';
  return begin.startsWith('%PDF-') ? 'PDF' : 'CSV';
}

/** A file judged as its bytes come in. Both say what is wrong, or nothing. */
export interface FileCheck {
  take(bytes: Uint8Array): string | undefined;
  end(): string | undefined;
}

/** Bytes as the characters of the same numbers. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** What a browser might take for a page or a script. */
const MARKUP = /<[\s/]*(?:!doctype|html|head|body|script|svg|iframe|object|embed|\?php|\?xml-stylesheet)/i;
/** What is said of a file that holds some, whatever it is called. */
export const IS_MARKUP = 'There is markup in it, as in a page or a script. PDF, PNG, JPEG and CSV can be sent.';
/** At least as long as the longest of these, so that none is missed where two pieces of a file meet. */
const OVERLAP = 32;

/** Looks for markup in text that comes in pieces. */
export class MarkupWatch {
  #last = '';

  finds(text: string): boolean {
    const found = MARKUP.test(this.#last + text);
    this.#last = (this.#last + text).slice(-OVERLAP);
    return found;
  }
}

/** Chunk after chunk from the signature to an IEND with nothing behind it: what is hung on is another file. */
export class PngCheck implements FileCheck {
  #skip = 8;
  #header: number[] = [];
  #chunks = 0;
  #isOver = false;

  take(bytes: Uint8Array): string | undefined {
    for (let at = 0; at < bytes.length; ) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, bytes.length - at);
        this.#skip -= skipped;
        at += skipped;
        continue;
      }
      if (this.#isOver) return 'There is something behind the end of this PNG.';
      this.#header.push(bytes[at]!);
      at += 1;
      if (this.#header.length < 8) continue;
      const [a, b, c, d, ...name] = this.#header as [number, number, number, number, ...number[]];
      const length = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
      const type = String.fromCharCode(...name);
      this.#header = [];
      this.#chunks += 1;
      if (!/^[A-Za-z]{4}$/.test(type) || length >= 2 ** 31 || (this.#chunks === 1) !== (type === 'IHDR' && length === 13)) return 'This PNG is damaged.';
      this.#isOver = type === 'IEND';
      if (this.#isOver && length > 0) return 'This PNG is damaged.';
      // The chunk's bytes and its checksum.
      this.#skip = length + 4;
    }
    return undefined;
  }

  end(): string | undefined {
    return this.#isOver && this.#skip === 0 ? undefined : 'This PNG breaks off.';
  }
}

/**
 * Segment after segment up to the picture's own data, with a frame among them, and an end-of-image marker at the very end.
 * Between these two cameras put further pictures behind the first, so what lies there is not judged.
 */
export class JpegCheck implements FileCheck {
  #skip = 2;
  #header: number[] = [];
  #hasFrame = false;
  #inData = false;
  #last: readonly number[] = [];

  take(bytes: Uint8Array): string | undefined {
    this.#last = [...this.#last, ...bytes.subarray(-2)].slice(-2);
    for (let at = 0; at < bytes.length && !this.#inData; ) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, bytes.length - at);
        this.#skip -= skipped;
        at += skipped;
        continue;
      }
      const byte = bytes[at]!;
      at += 1;
      // Before a marker's number FF may stand more than once.
      if (this.#header.length === 1 && byte === 0xff) continue;
      this.#header.push(byte);
      if (this.#header[0] !== 0xff) return 'This JPEG is damaged.';
      if (this.#header.length < 4) continue;
      const [, marker, high, low] = this.#header as [number, number, number, number];
      const length = high * 256 + low;
      this.#header = [];
      // Every marker up to the data has a length, which counts itself.
      if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd9) || length < 2) return 'This JPEG is damaged.';
      if (marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) this.#hasFrame = true;
      this.#inData = marker === 0xda;
      this.#skip = length - 2;
    }
    return undefined;
  }

  end(): string | undefined {
    if (!this.#inData || this.#last[0] !== 0xff || this.#last[1] !== 0xd9) return 'This JPEG breaks off, or there is something behind its end.';
    return this.#hasFrame ? undefined : 'This JPEG is damaged.';
  }
}

/** A version in front, `startxref` and `%%EOF` at the end with nothing behind them, and no page or script in its head. */
export class PdfCheck implements FileCheck {
  #head = '';
  #tail = '';

  take(bytes: Uint8Array): string | undefined {
    if (this.#head.length < 1024) this.#head += latin1(bytes.subarray(0, 1024 - this.#head.length));
    this.#tail = (this.#tail + latin1(bytes.subarray(-1024))).slice(-1024);
    return undefined;
  }

  end(): string | undefined {
    if (!/^%PDF-[12]\.\d/.test(this.#head)) return 'This PDF has no version.';
    if (new MarkupWatch().finds(this.#head)) return IS_MARKUP;
    return /startxref\s+\d+\s+%%EOF[\s\0]*$/.test(this.#tail) ? undefined : 'This PDF breaks off, or there is something behind its end.';
  }
}
