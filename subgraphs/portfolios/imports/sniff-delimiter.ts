/** What separates the cells of a file, the likeliest first. */
const DELIMITERS = [',', ';', '\t', '|'] as const;

/** The delimiter that a header uses most, quoted text left out; a comma when it uses none. */
export function sniffDelimiter(header: string): string {
  const bare = header.replace(/"(?:[^"]|"")*"/g, '');
  let best: string = DELIMITERS[0];
  let most = 0;
  for (const delimiter of DELIMITERS) {
    const count = bare.split(delimiter).length - 1;
    if (count > most) {
      best = delimiter;
      most = count;
    }
  }
  return best;
}
