import { Migration } from '@mikro-orm/migrations';
import { securedTable } from '../../src/database/own-firm.js';

/** Adds the words of customers: those of `rows`, which has the columns of `portfolios.customer`. */
function keepWordsOf(rows: string): string {
  return `
    insert into portfolios.customer_word (firm_id, customer_id, word)
    with said as materialized (
      select firm_id, id, unnest(portfolios.words_of(name || ' ' || reference)) as word from (${rows}) told
    )
    select distinct firm_id, id, word from (
      select firm_id, id, word from said where word ~ '[^0-9]'
      union all
      -- Numbers, also those within a word, without the zeros in front: 00042 and 42 both find CUST00042.
      select firm_id, id, coalesce(nullif(ltrim(digits[1], '0'), ''), '0') from said, regexp_matches(word, '[0-9]+', 'g') as digits where word ~ '[0-9]'
    ) every;
  `;
}

/**
 * What lists are searched and sorted by.
 *
 * Under row-level security PostgreSQL lets only leakproof operators look into an index before the policy was applied, and
 * no operator of a trigram, text search or array index is one: a search through them reads every customer of the firm.
 * Equality and order of texts are leakproof. So each word of a name and a reference is a row that leads with its firm, and
 * a search is a range of a B-tree (ADR 0010). Triggers keep the words in the statement that changes a customer, whoever
 * writes. Words are folded with what PostgreSQL has built in: no extension has to be allowed.
 */
export class SearchMigration extends Migration {
  override up(): void {
    this.addSql(`
      -- A text without case, accents and compatibility forms; letters that Unicode does not take apart are written out.
      create function portfolios.folded(said text) returns text language sql immutable strict parallel safe
      return replace(replace(replace(translate(
        regexp_replace(casefold(normalize(said, NFKD) collate pg_unicode_fast), '[\\u0300-\\u036f]', '', 'g'),
        'øłđıð', 'oldid'), 'œ', 'oe'), 'æ', 'ae'), 'þ', 'th');

      -- Its words, in their order: runs of letters and digits. The dots of initials do not part them (S.N.C.F.).
      create function portfolios.words_of(said text) returns text[] language sql immutable strict parallel safe
      return string_to_array(btrim(regexp_replace(
        regexp_replace(portfolios.folded(said) collate pg_unicode_fast, '(?<![[:alnum:]])([[:alnum:]])\\.(?=[[:alnum:]](?![[:alnum:]]))', '\\1', 'g'),
        '[^[:alnum:]]+', ' ', 'g')), ' ');

      -- Lists go by name as a reader does, École between Ebel and Edel; and a customer is known by its legal unit whichever
      -- of its registrations was given (src/values/registration.ts says the same for what is asked).
      alter table portfolios.customer
        add column name_key text collate "C" generated always as (portfolios.folded(name)) stored,
        add column legal_unit text collate "C" generated always as (case
          when registration_scheme = 'SIRET' then 'SIREN:' || left(registration_value, 9)
          when registration_scheme = 'VAT' and registration_value ~ '^FR[A-Z0-9]{2}[0-9]{9}$' then 'SIREN:' || substr(registration_value, 5)
          else registration_scheme || ':' || registration_value
        end) stored;
      drop index portfolios.customer_name;
      create index customer_name on portfolios.customer (firm_id, name_key, id);
      drop index portfolios.customer_registration;
      create index customer_registration on portfolios.customer (firm_id, legal_unit, id) where legal_unit is not null;

      -- Amounts of several currencies in one order: thousandths of the currency's unit, so that 100 JPY stand above 99.99 EUR.
      -- src/values/money.ts knows the same digits; the fourth digit of CLF and UYW does not count here.
      alter table portfolios.invoice add column amount_key bigint generated always as (case
        when currency in ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') then amount_minor * 1000
        when currency in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then amount_minor
        when currency in ('CLF', 'UYW') then amount_minor / 10
        else amount_minor * 10
      end) stored;
      create index invoice_amount on portfolios.invoice (firm_id, amount_key, id);
      -- What is open is a small part of a ledger, and mostly asked for in the order of its due dates.
      create index invoice_open_due on portfolios.invoice (firm_id, due_date, id) where settled_on is null and kind = 'INVOICE' and not cancelled;

      create table portfolios.customer_word (
        firm_id uuid not null default current_setting('app.firm_id')::uuid,
        customer_id uuid not null,
        word text collate "C" not null,
        -- The word from its end, to find one whose beginning was mistyped; null where nobody mistypes: numbers, short words.
        reversed text collate "C" generated always as (case when word ~ '^[^0-9]{4,}$' then reverse(word) end) stored,
        primary key (firm_id, customer_id, word)
      );
      create index customer_word_found on portfolios.customer_word (firm_id, word, customer_id);
      create index customer_word_reversed on portfolios.customer_word (firm_id, reversed, word) where reversed is not null;
      ${securedTable('portfolios', 'customer_word')}
      grant select, insert, delete on portfolios.customer_word to portfolios_app;

      create function portfolios.keep_words() returns trigger language plpgsql as $$ begin
        if tg_op = 'INSERT' then
          ${keepWordsOf('select * from new_rows')}
          return null;
        end if;
        if tg_op = 'DELETE' then
          delete from portfolios.customer_word w using old_rows o where w.firm_id = o.firm_id and w.customer_id = o.id;
          return null;
        end if;
        delete from portfolios.customer_word w using old_rows o join new_rows n using (id)
        where w.firm_id = o.firm_id and w.customer_id = o.id and (o.name, o.reference) is distinct from (n.name, n.reference);
        ${keepWordsOf('select n.* from new_rows n join old_rows o using (id) where (o.name, o.reference) is distinct from (n.name, n.reference)')}
        return null;
      end $$;
      create trigger keep_words_of_new after insert on portfolios.customer referencing new table as new_rows for each statement execute function portfolios.keep_words();
      create trigger keep_words_of_changed after update on portfolios.customer referencing old table as old_rows new table as new_rows for each statement execute function portfolios.keep_words();
      create trigger keep_words_of_deleted after delete on portfolios.customer referencing old table as old_rows for each statement execute function portfolios.keep_words();

      -- The owner need not be a superuser: while it is not held by row-level security itself, it sees the rows there are.
      alter table portfolios.customer no force row level security;
      alter table portfolios.customer_word no force row level security;
      ${keepWordsOf('select * from portfolios.customer')}
      alter table portfolios.customer force row level security;
      alter table portfolios.customer_word force row level security;
    `);
  }
}
