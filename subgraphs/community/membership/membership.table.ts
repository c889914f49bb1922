import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';
import { ownFirm } from '../../../src/database/own-firm.js';
import type { Metric } from '../../../src/values/metric.js';

/** A firm as community knows it: whether it was verified, and what it consented to. There is no name in it. */
export const MembershipTable = defineEntity({
  name: 'Membership',
  tableName: 'membership',
  schema: 'community',
  properties: {
    firmId: p.uuid().primary(),
    verified: p.boolean(),
    /** In business time; null: not a member. */
    joinedAt: p.datetime().nullable(),
    leftAt: p.datetime().nullable(),
    metrics: p.array().$type<Metric[]>(),
    /** Grows with every change that portfolios is told. */
    revision: p.bigint('number'),
  },
  rowLevelSecurity: 'force',
  policies: [ownFirm],
});
export type MembershipRow = InferEntity<typeof MembershipTable>;
