import { sql, type RawBuilder } from 'kysely';
import type { Request } from '../../../src/server/request.js';
import { mistakesIn, SHORTEST_MISTYPED, sureLetters } from './near-word.js';

/**
 * How a search finds customers. `BEGINNINGS`: each word that was typed begins a word of the name or the reference. Only
 * when no customer of the firm is found so, `NEAR`: or is a word with a mistake or two, or ends one. Only when that finds
 * none either, `WITHIN`: the letters stand somewhere in the name or the reference, as they were typed.
 */
export const SEARCH_KINDS = ['BEGINNINGS', 'NEAR', 'WITHIN'] as const;
export type SearchKind = (typeof SEARCH_KINDS)[number];

/** A search whose words were looked up: a list goes through its pages with one and the same. */
export interface Search {
  readonly kind: SearchKind;
  readonly text: string;
  readonly terms: readonly SearchTerm[];
}

interface SearchTerm {
  /** What a word has to begin with, folded. */
  readonly beginning: string;
  /** The words it may mean, when they were looked up. */
  readonly words: readonly string[] | undefined;
}

/** Words in which a mistake is looked for; more with the same letters at an end say that what was typed is too short to tell. */
const MOST_CANDIDATES = 20_000;
/** Words that one typed word may mean; the nearest are kept. */
const MOST_MEANT = 200;

/** Above every text: what begins with a word lies between it and it with this behind. */
const LAST = String.fromCodePoint(0x10ffff);

/**
 * What a search of the firm's customers means. `kind` is that of the page before; without one, the first that finds
 * anything, whatever else the list asks for: a mistyped word is only taken for another when it is no word itself.
 */
export async function readSearch(request: Request, text: string, kind: SearchKind | undefined): Promise<Search> {
  const beginnings = await readBeginnings(request, text);
  const within: Search = { kind: 'WITHIN', text, terms: [] };
  if (beginnings.length === 0 || kind === 'WITHIN') return within;
  const first: Search = { kind: 'BEGINNINGS', text, terms: beginnings.map((beginning) => ({ beginning, words: undefined })) };
  if (kind === 'BEGINNINGS' || (kind === undefined && (await isFound(request, first)))) return first;
  const near: Search = { kind: 'NEAR', text, terms: await Promise.all(beginnings.map(async (beginning) => ({ beginning, words: await readMeant(request, beginning) }))) };
  return kind === 'NEAR' || (await isFound(request, near)) ? near : within;
}

/** Of a customer `c`: whether the search finds it. */
export function searchCondition({ kind, text, terms }: Search): RawBuilder<unknown> {
  if (kind === 'WITHIN') {
    // The searcher's % and _ are letters like any other.
    const pattern = `%${text.replace(/[\\%_]/g, String.raw`\$&`)}%`;
    return sql`(c.name ilike ${pattern} or c.reference ilike ${pattern})`;
  }
  const conditions = terms.map(({ beginning, words }) => sql`exists (
    select from portfolios.customer_word w where w.customer_id = c.id and ${words ? sql`w.word = any(${[...words]}::text[])` : beginsWith(sql`w.word`, beginning)}
  )`);
  return sql.join(conditions, sql` and `);
}

/** Two comparisons rather than LIKE: they may look into the index under row-level security. */
function beginsWith(column: RawBuilder<unknown>, beginning: string): RawBuilder<unknown> {
  return sql`${column} >= ${beginning} and ${column} < ${beginning + LAST}`;
}

/** The folded words of a text; a number without the zeros in front, as numbers are kept. */
async function readBeginnings(request: Request, text: string): Promise<readonly string[]> {
  const { rows } = await request.read((em) => sql<{ words: string[] }>`select portfolios.words_of(${text}) as words`.execute(em.getKysely<unknown>()));
  return [...new Set(rows[0]!.words.map((word) => (/^\d+$/.test(word) ? word.replace(/^0+(?=\d)/, '') : word)))];
}

async function isFound(request: Request, search: Search): Promise<boolean> {
  const { rows } = await request.read((em) =>
    sql<{ found: boolean }>`select exists (select from portfolios.customer c where ${searchCondition(search)}) as found`.execute(em.getKysely<unknown>()),
  );
  return rows[0]!.found;
}

/** The firm's words that a typed one may mean, the nearest first; `undefined` where only its own beginning counts. */
async function readMeant(request: Request, typed: string): Promise<readonly string[] | undefined> {
  if ([...typed].length < SHORTEST_MISTYPED || /\d/.test(typed)) return undefined;
  const letters = [...typed];
  const sure = sureLetters(typed);
  const reversed = letters.toReversed().slice(0, sure).join('');
  const { rows } = await request.read((em) =>
    sql<{ word: string }>`
      select word from portfolios.customer_word where ${beginsWith(sql`word`, letters.slice(0, sure).join(''))}
      union select word from portfolios.customer_word where ${beginsWith(sql`reversed`, reversed)} limit ${MOST_CANDIDATES}
    `.execute(em.getKysely<unknown>()),
  );
  return rows
    .map(({ word }) => ({ word, mistakes: word.endsWith(typed) ? 0 : mistakesIn(typed, word) }))
    .filter((meant): meant is { word: string; mistakes: number } => meant.mistakes !== undefined)
    .toSorted((one, other) => one.mistakes - other.mistakes || (one.word < other.word ? -1 : 1))
    .slice(0, MOST_MEANT)
    .map(({ word }) => word);
}
