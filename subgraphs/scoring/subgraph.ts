import type { Subgraph } from '../../src/server/subgraph.js';
import { BehaviourMigration } from './001-behaviour.migration.js';
import { noteInvoices } from './behaviour/note-invoices.js';
import { Customer, customerByReference, PaymentBehaviourResolver } from './behaviour/payment-behaviour.resolver.js';

/** How a customer pays, from what portfolios tells of invoices. */
export const scoring: Subgraph = {
  name: 'scoring',
  tables: [],
  migrations: [{ name: '001-behaviour', class: BehaviourMigration }],
  resolvers: [PaymentBehaviourResolver],
  entities: [Customer],
  references: { Customer: customerByReference },
  reactions: { 'invoices.changed': noteInvoices },
  jobs: [],
  routes: [],
};
