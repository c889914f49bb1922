import { parse, type Parser } from 'csv-parse';
import { IS_MARKUP, latin1, MarkupWatch } from './file-kind.js';

/** The most bytes a row may have. */
const LARGEST_RECORD = 64 * 1024;
const DELIMITERS = [';', '\t', ',', '|'] as const;
/** Bytes that are no character in windows-1252. */
const NO_CHARACTERS = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);
const NOT_CSV = 'This is none of the files that can be sent: PDF, PNG, JPEG or CSV.';

/**
 * Judges a CSV as its bytes come in: text in UTF-8 or, as spreadsheets of Western Europe write it, windows-1252; no control
 * characters; at least two columns, in every row the same; nothing that a browser could take for a page.
 */
export class CsvCheck {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  readonly #markup = new MarkupWatch();
  #isUtf8 = true;
  #isWindows1252 = true;
  /** What has come before the first line was whole. */
  #begun: Buffer = Buffer.alloc(0);
  #parser: Parser | undefined;
  #fault: string | undefined;

  async take(bytes: Uint8Array): Promise<string | undefined> {
    for (const byte of bytes) {
      if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return NOT_CSV;
      if (byte >= 0x7f && (byte === 0x7f || NO_CHARACTERS.has(byte))) {
        if (byte === 0x7f) return NOT_CSV;
        this.#isWindows1252 = false;
      }
    }
    if (this.#markup.finds(latin1(bytes))) return IS_MARKUP;
    this.#decode(bytes);
    if (!this.#isUtf8 && !this.#isWindows1252) return NOT_CSV;
    if (this.#parser) return this.#write(bytes);
    this.#begun = Buffer.concat([this.#begun, bytes]);
    return /[\r\n]/.test(latin1(this.#begun).trimStart()) || this.#begun.length > LARGEST_RECORD ? this.#begin() : undefined;
  }

  async end(): Promise<string | undefined> {
    this.#decode();
    if (!this.#isUtf8 && !this.#isWindows1252) return NOT_CSV;
    const fault = this.#parser ? undefined : await this.#begin();
    if (fault !== undefined) return fault;
    const parser = this.#parser!;
    await new Promise<void>((resolve) => {
      parser.once('close', resolve);
      parser.end();
    });
    return this.#fault;
  }

  get isUtf8(): boolean {
    return this.#isUtf8;
  }

  #decode(bytes?: Uint8Array): void {
    if (!this.#isUtf8) return;
    try {
      this.#decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      this.#isUtf8 = false;
    }
  }

  #begin(): Promise<string | undefined> | string {
    const text = latin1(this.#begun).replace(/^\xef\xbb\xbf/, '').trimStart();
    if (text.startsWith('<')) return IS_MARKUP;
    const line = text.split(/[\r\n]/, 1)[0]!.replace(/"(?:[^"]|"")*"/g, '');
    const counts = DELIMITERS.map((delimiter) => line.split(delimiter).length - 1);
    const most = Math.max(...counts);
    if (most === 0) return NOT_CSV;
    let columns: number | undefined;
    this.#parser = parse({
      delimiter: DELIMITERS[counts.indexOf(most)]!,
      bom: true, relax_quotes: true, relax_column_count: true, skip_empty_lines: true, max_record_size: LARGEST_RECORD,
      // Nothing is kept of a row but how many cells it has.
      onRecord: (cells: readonly string[], { lines }) => {
        columns ??= cells.length;
        if (cells.length !== columns) throw new Error(`its line ${lines} has ${cells.length} columns, the first has ${columns}`);
        return null;
      },
    });
    this.#parser.on('error', (error) => this.#note(error));
    this.#parser.resume();
    const begun = this.#begun;
    this.#begun = Buffer.alloc(0);
    return this.#write(begun);
  }

  #note(error: Error): string {
    return (this.#fault ??= `This CSV cannot be read: ${error.message.replace(/\.$/, '')}.`);
  }

  async #write(bytes: Uint8Array): Promise<string | undefined> {
    const error = await new Promise<Error | null | undefined>((resolve) => this.#parser!.write(bytes, resolve));
    return error ? this.#note(error) : this.#fault;
  }
}
