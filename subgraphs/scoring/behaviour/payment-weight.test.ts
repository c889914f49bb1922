import { expect, test } from '@jest/globals';
import { PARTS_OF_A_POINT, paymentWeight } from './payment-weight.js';

test.each([
  // Thirty days early or more is all the same.
  [-400, 100], [-31, 100], [-30, 100],
  [-29, 99], [-25, 95], [-20, 90],
  [-19, 89.5], [-10, 85], [-1, 80.5],
  // On the due date.
  [0, 80],
  [3, 78], [15, 70],
  [22, 60],
  [26, 55], [30, 50],
  [45, 45], [60, 40], [75, 35], [90, 30], [105, 25], [120, 20], [150, 10],
  // 180 days late or more is all the same.
  [180, 0], [181, 0], [4000, 0],
])('%d days beyond terms weigh %d points', (days, points) => {
  expect(paymentWeight(days)).toBe(points * PARTS_OF_A_POINT);
});

test('every whole day has a whole number of 84ths, and never more than the day before', () => {
  for (let days = -40; days <= 200; days += 1) {
    expect(Number.isInteger(paymentWeight(days))).toBe(true);
    expect(paymentWeight(days)).toBeLessThanOrEqual(paymentWeight(days - 1));
  }
});
