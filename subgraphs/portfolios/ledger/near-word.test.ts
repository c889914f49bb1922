import { expect, test } from '@jest/globals';
import { mistakesIn, sureLetters } from './near-word.js';

test.each([
  ['fauvernoux', 'fauvernoux', 0],
  ['fauvernou', 'fauvernoux', 0], // a beginning
  ['schmitd', 'schmidt', 1], // neighbours exchanged
  ['shmidt', 'schmidt', 1],
  ['schmiddt', 'schmidt', 1],
  ['schmibt', 'schmidt', 1],
  ['dupomt', 'dupont', 1],
  ['ecloe', 'ecole', 1],
  ['loreal', 'oreal', 1],
  ['fauvrenoux', 'fauvernoux', 1],
  ['fovernoux', 'fauvernoux', 2],
  ['fauvrenou', 'fauvernoux', 1], // a mistyped beginning
  ['dupo', 'dupont', undefined], // four letters are no beginning with a mistake, the search by beginnings finds it
  ['bar', 'bat', undefined], // three letters are never mistyped
  ['bois', 'bots', 1], // four may hold one mistake
  ['boits', 'batis', undefined],
  ['fuvernx', 'fauvernoux', undefined], // seven letters hold one mistake
  ['martins', 'dupont', undefined],
])('%s for %s has %s mistakes', (typed, kept, mistakes) => {
  expect(mistakesIn(typed, kept)).toBe(mistakes);
});

test('one mistake leaves as many letters as are sure at one end or the other, wherever it is', () => {
  for (const word of ['bois', 'ecole', 'dupont', 'schmidt', 'fauvernoux']) {
    for (let place = 0; place < word.length; place += 1) {
      for (const typed of [word.slice(0, place) + word.slice(place + 1), `${word.slice(0, place)}#${word.slice(place)}`, `${word.slice(0, place)}#${word.slice(place + 1)}`, word.slice(0, place) + (word[place + 1] ?? '') + word[place]! + word.slice(place + 2)]) {
        const sure = sureLetters(typed);
        const keepsOne = word.startsWith(typed.slice(0, sure)) || word.endsWith(typed.slice(typed.length - sure));
        expect({ word, typed, keepsOne }).toEqual({ word, typed, keepsOne: true });
      }
    }
  }
});
