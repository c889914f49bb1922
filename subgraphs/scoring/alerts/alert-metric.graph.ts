import { registerEnumType } from 'type-graphql';
import { enumOf } from '../../../src/graph/enum-of.js';
import { ALERT_DIRECTIONS, ALERT_METRICS } from './alert-metric.js';

export const AlertMetricEnum = enumOf(ALERT_METRICS);
registerEnumType(AlertMetricEnum, {
  name: 'AlertMetric',
  description: 'A figure of a customer that a rule watches. UP is always the larger number; whether that is good depends on the figure. A figure that is not known is no move: it is compared again once it is known.',
  valuesConfig: {
    RISK_SCORE: { description: 'RiskScore.value, 0 to 1000; up is safer. Margin of a threshold: 20 points.' },
    RISK_BAND: { description: 'RiskScore.band; up is towards A. A delta counts steps, a threshold is a band as a number: A 5, B 4, C 3, D 2, E 1. Margin: one step. In alerts it is the letter.' },
    PAYMENT_BEHAVIOUR: { description: 'PaymentBehaviour.index, 0 to 100; up is sooner. Margin: 3 points.' },
    OVERDUE: { description: "What is open of its invoices and past due, in units (not cents) of the currency in which it has most invoices; nothing is converted. Margin: a twentieth of the threshold, at least 1. In alerts it is the amount and its currency, `1250.00 EUR`." },
    DSO: { description: 'Outstanding ÷ sales of 90 days × 90, in days, in the currency in which it has most invoices. Margin: 5 days.' },
    CREDIT_UTILISATION: { description: 'Customer.creditUtilisation: exposure ÷ limit, 1 when the limit is used up; not known without a limit. Margin: 0.05.' },
    BENCHMARK: { description: 'The published days beyond terms of the customer, as its benchmark says them of all members; up is later. It moves when an epoch is published. Margin: 3 days.' },
  },
});

export const AlertDirectionEnum = enumOf(ALERT_DIRECTIONS);
registerEnumType(AlertDirectionEnum, {
  name: 'AlertDirection',
  description: 'Which way a figure moves.',
  valuesConfig: {
    UP: { description: 'To a larger number, of a band towards A.' },
    DOWN: { description: 'To a smaller number, of a band towards E.' },
    BOTH: { description: 'Either way. An alert itself is always UP or DOWN.' },
  },
});
