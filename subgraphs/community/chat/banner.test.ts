import { expect, test } from '@jest/globals';
import { bannerFor } from './banner.js';

test.each([
  [undefined, /^Speak/], [null, /^Speak/], ['', /^Speak/], ['en', /^Speak/], ['en-GB', /^Speak/], ['de', /^Speak/], ['fro', /^Speak/],
  ['fr', /^Ne parlez/], ['FR', /^Ne parlez/], ['fr-FR', /^Ne parlez/], ['fr_CA', /^Ne parlez/],
])('the banner for %j', (locale, banner) => {
  expect(bannerFor(locale)).toMatch(banner);
});
