import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AlertMetric } from './alert-metric.js';
import { parseParts, partsOf, printMeasure, printParts, toMeasure } from './measure.js';

describe('a measure', () => {
  test.each<[AlertMetric, number | string, bigint, string]>([
    ['RISK_SCORE', 640, 640_000_000n, '640'],
    ['RISK_BAND', 'A', 5_000_000n, 'A'],
    ['RISK_BAND', 'E', 1_000_000n, 'E'],
    ['PAYMENT_BEHAVIOUR', 0, 0n, '0'],
    ['DSO', 26.840678, 26_840_678n, '26.840678'],
    // Zeros at the end say nothing: 43.80 and 43.8 are no move.
    ['DSO', '43.80', 43_800_000n, '43.8'],
    ['CREDIT_UTILISATION', 0.1 + 0.2, 300_000n, '0.3'],
    ['BENCHMARK', -4.5, -4_500_000n, '-4.5'],
    // An amount keeps the digits of its currency.
    ['OVERDUE', '1250.50 EUR', 1_250_500_000n, '1250.50 EUR'],
    ['OVERDUE', '1250 EUR', 1_250_000_000n, '1250.00 EUR'],
    ['OVERDUE', '1250 JPY', 1_250_000_000n, '1250 JPY'],
    ['OVERDUE', '99999999999999999.99 EUR', 99_999_999_999_999_999_990_000n, '99999999999999999.99 EUR'],
    ['OVERDUE', 12, 12_000_000n, '12'],
  ])('%s of %s is %s millionths and written %j', (metric, value, parts, text) => {
    const measure = toMeasure(metric, value);
    expect(measure.parts).toBe(parts);
    expect(printMeasure(metric, measure)).toBe(text);
    expect(toMeasure(metric, text)).toEqual(measure);
  });

  test.each<[AlertMetric, number | string]>([['RISK_BAND', 'F'], ['RISK_BAND', 5], ['DSO', NaN], ['DSO', Infinity], ['DSO', 'much'], ['OVERDUE', '1 EUR more'], ['OVERDUE', ''], ['DSO', '1.0000001']])('%s of %j is none', (metric, value) => {
    expect(() => toMeasure(metric, value)).toThrow('Invariant broken');
  });

  test('millionths come back from what they are written as', () => {
    fc.assert(fc.property(fc.bigInt(), (parts) => expect(parseParts(printParts(parts))).toBe(parts)));
    fc.assert(fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), (value) => expect(partsOf(value / 1000)).toBe(BigInt(value) * 1000n)));
  });
});
