import type { Subgraph } from '../../src/server/subgraph.js';
import { BehaviourMigration } from './001-behaviour.migration.js';
import { WebhooksMigration } from './004-webhooks.migration.js';
import { noteInvoices } from './behaviour/note-invoices.js';
import { Customer, customerByReference, PaymentBehaviourResolver } from './behaviour/payment-behaviour.resolver.js';
import { deliverWebhooksJob } from './webhooks/deliver-webhooks.js';
import { forgetWebhooksJob } from './webhooks/forget-webhooks.js';
import { WebhookDeliveryResolver } from './webhooks/webhook-delivery.resolver.js';
import { WebhookEndpointResolver } from './webhooks/webhook-endpoint.resolver.js';

/** How a customer pays, from what portfolios tells of invoices. */
export const scoring: Subgraph = {
  name: 'scoring',
  tables: [],
  migrations: [
    { name: '001-behaviour', class: BehaviourMigration },
    { name: '004-webhooks', class: WebhooksMigration },
  ],
  resolvers: [
    PaymentBehaviourResolver,
    WebhookEndpointResolver,
    WebhookDeliveryResolver,
  ],
  entities: [Customer],
  references: { Customer: customerByReference },
  reactions: { 'invoices.changed': noteInvoices },
  jobs: [
    deliverWebhooksJob,
    forgetWebhooksJob,
  ],
  routes: [],
};
