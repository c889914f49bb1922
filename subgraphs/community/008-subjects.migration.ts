import { Migration } from '@mikro-orm/migrations';

/**
 * A customer gets a name of the room's own, drawn by lot, and the blind key that portfolios tells leads to it. What was
 * published is keyed by the subject and never changes, while a matching key is exchanged every year by exchanging rows of
 * this one table (docs/adr/0012). No firm reads it: whoever holds an old matching key finds nothing here.
 */
export class SubjectsMigration extends Migration {
  override up(): void {
    this.addSql(`
      create table community.subject_key (
        blind_key text primary key,
        subject text not null,
        -- How often the matching key had been exchanged when this one was made.
        exchange int not null default 0
      );
      create index subject_key_subject on community.subject_key (subject);
      create index subject_key_exchange on community.subject_key (exchange);
      alter table community.subject_key enable row level security, force row level security;
      create policy room on community.subject_key to community_system using (true) with check (true);
      grant select, insert, update, delete on community.subject_key to community_system;

      -- What was there before was keyed by the blind key itself.
      do $$
        declare found record;
        begin
          create temp table renamed (blind_key text primary key, subject text not null default gen_random_uuid()::text) on commit drop;
          for found in
            select c.oid::regclass as name, c.relforcerowsecurity as forced from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid
            where c.relnamespace = 'community'::regnamespace and c.relkind = 'r' and a.attname = 'subject' and a.atttypid = 'text'::regtype and c.relname <> 'subject_key'
          loop
            execute format('alter table %s no force row level security', found.name);
            execute format('insert into renamed (blind_key) select distinct subject from %s where subject is not null on conflict do nothing', found.name);
            execute format('alter table %s disable trigger user', found.name);
            execute format('update %s as t set subject = renamed.subject from renamed where renamed.blind_key = t.subject', found.name);
            execute format('alter table %s enable trigger user', found.name);
            if found.forced then execute format('alter table %s force row level security', found.name); end if;
          end loop;
          alter table community.subject_key no force row level security;
          insert into community.subject_key (blind_key, subject) select blind_key, subject from renamed;
          alter table community.subject_key force row level security;
        end
      $$;
    `);
  }
}
