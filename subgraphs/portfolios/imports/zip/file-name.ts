/** As much of a name as is shown and kept. */
const LONGEST_NAME = 200;

/** The name of a zip's file as it is shown. It is never used to find or to make a file. */
export function shownName(name: string): string {
  return name.replace(/[\p{Cc}\p{Cs}]/gu, '\uFFFD').slice(0, LONGEST_NAME).toWellFormed() || '?';
}

/** Whether a name is that of a folder, or of what systems put beside the files of a person. */
export function isLeftAside(name: string): boolean {
  const parts = name.split(/[/\\]/);
  return parts.at(-1) === '' || parts.includes('__MACOSX') || parts.some((part) => part.startsWith('.') && part !== '.' && part !== '..') || /^(?:thumbs\.db|desktop\.ini)$/i.test(parts.at(-1)!);
}
