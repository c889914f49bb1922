import { registerEnumType } from 'type-graphql';
import { enumOf } from '../../../src/graph/enum-of.js';
import { TRENDS } from './direction.js';

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
