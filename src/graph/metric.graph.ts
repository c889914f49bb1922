import { registerEnumType } from 'type-graphql';
import { METRICS } from '../values/metric.js';
import { enumOf } from './enum-of.js';

export const BenchmarkMetricEnum = enumOf(METRICS);
registerEnumType(BenchmarkMetricEnum, {
  name: 'BenchmarkMetric',
  description: 'What members may share of a customer, each with a consent of its own. One contribution is one firm\'s figure for one customer over the three months of an epoch, all currencies together.',
  valuesConfig: {
    DSO: { description: 'Days sales outstanding: open at the end of the window ÷ invoiced in it × its days. In days.' },
    DAYS_BEYOND_TERMS: { description: 'Amount-weighted days from due date to settlement, over invoices settled in the window. In days, below 0 when paid early on the whole; in what is published, and for a position or a gap, that counts as 0.' },
    LATE_SHARE: { description: 'The part, from 0 to 1, of the invoices settled in the window that was settled after its due date.' },
    PAYMENT_TERMS: { description: 'Amount-weighted days from issue to due date, over invoices issued in the window. In days; published by calendar quarter, at least 90 days old.' },
  },
});
