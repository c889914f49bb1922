import { crc32, deflateSync } from 'node:zlib';

/** Small files of each kind that can be sent, and what is made of them. */

function chunk(type: string, data: Buffer = Buffer.alloc(0)): Buffer {
  const named = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** A picture of one dot, with a comment of so many bytes. */
export function png(comment = 0): Buffer {
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), ...(comment > 0 ? [chunk('teXt', Buffer.alloc(comment, 0x61))] : []), chunk('IDAT', deflateSync(Buffer.from([0, 0]))), chunk('IEND')]);
}

/** The bytes of a picture that `png` adds beside its comment, and those of a comment's own frame. */
export const PNG_FRAME = png(1).length - 1;

export function jpeg(): Buffer {
  return Buffer.concat([
    Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), Buffer.from('JFIF\0\x01\x01\0\0\x01\0\x01\0\0', 'latin1'),
    Buffer.from([0xff, 0xc0, 0, 11, 8, 0, 1, 0, 1, 1, 1, 0x11, 0]),
    Buffer.from([0xff, 0xda, 0, 8, 1, 1, 0, 0, 0x3f, 0, 0x12, 0xff, 0x00, 0x34, 0xff, 0xd9]),
  ]);
}

export function pdf(head = ''): Buffer {
  return Buffer.from(`%PDF-1.7\n${head}%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\nxref\n0 1\ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n`, 'latin1');
}

export function csv(rows = 3): Buffer {
  return Buffer.from(`\ufeffclient;montant;échéance\n${Array.from({ length: rows }, (_, index) => `"Garage, ""Été"" n° ${index}";12,50;2026-0${1 + (index % 9)}-03\n`).join('')}`);
}
