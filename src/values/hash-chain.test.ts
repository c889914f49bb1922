import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { faultOfLink, type ChainLink } from './hash-chain.js';

interface Word extends ChainLink { readonly text: string }

const hashOf = ({ number, text, previousHash }: Omit<Word, 'hash'>): string => createHash('sha256').update(JSON.stringify([number, text, previousHash])).digest('hex');

function chain(texts: readonly string[]): Word[] {
  const words: Word[] = [];
  for (const text of texts) {
    const word = { number: words.length + 1, text, previousHash: words.at(-1)?.hash ?? null };
    words.push({ ...word, hash: hashOf(word) });
  }
  return words;
}

/** The number of the first entry that does not stand, with why. */
function firstFault(words: readonly Word[]): string | undefined {
  for (const [index, word] of words.entries()) {
    const fault = faultOfLink(word, words[index - 1], hashOf);
    if (fault) return `${index + 1} ${fault}`;
  }
  return undefined;
}

const whole = chain(['a', 'b', 'c', 'd']);
const rehashed = (word: Word): Word => ({ ...word, hash: hashOf(word) });

test.each<[string, readonly Word[], string | undefined]>([
  ['as it was written', whole, undefined],
  ['with nothing in it', [], undefined],
  ['with a word changed', whole.with(1, { ...whole[1]!, text: 'x' }), '2 ENTRY_CHANGED'],
  // Whoever makes its hash anew breaks the next one's word.
  ['with a word changed and hashed anew', whole.with(1, rehashed({ ...whole[1]!, text: 'x' })), '3 CHAIN_BROKEN'],
  ['without its second entry', whole.toSpliced(1, 1), '2 MISSING'],
  ['without its first entry', whole.slice(1), '1 MISSING'],
  ['with two exchanged', [whole[0]!, whole[2]!, whole[1]!, whole[3]!], '2 MISSING'],
  ['with two exchanged that keep the numbers', [whole[0]!, { ...whole[2]!, number: 2 }, { ...whole[1]!, number: 3 }, whole[3]!], '2 CHAIN_BROKEN'],
  ['with its tail cut off', whole.slice(0, 2), undefined],
])('a chain %s', (_, words, fault) => {
  expect(firstFault(words)).toBe(fault);
});
