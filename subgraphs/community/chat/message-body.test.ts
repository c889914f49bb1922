import { expect, test } from '@jest/globals';
import { faultOfBody, faultOfClientId, LONGEST_BODY } from './message-body.js';

test.each([
  ['one character', 'a', true],
  ['a blank', ' ', true],
  ['nothing', '', false],
  ['the longest text', 'é'.repeat(LONGEST_BODY), true],
  // A code point outside the basic plane is one character of two UTF-16 units.
  ['the longest text, outside the basic plane', '😀'.repeat(LONGEST_BODY), true],
  ['one character too many', 'é'.repeat(LONGEST_BODY + 1), false],
  ['one character too many, outside the basic plane', '😀'.repeat(LONGEST_BODY + 1), false],
  ['line feed and tab', 'a\n\tb', true],
  ['a carriage return', 'a\r\nb', false],
  ['NUL', '\u0000', false],
  ['DEL', '\u007f', false],
  ['the last of the second block of controls', '\u009f', false],
  ['what follows it, a no-break space', '\u00a0', true],
  ['half a character', '\ud83d', false],
])('%s', (_name, body, allowed) => {
  expect(faultOfBody(body) === undefined).toBe(allowed);
});

test.each([
  ['a', true], ['', false], ['x'.repeat(100), true], ['x'.repeat(101), false], ['a b', true], ['a\nb', false], ['a\u0000', false], ['\ud83d', false],
])('client id %j', (clientId, allowed) => {
  expect(faultOfClientId(clientId) === undefined).toBe(allowed);
});
