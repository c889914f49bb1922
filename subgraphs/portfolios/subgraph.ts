import type { Subgraph } from '../../src/server/subgraph.js';
import { LedgerMigration } from './001-ledger.migration.js';
import { ImportsMigration } from './002-imports.migration.js';
import { ContributionsMigration } from './003-contributions.migration.js';
import { FiguresMigration } from './004-figures.migration.js';
import { ImportSpeedMigration } from './005-import-speed.migration.js';
import { StatementsMigration } from './006-statements.migration.js';
import { BankMigration } from './007-bank.migration.js';
import { CreditMigration } from './008-credit.migration.js';
import { SearchMigration } from './009-search.migration.js';
import { ExportsMigration } from './010-exports.migration.js';
import { ZipMigration } from './011-zip.migration.js';
import { MatchingMigration } from './012-matching.migration.js';
import { SoleTradersMigration } from './013-sole-traders.migration.js';
import { KeyAgeMigration } from './014-key-age.migration.js';
import { ImportListMigration } from './015-import-list.migration.js';
import { ToldCustomersMigration } from './016-told-customers.migration.js';
import { ApprovedLimitsMigration } from './017-approved-limits.migration.js';
import { answerCustomer } from './contributions/answer-customer.js';
import { closeDueMonths } from './contributions/close-due-months.js';
import { noteConsent } from './contributions/note-consent.js';
import { rekeyCustomersJob } from './contributions/rotate-matching-key.js';
import { startDueExchangeJob } from './contributions/start-due-exchange.js';
import { checkDueFigures } from './figures/check-figures.js';
import { compactDueFigures } from './figures/compact-figures.js';
import { applyApprovedLimit } from './credit/apply-approved-limit.js';
import { CreditCheckResolver } from './credit/credit-check.resolver.js';
import { CreditLimitChangeTable } from './credit/credit-limit-change.table.js';
import { CustomerCreditResolver } from './credit/credit-limit.resolver.js';
import { OrderExposureResolver } from './credit/order-exposure.resolver.js';
import { OrderExposureTable } from './credit/order-exposure.table.js';
import { DisputeReportResolver } from './disputes/dispute-report.resolver.js';
import { DisputedResolver, DisputeResolver, InvoiceDisputesResolver } from './disputes/dispute.resolver.js';
import { DisputeTable } from './disputes/dispute.table.js';
import { CustomerPromisesResolver, InvoicePromisesResolver, PaymentPromiseResolver } from './disputes/payment-promise.resolver.js';
import { PaymentPromiseTable } from './disputes/payment-promise.table.js';
import { CashForecastLineResolver, CashForecastResolver, PortfolioForecastResolver } from './forecast/cash-forecast.resolver.js';
import { BreakdownGroupResolver, PortfolioBreakdownResolver } from './indicators/breakdown.resolver.js';
import { CustomerIndicatorsResolver, IndicatorsResolver } from './indicators/indicators.resolver.js';
import { PortfolioResolver } from './indicators/portfolio.resolver.js';
import { PortfolioTrendResolver } from './indicators/trend.resolver.js';
import { ExportResolver, ImportRejectionsFileResolver } from './exports/export.resolver.js';
import { ExportTable } from './exports/export.table.js';
import { downloadRoute } from './exports/send-download.js';
import { noteRegistration } from './imports/fec/note-registration.js';
import { ImportJobResolver, ImportRejectionConnectionResolver } from './imports/import-job.resolver.js';
import { ImportListResolver } from './imports/import-list.resolver.js';
import { ImportJobTable } from './imports/import-job.table.js';
import { uploadRoute } from './imports/receive-upload.js';
import { resumeImports } from './imports/run-imports.js';
import { ApplicationTable } from './ledger/application.table.js';
import { CustomerConnectionResolver } from './ledger/customer-list.resolver.js';
import { customerByReference, CustomerResolver } from './ledger/customer.resolver.js';
import { CustomerTable } from './ledger/customer.table.js';
import { CustomerInvoicesResolver, InvoiceConnectionResolver } from './ledger/invoice-list.resolver.js';
import { invoiceByReference, InvoiceResolver } from './ledger/invoice.resolver.js';
import { InvoiceTable } from './ledger/invoice.table.js';
import { followClock } from './ledger/follow-clock.js';
import { CUSTOMERS_DUE } from './ledger/tell-customer-change.js';
import { tellDueCustomers } from './ledger/tell-due-customers.js';
import { MONTHS_DUE } from './ledger/tell-ledger-change.js';
import { PaymentResolver } from './ledger/payment.resolver.js';
import { ReceiptTable } from './ledger/receipt.table.js';
import { CustomerTermsResolver } from './terms/customer-terms.resolver.js';
import { LatePenaltyResolver } from './terms/late-penalty.resolver.js';
import { ReceiptApplicationResolver, ReceiptConnectionResolver, ReceiptResolver } from './receipts/receipt.resolver.js';
import { TermsResolver } from './terms/terms.resolver.js';

/** Customers, invoices, payments, and the figures made of them. */
export const portfolios: Subgraph = {
  name: 'portfolios',
  tables: [
    CustomerTable,
    InvoiceTable,
    ReceiptTable,
    ApplicationTable,
    ImportJobTable,
    ExportTable,
    CreditLimitChangeTable,
    OrderExposureTable,
    DisputeTable,
    PaymentPromiseTable,
  ],
  migrations: [
    { name: '001-ledger', class: LedgerMigration },
    { name: '002-imports', class: ImportsMigration },
    { name: '003-contributions', class: ContributionsMigration },
    { name: '004-figures', class: FiguresMigration },
    { name: '005-import-speed', class: ImportSpeedMigration },
    { name: '006-statements', class: StatementsMigration },
    { name: '007-bank', class: BankMigration },
    { name: '008-credit', class: CreditMigration },
    { name: '009-search', class: SearchMigration },
    { name: '010-exports', class: ExportsMigration },
    { name: '011-zip', class: ZipMigration },
    { name: '012-matching', class: MatchingMigration },
    { name: '013-sole-traders', class: SoleTradersMigration },
    { name: '014-key-age', class: KeyAgeMigration },
    { name: '015-import-list', class: ImportListMigration },
    { name: '016-told-customers', class: ToldCustomersMigration },
    { name: '017-approved-limits', class: ApprovedLimitsMigration },
  ],
  resolvers: [
    CustomerResolver,
    CustomerConnectionResolver,
    InvoiceResolver,
    InvoiceConnectionResolver,
    CustomerInvoicesResolver,
    PaymentResolver,
    ReceiptResolver,
    ReceiptApplicationResolver,
    ReceiptConnectionResolver,
    TermsResolver,
    CustomerTermsResolver,
    LatePenaltyResolver,
    IndicatorsResolver,
    CustomerIndicatorsResolver,
    PortfolioResolver,
    PortfolioBreakdownResolver,
    BreakdownGroupResolver,
    PortfolioTrendResolver,
    ImportJobResolver,
    ImportListResolver,
    ImportRejectionConnectionResolver,
    ExportResolver,
    ImportRejectionsFileResolver,
    CustomerCreditResolver,
    OrderExposureResolver,
    CreditCheckResolver,
    DisputeResolver,
    InvoiceDisputesResolver,
    DisputedResolver,
    DisputeReportResolver,
    PaymentPromiseResolver,
    CustomerPromisesResolver,
    InvoicePromisesResolver,
    PortfolioForecastResolver,
    CashForecastResolver,
    CashForecastLineResolver,
  ],
  references: {
    Customer: customerByReference,
    Invoice: invoiceByReference,
  },
  reactions: {
    'firm.registered': noteRegistration,
    'membership.changed': noteConsent,
    'customer.asked': answerCustomer,
    'limit.approved': applyApprovedLimit,
    'sandbox.clock-moved': followClock,
    'sandbox.settle-requested': closeDueMonths,
  },
  jobs: [
    // Right after a change rather than once a month: a customer of a member can be sought as soon as it is there. What a run
    // finds due is one look at two small tables.
    { name: 'month-end', everySeconds: 2, hint: MONTHS_DUE, run: closeDueMonths },
    { name: 'tell-customers', everySeconds: 10, hint: CUSTOMERS_DUE, run: tellDueCustomers },
    startDueExchangeJob,
    rekeyCustomersJob,
    resumeImports,
    compactDueFigures,
    checkDueFigures,
  ],
  routes: [uploadRoute, downloadRoute],
};
