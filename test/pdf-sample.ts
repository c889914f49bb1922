import { deflateSync } from 'node:zlib';

export interface PdfAttachment {
  readonly name: string;
  readonly content: string | Uint8Array;
  /** What stands in the file instead of the packed content. */
  readonly packed?: Uint8Array;
}

/** A PDF of one empty page with these files attached. */
export function pdfSample(attachments: readonly PdfAttachment[], trailer = ''): Buffer {
  const objects: Buffer[] = [];
  const add = (dictionary: string, stream?: Uint8Array): number => {
    const body = stream ? Buffer.concat([Buffer.from(`${dictionary}\nstream\n`), stream, Buffer.from('\nendstream')]) : Buffer.from(dictionary);
    return objects.push(body);
  };
  add('<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles 3 0 R >> >>');
  add('<< /Type /Pages /Kids [4 0 R] /Count 1 >>');
  const names = attachments.map(({ name }, index) => `(${index}-${name}) ${6 + index * 2} 0 R`).join(' ');
  add(`<< /Names [${names}] >>`);
  add('<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>');
  for (const { name, content, packed } of attachments) {
    const stream = packed ?? deflateSync(content);
    const file = add(`<< /Type /EmbeddedFile /Filter /FlateDecode /Length ${stream.length} >>`, stream);
    add(`<< /Type /Filespec /F (${name}) /UF (${name}) /AFRelationship /Data /EF << /F ${file} 0 R /UF ${file} 0 R >> >>`);
  }
  let offset = 0;
  const offsets: number[] = [];
  const parts: Buffer[] = [];
  const write = (part: Buffer): void => {
    parts.push(part);
    offset += part.length;
  };
  write(Buffer.from('%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n', 'latin1'));
  for (const [index, body] of objects.entries()) {
    offsets.push(offset);
    write(Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), body, Buffer.from('\nendobj\n')]));
  }
  const table = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  write(Buffer.from(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${offset}\n%%EOF\n`));
  return Buffer.concat(parts);
}

/** What a trailer says of a PDF that opens with a password alone (the standard handler's second revision). Any keys will do. */
export const ENCRYPTED = `/Encrypt << /Filter /Standard /V 1 /R 2 /O <${'a7'.repeat(32)}> /U <${'b8'.repeat(32)}> /P -4 >> /ID [<${'c9'.repeat(16)}> <${'c9'.repeat(16)}>]`;
