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
  // Customers are told of; what is made of it comes with the score.
  reactions: { 'invoices.changed': noteInvoices, 'customers.changed': async () => undefined },
  jobs: [],
  routes: [],
};
