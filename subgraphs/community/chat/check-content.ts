import { CsvCheck } from './check-csv.js';
import { CONTENT_TYPES, HEAD_BYTES, JpegCheck, kindOf, PdfCheck, PngCheck, type ContentType } from './file-kind.js';

const CHECKS = { PDF: PdfCheck, PNG: PngCheck, JPEG: JpegCheck, CSV: CsvCheck } as const;

/** Finds what a file is from its bytes alone, as they come in; its name and what its sender says of it count for nothing. */
export class ContentCheck {
  #head: Buffer = Buffer.alloc(0);
  #kind: keyof typeof CHECKS | undefined;
  #check: InstanceType<(typeof CHECKS)[keyof typeof CHECKS]> | undefined;

  /** What is wrong, or nothing so far. */
  async take(bytes: Uint8Array): Promise<string | undefined> {
    if (this.#check) return this.#check.take(bytes);
    this.#head = Buffer.concat([this.#head, bytes]);
    return this.#head.length < HEAD_BYTES ? undefined : this.#begin();
  }

  /** Once all has come: what is wrong, or the file's type. */
  async end(): Promise<{ readonly fault: string } | { readonly contentType: ContentType }> {
    const fault = (this.#check ? undefined : await this.#begin()) ?? (await this.#check!.end());
    if (fault !== undefined) return { fault };
    if (this.#check instanceof CsvCheck) return { contentType: this.#check.isUtf8 ? CONTENT_TYPES.CSV : CONTENT_TYPES.CSV_1252 };
    return { contentType: CONTENT_TYPES[this.#kind!] };
  }

  async #begin(): Promise<string | undefined> {
    this.#kind = kindOf(this.#head);
    this.#check = new CHECKS[this.#kind]();
    const head = this.#head;
    this.#head = Buffer.alloc(0);
    return this.#check.take(head);
  }
}
