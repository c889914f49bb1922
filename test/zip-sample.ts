import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly content: string | Uint8Array;
  /** What stands in the zip instead of what a packer would write. */
  readonly packed?: Uint8Array;
  readonly size?: number;
  readonly checksum?: number;
  readonly flags?: number;
  readonly method?: number;
}

/** A zip of these files. */
export function zipSample(entries: readonly ZipEntry[]): Buffer {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const entry of entries) {
    const content = Buffer.from(entry.content as Uint8Array);
    const packed: Uint8Array = entry.packed ?? deflateRawSync(content);
    const name = Buffer.from(entry.name);
    // Names are UTF-8.
    const header = Buffer.alloc(26);
    header.writeUInt16LE(20, 0);
    header.writeUInt16LE(0x800 | (entry.flags ?? 0), 2);
    header.writeUInt16LE(entry.method ?? 8, 4);
    header.writeUInt32LE(entry.checksum ?? crc32(content), 10);
    header.writeUInt32LE(packed.length, 14);
    header.writeUInt32LE(entry.size ?? content.length, 18);
    header.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    parts.push(Buffer.from('PK\u0003\u0004'), header, name, packed);
    directory.push(Buffer.from('PK\u0001\u0002\u0014\u0000'), header, place, name);
    offset += 30 + name.length + packed.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, central, Buffer.from('PK\u0005\u0006'), end]);
}
