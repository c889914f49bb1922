import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ALERT_DIRECTIONS, ALERT_METRICS, marginOf, SCALES, type AlertDirection, type AlertMetric } from './alert-metric.js';
import { decideAlert, startStanding, type RuleTerms } from './decide-alert.js';
import { partsOf, printMeasure, toMeasure } from './measure.js';

function rule(metric: AlertMetric, direction: AlertDirection, { delta = null, threshold = null }: { readonly delta?: number | null; readonly threshold?: number | null }): RuleTerms {
  return { metric, direction, delta, threshold };
}

interface Raised {
  readonly at: number;
  readonly direction: 'UP' | 'DOWN';
  readonly before: bigint;
}

/** The alerts that a row of figures makes; the first is what the rule starts from. */
function alertsOf(terms: RuleTerms, values: readonly bigint[]): Raised[] {
  const raised: Raised[] = [];
  let standing = startStanding(terms, values[0]!);
  for (let at = 1; at < values.length; at += 1) {
    const decision = decideAlert(terms, standing, values[at - 1]!, values[at]!);
    standing = decision.standing;
    if (decision.alert) raised.push({ at, ...decision.alert });
  }
  return raised;
}

/** As words: `UP 600 → 650`. */
function told(terms: RuleTerms, figures: readonly (number | string)[]): string[] {
  const measures = figures.map((figure) => toMeasure(terms.metric, figure));
  return alertsOf(terms, measures.map(({ parts }) => parts)).map(({ at, direction, before }) => `${direction} ${printMeasure(terms.metric, { ...measures[at]!, parts: before })} → ${figures[at]}`);
}

describe('each metric, one move up and one down', () => {
  /** Of each metric: a row that stands still, rises by a delta, stands still and falls by it; what it passes; and the names of the two ends. */
  const ROWS: readonly (readonly [AlertMetric, readonly (number | string)[], number, number, string, string])[] = [
    ['RISK_SCORE', [600, 600, 650, 650, 600], 50, 630, '600', '650'],
    ['RISK_BAND', ['C', 'C', 'B', 'B', 'C'], 1, 4, 'C', 'B'],
    ['PAYMENT_BEHAVIOUR', [70, 70, 80, 80, 70], 10, 75, '70', '80'],
    ['OVERDUE', ['900.00 EUR', '900.00 EUR', '1100.00 EUR', '1100.00 EUR', '900.00 EUR'], 200, 1000, '900.00 EUR', '1100.00 EUR'],
    ['DSO', [45.5, 45.5, 60.5, 60.5, 45.5], 15, 50, '45.5', '60.5'],
    // In binary 1.1 − 0.8 is a little less than 0.3.
    ['CREDIT_UTILISATION', [0.8, 0.8, 1.1, 1.1, 0.8], 0.3, 1, '0.8', '1.1'],
    ['BENCHMARK', [-4, -4, 4, 4, -4], 8, 0, '-4', '4'],
  ];

  test.each(ROWS)('%s by a delta', (metric, row, delta, _, low, high) => {
    const [up, down] = [`UP ${low} → ${high}`, `DOWN ${high} → ${low}`];
    expect(told(rule(metric, 'BOTH', { delta }), row)).toEqual([up, down]);
    expect(told(rule(metric, 'UP', { delta }), row)).toEqual([up]);
    expect(told(rule(metric, 'DOWN', { delta }), row)).toEqual([down]);
    // A move that falls short of it by the least there is.
    if (!SCALES[metric].whole) expect(told(rule(metric, 'BOTH', { delta: delta + 0.000001 }), row)).toEqual([]);
  });

  test.each(ROWS)('%s over a threshold', (metric, row, _, threshold, low, high) => {
    const [up, down] = [`UP ${low} → ${high}`, `DOWN ${high} → ${low}`];
    // A band has no figures between: one rises to B and falls to C.
    const fall = metric === 'RISK_BAND' ? 3 : threshold;
    expect(told(rule(metric, 'UP', { threshold }), row)).toEqual([up]);
    expect(told(rule(metric, 'DOWN', { threshold: fall }), row)).toEqual([down]);
    expect(told(rule(metric, 'BOTH', { threshold }), row)).toEqual([up, down]);
  });

  test.each(ROWS)('%s with a delta and a threshold at once', (metric, row, delta, threshold, low, high) => {
    expect(told(rule(metric, 'BOTH', { delta, threshold }), row)).toEqual([`UP ${low} → ${high}`, `DOWN ${high} → ${low}`]);
  });
});

test.each<[string, RuleTerms, readonly (number | string)[], readonly string[]]>([
  ['what is so at the start is no alert, however far beyond', rule('RISK_SCORE', 'BOTH', { threshold: 500 }), [400, 410, 480, 499], []],
  ['the threshold itself is reached', rule('RISK_SCORE', 'UP', { threshold: 500 }), [499, 500], ['UP 499 → 500']],
  ['and from above too', rule('RISK_SCORE', 'DOWN', { threshold: 500 }), [501, 500], ['DOWN 501 → 500']],
  ['who begins on the threshold has reached it', rule('RISK_SCORE', 'BOTH', { threshold: 500 }), [500, 510, 490], []],
  ['it is crossed anew only from the margin on: 480', rule('RISK_SCORE', 'UP', { threshold: 500 }), [490, 510, 481, 510, 480, 510], ['UP 490 → 510', 'UP 480 → 510']],
  ['and from above: 520', rule('RISK_SCORE', 'DOWN', { threshold: 500 }), [510, 490, 519, 490, 520, 490], ['DOWN 510 → 490', 'DOWN 520 → 490']],
  ['both ways, the way back is told from 520 on', rule('RISK_SCORE', 'BOTH', { threshold: 500 }), [600, 490, 505, 495, 519, 520], ['DOWN 600 → 490', 'UP 519 → 520']],
  ['and from 480 down', rule('RISK_SCORE', 'BOTH', { threshold: 500 }), [400, 510, 495, 505, 481, 480], ['UP 400 → 510', 'DOWN 481 → 480']],
  ['both ways, far over it each time', rule('RISK_SCORE', 'BOTH', { threshold: 500 }), [600, 400, 600, 400], ['DOWN 600 → 400', 'UP 400 → 600', 'DOWN 600 → 400']],
  // 990 + 20 is beyond the scale: its end is the margin.
  ['near the end of the scale it opens again at the end', rule('RISK_SCORE', 'DOWN', { threshold: 990 }), [995, 985, 999, 985, 1000, 985], ['DOWN 995 → 985', 'DOWN 1000 → 985']],
  ['and near its beginning', rule('RISK_SCORE', 'UP', { threshold: 10 }), [5, 15, 1, 15, 0, 15], ['UP 5 → 15', 'UP 0 → 15']],
  ['nothing overdue any more, anew after at least 1', rule('OVERDUE', 'DOWN', { threshold: 0 }), ['5.00 EUR', '0.00 EUR', '0.99 EUR', '0.00 EUR', '1.00 EUR', '0.00 EUR'], ['DOWN 5.00 EUR → 0.00 EUR', 'DOWN 1.00 EUR → 0.00 EUR']],
  ['an amount goes back by a twentieth: 950', rule('OVERDUE', 'UP', { threshold: 1000 }), ['0.00 EUR', '1000.00 EUR', '950.01 EUR', '1000.00 EUR', '950.00 EUR', '1000.00 EUR'], ['UP 0.00 EUR → 1000.00 EUR', 'UP 950.00 EUR → 1000.00 EUR']],
  ['a band goes back by one step', rule('RISK_BAND', 'DOWN', { threshold: 2 }), ['B', 'D', 'E', 'D', 'C', 'E'], ['DOWN B → D', 'DOWN C → E']],
  ['a band that jumps over the threshold crosses it once', rule('RISK_BAND', 'BOTH', { threshold: 3 }), ['A', 'E', 'A'], ['DOWN A → E', 'UP E → A']],
  ['a delta adds up over small moves, and begins anew from the alert', rule('RISK_SCORE', 'BOTH', { delta: 50 }), [600, 620, 640, 650, 670, 699, 700], ['UP 600 → 650', 'UP 650 → 700']],
  ['a figure that swings by less than the delta is no alert', rule('RISK_SCORE', 'BOTH', { delta: 50 }), [600, 649, 551, 649, 600], []],
  ['a rise after a long fall is a rise', rule('RISK_SCORE', 'UP', { delta: 50 }), [600, 500, 400, 449, 450, 499, 500], ['UP 400 → 450', 'UP 450 → 500']],
  ['a fall after a long rise is a fall', rule('RISK_SCORE', 'DOWN', { delta: 50 }), [600, 700, 651, 650], ['DOWN 700 → 650']],
  ['one large move is one alert', rule('RISK_SCORE', 'BOTH', { delta: 50 }), [600, 900], ['UP 600 → 900']],
  ['the threshold also closes after a move by the delta over it', rule('RISK_SCORE', 'UP', { delta: 50, threshold: 640 }), [600, 650, 630, 645, 680], ['UP 600 → 650', 'UP 630 → 680']],
  ['a small step over the threshold is enough', rule('RISK_SCORE', 'UP', { delta: 50, threshold: 605 }), [600, 605, 640, 655], ['UP 600 → 605', 'UP 605 → 655']],
])('%s', (_, terms, figures, alerts) => {
  expect(told(terms, figures)).toEqual(alerts);
});

describe('whatever the figures', () => {
  const metric = fc.constantFrom(...ALERT_METRICS);
  /** A rule and the figures it watches; steps are small enough that some come back to where they were. */
  const watched = metric.chain((name) => {
    const { lowest, highest, whole } = SCALES[name];
    const [least, most] = [lowest ?? -60, highest ?? 60];
    const figure = fc.integer({ min: least, max: most });
    const far = name === 'RISK_SCORE' ? 200 : whole ? 2 : 20;
    return fc.record({
      terms: fc.record({
        metric: fc.constant(name),
        direction: fc.constantFrom(...ALERT_DIRECTIONS),
        delta: fc.option(fc.integer({ min: 1, max: far })),
        threshold: fc.option(fc.integer({ min: least + 1, max: most - 1 })),
      }).filter(({ delta, threshold }) => delta !== null || threshold !== null),
      values: fc.array(figure, { minLength: 1, maxLength: 40 }).map((figures) => figures.map(partsOf)),
    });
  });
  const always = (property: (terms: RuleTerms, values: readonly bigint[]) => void): void => fc.assert(fc.property(watched, ({ terms, values }) => property(terms, values)), { numRuns: 500 });

  test('an alert says a move, in the direction of the move, that the rule is about', () => {
    always((terms, values) => {
      for (const { at, direction, before } of alertsOf(terms, values)) {
        expect(direction).toBe(values[at]! > values[at - 1]! ? 'UP' : 'DOWN');
        expect(values[at]).not.toBe(values[at - 1]);
        expect(values[at]).not.toBe(before);
        if (terms.direction !== 'BOTH') expect(direction).toBe(terms.direction);
      }
    });
  });

  test('a figure that is told again is no move, and changes nothing of what follows', () => {
    always((terms, values) => {
      const twice = values.flatMap((value) => [value, value, value]);
      expect(alertsOf(terms, twice).map(({ at, ...alert }) => ({ at: Math.floor(at / 3), ...alert }))).toEqual(alertsOf(terms, values));
      for (const { at } of alertsOf(terms, twice)) expect(at % 3).toBe(0);
    });
  });

  test('what stands still is no alert', () => {
    always((terms, values) => expect(alertsOf(terms, Array.from({ length: 10 }, () => values[0]!))).toEqual([]));
  });

  test('seen from below, up is down', () => {
    always((terms, values) => {
      const mirror: RuleTerms = { metric: 'BENCHMARK', direction: terms.direction, delta: terms.delta, threshold: terms.threshold };
      const turned: RuleTerms = { ...mirror, direction: mirror.direction === 'UP' ? 'DOWN' : mirror.direction === 'DOWN' ? 'UP' : 'BOTH', threshold: mirror.threshold === null ? null : -mirror.threshold };
      const flipped = alertsOf(turned, values.map((value) => -value)).map(({ at, direction, before }) => ({ at, direction: direction === 'UP' ? 'DOWN' : 'UP', before: -before }));
      expect(flipped).toEqual(alertsOf(mirror, values));
    });
  });

  test('a move up by the delta and then down by it are one alert each, from anywhere', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 300 }), (start, delta, more) => {
        const [low, high] = [partsOf(start), partsOf(start + delta + more)];
        const row = [low, low, high, high, low, low];
        const alerts = (direction: AlertDirection): string[] => alertsOf(rule('BENCHMARK', direction, { delta }), row).map((alert) => `${alert.at} ${alert.direction}`);
        expect(alerts('BOTH')).toEqual(['2 UP', '4 DOWN']);
        expect(alerts('UP')).toEqual(['2 UP']);
        expect(alerts('DOWN')).toEqual(['4 DOWN']);
      }),
    );
  });

  test('from alert to alert of a delta the figure has moved by it; one that moved so far since the last made one', () => {
    always(({ metric: name, delta }, values) => {
      if (delta === null) return;
      const terms = rule(name, 'BOTH', { delta });
      let reference = values[0]!;
      const expected = values.flatMap((value, at) => {
        const distance = value > reference ? value - reference : reference - value;
        if (distance < partsOf(delta)) return [];
        const alert = { at, direction: value > reference ? 'UP' : 'DOWN', before: reference };
        reference = value;
        return [alert];
      });
      expect(alertsOf(terms, values)).toEqual(expected);
    });
  });

  test('between two alerts of a threshold one way the figure has gone back behind it by the margin, or to the end of its scale', () => {
    always(({ metric: name, threshold }, values) => {
      if (threshold === null) return;
      const { lowest, highest } = SCALES[name];
      const margin = marginOf(name, threshold);
      const low = partsOf(Math.max(threshold - margin, lowest ?? -Infinity));
      const high = partsOf(Math.min(threshold + margin, highest ?? Infinity));
      const ups = alertsOf(rule(name, 'UP', { threshold }), values);
      const downs = alertsOf(rule(name, 'DOWN', { threshold }), values);
      const between = (alerts: readonly Raised[], index: number): readonly bigint[] => values.slice(alerts[index]!.at, alerts[index + 1]!.at);
      for (let index = 0; index + 1 < ups.length; index += 1) expect(between(ups, index).some((value) => value <= low)).toBe(true);
      for (let index = 0; index + 1 < downs.length; index += 1) expect(between(downs, index).some((value) => value >= high)).toBe(true);
      for (const { at } of ups) expect(values[at]! >= partsOf(threshold)).toBe(true);
      for (const { at } of downs) expect(values[at]! <= partsOf(threshold)).toBe(true);
    });
  });

  test('both ways over a threshold, up and down take turns', () => {
    always(({ metric: name, threshold }, values) => {
      if (threshold === null) return;
      const directions = alertsOf(rule(name, 'BOTH', { threshold }), values).map(({ direction }) => direction);
      expect(directions.filter((direction, index) => direction === directions[index - 1])).toEqual([]);
    });
  });

  test('whoever goes far over the threshold and far back is told of each, both ways', () => {
    fc.assert(
      fc.property(fc.integer({ min: -500, max: 500 }), fc.array(fc.integer({ min: 4, max: 50 }), { minLength: 2, maxLength: 20 }), (threshold, distances) => {
        const values = distances.map((distance, index) => partsOf(threshold + (index % 2 === 0 ? -distance : distance)));
        expect(alertsOf(rule('BENCHMARK', 'BOTH', { threshold }), values).map(({ direction }) => direction)).toEqual(distances.slice(1).map((_, index) => (index % 2 === 0 ? 'UP' : 'DOWN')));
      }),
    );
  });
});
