/** Words that say what kind of company it is, or that it is one; banks and ledgers write them or leave them out. */
const LEGAL_FORMS = new Set([
  'SARL', 'SARLU', 'SAS', 'SASU', 'SA', 'EURL', 'EI', 'EIRL', 'SCI', 'SNC', 'SCOP', 'SCA', 'SCS', 'SELARL', 'GIE', 'GMBH', 'AG', 'KG', 'KGAA', 'OHG', 'UG', 'EK', 'MBH', 'LTD', 'LIMITED', 'PLC', 'LLP', 'LLC', 'INC',
  'CORP', 'CORPORATION', 'BV', 'BVBA', 'NV', 'SPRL', 'SRL', 'SRLS', 'ASBL', 'VZW', 'SPA', 'OY', 'OYJ', 'AB', 'AS', 'ASA', 'APS', 'SL', 'SLU', 'LDA', 'KFT', 'SRO', 'SPZOO', 'SE', 'CV', 'VOF',
  'STE', 'SOCIETE', 'ETS', 'ETABLISSEMENTS', 'MR', 'MME', 'MONSIEUR', 'MADAME',
]);

/**
 * A name as banks and ledgers have in common: without case, accents, punctuation and legal form. `Éts Müller & Cie, S.A.R.L.`
 * and `MULLER CIE SARL` are one. Empty when nothing is left to compare.
 */
export function payerNameKey(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase().replaceAll('ß', 'SS').replaceAll('Œ', 'OE').replaceAll('Æ', 'AE').replaceAll('Ø', 'O');
  const words = joinLetters(plain.replace(/[’'.]/g, ' ').match(/[\p{L}\p{N}]+/gu) ?? []);
  const own = words.filter((word) => !LEGAL_FORMS.has(word));
  return (own.length > 0 ? own : words).join(' ');
}

/** `S A R L`, as dots leave it, is one word. */
function joinLetters(words: readonly string[]): readonly string[] {
  const joined: string[] = [];
  let letters = '';
  for (const word of words) {
    if (word.length === 1) {
      letters += word;
      continue;
    }
    if (letters) joined.push(letters);
    letters = '';
    joined.push(word);
  }
  return letters ? [...joined, letters] : joined;
}
