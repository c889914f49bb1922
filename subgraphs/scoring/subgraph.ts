import type { Subgraph } from '../../src/server/subgraph.js';
import { BehaviourMigration } from './001-behaviour.migration.js';
import { StandingMigration } from './002-standing.migration.js';
import { noteCustomers } from './behaviour/note-customers.js';
import { noteInvoices } from './behaviour/note-invoices.js';
import { Customer, customerByReference, PaymentBehaviourResolver } from './behaviour/payment-behaviour.resolver.js';
import { RiskModelCharacteristicResolver, RiskModelResolver } from './score/risk-model.resolver.js';
import { rescoreDueJob } from './score/rescore-due.js';
import { CustomerRiskResolver, RiskScoreResolver, ScoreFactorResolver } from './score/risk-score.resolver.js';

/** How a customer pays, from what portfolios tells of invoices. */
export const scoring: Subgraph = {
  name: 'scoring',
  tables: [],
  migrations: [{ name: '001-behaviour', class: BehaviourMigration }, { name: '002-standing', class: StandingMigration }],
  resolvers: [PaymentBehaviourResolver, CustomerRiskResolver, RiskScoreResolver, ScoreFactorResolver, RiskModelResolver, RiskModelCharacteristicResolver],
  entities: [Customer],
  references: { Customer: customerByReference },
  reactions: { 'invoices.changed': noteInvoices, 'customers.changed': noteCustomers },
  jobs: [rescoreDueJob],
  routes: [],
};
