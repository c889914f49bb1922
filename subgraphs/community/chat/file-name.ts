import type { ContentType } from './file-kind.js';

/** The longest name of a file, in characters. */
export const LONGEST_FILE_NAME = 255;

/**
 * A file's name as it is kept: without folders, without control characters and characters that change the direction of
 * writing (`gpj.exe` can be made to read `exe.jpg`), in one Unicode form. `undefined` when nothing is left or too much.
 */
export function parseFileName(text: string): string | undefined {
  if (!text.isWellFormed() || text.length > 4 * LONGEST_FILE_NAME) return undefined;
  const name = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').normalize('NFC').replace(/^.*[/\\]/, '').replace(/^\s+|[\s.]+$/gu, '');
  return name === '' || [...name].length > LONGEST_FILE_NAME ? undefined : name;
}

/** How names of each type end; the first is put behind a name that ends otherwise. */
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  'application/pdf': ['.pdf'], 'image/png': ['.png'], 'image/jpeg': ['.jpg', '.jpeg'], 'text/csv': ['.csv'],
};

/** A name that ends as the type says: who saves the file opens it with what its ending says, whatever its content is. */
export function nameForType(name: string, contentType: ContentType): string {
  const endings = ENDINGS[contentType.split(';')[0]!]!;
  if (endings.some((ending) => name.toLowerCase().endsWith(ending))) return name;
  return `${[...name].slice(0, LONGEST_FILE_NAME - endings[0]!.length).join('')}${endings[0]!}`;
}

/** The header that has a file saved under its name and never shown: a plain form for old clients, then RFC 6266's. */
export function contentDisposition(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').replace(/[^\w .()+,=@-]/g, '_');
  const exact = encodeURIComponent(name).replace(/['()*!]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}
