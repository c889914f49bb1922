/** The longest text that is searched for, in characters. */
export const LONGEST_SEARCH = 100;
/** The most letters that its compatibility forms may stand for together: one character may be eighteen. */
const MOST_LETTERS = 200;

/** Letters that Unicode does not take apart, as a reader without them would write them. */
const WRITTEN_OUT: ReadonlyMap<string, string> = new Map([
  ['ø', 'o'], ['ł', 'l'], ['đ', 'd'], ['ı', 'i'], ['ð', 'd'], ['ς', 'σ'], ['œ', 'oe'], ['æ', 'ae'], ['þ', 'th'], ['ß', 'ss'],
]);

const MARKS = /[\u0300-\u036f]/g;
/** Marks that follow a letter in texts that are not composed; the same in PostgreSQL's expressions. */
const ANY_MARKS = '[\u0300-\u036f]*';

/** Where letters with other forms stand: Latin to Greek extended, enclosed and typographic ones, those of mathematics. */
const FORMS: readonly (readonly [number, number])[] = [[0x41, 0x24ff], [0xfb00, 0xfb06], [0xff01, 0xff65], [0x1d400, 0x1d7ff]];

/** A text without case, accents and compatibility forms. */
export function fold(text: string): string {
  return [...text.normalize('NFKD').replace(MARKS, '').toLowerCase()].map((letter) => WRITTEN_OUT.get(letter) ?? letter).join('');
}

let forms: ReadonlyMap<string, string> | undefined;

/** All forms of a folded letter, or of two that may be written as one (`oe`). */
function formsOf(folded: string): string | undefined {
  if (!forms) {
    const found = new Map<string, string>();
    for (const [first, last] of FORMS) {
      for (let code = first; code <= last; code += 1) {
        const letter = String.fromCodePoint(code);
        const plain = fold(letter);
        if (plain !== letter && plain.length <= 2 && plain.trim() === plain) found.set(plain, (found.get(plain) ?? '') + letter);
      }
    }
    forms = found;
  }
  return forms.get(folded);
}

/** One of these characters, whatever they mean elsewhere in an expression. */
function anyOf(letters: string): string {
  return `[${[...letters].map(escapeLetter).join('')}]`;
}

function escapeLetter(letter: string): string {
  return /[!-/:-@[-`{-~]/.test(letter) ? `\\${letter}` : letter;
}

/**
 * Regular expressions of PostgreSQL, one for each word of a search: a text is found when it matches all of them, each
 * somewhere, without regard to case and accents. Nothing that was typed is more than a letter to them. `undefined` when
 * there is nothing to search for, or too much.
 *
 * The expressions carry the other forms of each letter, so the texts are kept and read as they were sent: nothing has to be
 * stored beside them, and sending costs nothing.
 */
export function searchPatterns(text: string): readonly string[] | undefined {
  if (!text.isWellFormed() || text.length > 2 * LONGEST_SEARCH || [...text].length > LONGEST_SEARCH || /(?!\s)\p{Cc}/u.test(text)) return undefined;
  const words = [...new Set(fold(text).split(/\s+/).filter((word) => word !== ''))];
  if (words.length === 0 || words.join('').length > MOST_LETTERS) return undefined;
  return words.map(patternOf);
}

function patternOf(word: string): string {
  const letters = [...word];
  let pattern = '';
  for (let place = 0; place < letters.length; place += 1) {
    const [letter, next] = [letters[place]!, letters[place + 1]];
    const one = next === undefined ? undefined : formsOf(letter + next);
    if (one === undefined) {
      pattern += patternOfLetter(letter);
    } else {
      pattern += `(?:${patternOfLetter(letter)}${patternOfLetter(next!)}|${anyOf(one)}${ANY_MARKS})`;
      place += 1;
    }
  }
  return pattern;
}

function patternOfLetter(letter: string): string {
  return `${anyOf(letter + (formsOf(letter) ?? ''))}${ANY_MARKS}`;
}
