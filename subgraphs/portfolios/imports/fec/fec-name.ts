/** The SIREN that the name of a FEC begins with (LPF art. A47 A-1: SIREN, `FEC`, the day the books close); `undefined` for another name. */
export function sirenOfName(fileName: string): string | undefined {
  return /(?:^|[/\\])(\d{9})FEC\d{8}(?!\d)/i.exec(fileName)?.[1];
}
