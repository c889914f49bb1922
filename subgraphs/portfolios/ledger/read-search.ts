import { sql, type RawBuilder } from 'kysely';
import type { Request } from '../../../src/server/request.js';
import { mistakesIn, SHORTEST_MISTYPED, sureLetters } from './near-word.js';

/**
 * How a search finds customers; the first of these that finds any of the firm's is meant.
 * `BEGINNINGS`: each word that was typed begins a word of the name or the reference. `ENDS`: or ends one. `ONE_MISTAKE`,
 * `TWO_MISTAKES`: or is a word, or begins one, with so many mistakes. `WITHIN`: the letters stand somewhere in the name or
 * the reference, as they were typed; this reads every customer of the firm.
 */
export const SEARCH_KINDS = ['BEGINNINGS', 'ENDS', 'ONE_MISTAKE', 'TWO_MISTAKES', 'WITHIN'] as const;
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
/** Words that one typed word may mean; more would find everybody. */
const MOST_MEANT = 200;

/** Above every text: what begins with a word lies between it and it with this behind. */
const LAST = String.fromCodePoint(0x10ffff);

/**
 * What a search of the firm's customers means. `kind` is that of the page before; without one, the first that finds
 * anything, whatever else the list asks for: a mistyped word is only taken for another when it is no word itself.
 */
export async function readSearch(request: Request, text: string, kind: SearchKind | undefined): Promise<Search> {
  const beginnings = await readBeginnings(request, text);
  if (beginnings.length === 0) return { kind: 'WITHIN', text, terms: [] };
  let candidates: readonly (readonly Candidate[] | undefined)[] | undefined;
  for (const tried of kind === undefined ? SEARCH_KINDS : [kind]) {
    const mistakes = MISTAKES[tried];
    if (mistakes !== undefined) candidates ??= await Promise.all(beginnings.map((typed) => readCandidates(request, typed)));
    const terms = beginnings.map((beginning, place) => ({ beginning, words: mistakes === undefined ? undefined : candidates![place] && meant(candidates![place], mistakes) }));
    const search: Search = { kind: tried, text, terms };
    if (kind !== undefined || tried === 'WITHIN' || (await isFound(request, search))) return search;
  }
  throw new Error('the last kind of search ends the loop');
}

/** How many mistakes a word may have, for the kinds that look words up. */
const MISTAKES: Readonly<Partial<Record<SearchKind, number>>> = { ENDS: 0, ONE_MISTAKE: 1, TWO_MISTAKES: 2 };

/** A word of the firm that may be meant by one that was typed. */
interface Candidate {
  readonly word: string;
  readonly mistakes: number;
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

/** The firm's words that a typed one may mean; `undefined` where only its own beginning counts. */
async function readCandidates(request: Request, typed: string): Promise<readonly Candidate[] | undefined> {
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
  return rows.flatMap(({ word }) => {
    const mistakes = word.endsWith(typed) ? 0 : mistakesIn(typed, word);
    return mistakes === undefined ? [] : [{ word, mistakes }];
  });
}

function meant(candidates: readonly Candidate[], mistakes: number): readonly string[] {
  return candidates.filter((candidate) => candidate.mistakes <= mistakes).map(({ word }) => word).slice(0, MOST_MEANT);
}
