import { Migration } from '@mikro-orm/migrations';

/**
 * Who is a natural person: whom the firm says is one, and whose name says so. A sole trader's registration looks like any
 * other, but French law has had the words stand in the name since 2022 (Code de commerce, R. 526-27), and other countries
 * have theirs. By the name, files of every format are covered; wrongly taken for a person, a customer is only not matched.
 */
export class SoleTradersMigration extends Migration {
  override up(): void {
    this.addSql(`
      alter table portfolios.customer add column sole_trader boolean not null generated always as (
        natural_person
        -- The abbreviations in capitals only: "ei" is a word elsewhere.
        or name ~ '(^|[^[:alpha:]])(EI|E[.]I[.]|EIRL|E[.]I[.]R[.]L[.])([^[:alpha:]]|$)'
        or name ~* '(^|[^[:alpha:]])(entrepreneure? individuel(le)?|auto-? ?entrepreneure?|micro-? ?entrepreneure?|e[.] ?k([.]|fm[.]|fr[.])|eingetragener kaufmann|einzelunternehmen|eenmanszaak|ditta individuale|sole trader)([^[:alpha:]]|$)'
      ) stored;
      create index customer_sole_trader on portfolios.customer (firm_id, legal_unit) where sole_trader;
    `);
  }
}
