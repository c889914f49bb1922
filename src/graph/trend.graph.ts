import { registerEnumType } from 'type-graphql';
import { TRENDS } from '../values/trend.js';
import { enumOf } from './enum-of.js';

export const TrendEnum = enumOf(TRENDS);
registerEnumType(TrendEnum, {
  name: 'Trend',
  description: 'Which way a figure moves.',
  valuesConfig: {
    IMPROVING: { description: 'Paid sooner than before.' },
    STABLE: { description: 'No more change than the dead zone of the figure, or too little to tell.' },
    WORSENING: { description: 'Paid later than before.' },
  },
});
