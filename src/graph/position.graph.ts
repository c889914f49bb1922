import { registerEnumType } from 'type-graphql';
import { enumOf } from './enum-of.js';
import { POSITIONS } from '../values/position.js';

export const BenchmarkPositionEnum = enumOf(POSITIONS);
registerEnumType(BenchmarkPositionEnum, {
  name: 'BenchmarkPosition',
  description: 'Where your own figure lies against what it is compared with.',
  valuesConfig: {
    BELOW: { description: 'Below: you are paid sooner, or grant shorter terms.' },
    SIMILAR: { description: 'Within the shown rounding, in the same band, or in the same class; against one peer within 15 days, or within 0.25 for LATE_SHARE.' },
    ABOVE: { description: 'Above: you are paid later, or grant longer terms.' },
  },
});
