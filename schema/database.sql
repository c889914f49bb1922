-- Written by `npm run schema` from the catalogue of a freshly migrated database. Not to be edited, not to be run.

create role community login noinherit;
grant community_app to community;
grant community_system to community;
create role community_app nologin noinherit;
create role community_system nologin noinherit;
create role identity login noinherit;
grant identity_app to identity;
grant identity_system to identity;
create role identity_app nologin noinherit;
create role identity_system nologin noinherit;
create role portfolios login noinherit;
grant portfolios_app to portfolios;
grant portfolios_system to portfolios;
create role portfolios_app nologin noinherit;
create role portfolios_system nologin noinherit;
create role scoring login noinherit;
grant scoring_app to scoring;
grant scoring_system to scoring;
create role scoring_app nologin noinherit;
create role scoring_system nologin noinherit;

create schema events;
grant usage on schema events to community_app;
grant usage on schema events to community_system;
grant usage on schema events to identity_app;
grant usage on schema events to identity_system;
grant usage on schema events to portfolios_app;
grant usage on schema events to portfolios_system;
grant usage on schema events to scoring_app;
grant usage on schema events to scoring_system;

CREATE OR REPLACE FUNCTION events.pending()
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$select count(*) from events.delivery where not set_aside$function$;
revoke all on function events.pending() from public;
grant execute on function events.pending() to community_system;
grant execute on function events.pending() to identity_system;
grant execute on function events.pending() to portfolios_system;
grant execute on function events.pending() to scoring_system;

create table events.delivery (
  id uuid not null default uuidv7(),
  event_id uuid not null,
  name text not null,
  version integer not null,
  producer text not null,
  consumer text not null,
  firm_id uuid,
  data jsonb not null,
  recorded_at timestamp with time zone not null default clock_timestamp(),
  attempts integer not null default 0,
  due_at timestamp with time zone not null default clock_timestamp(),
  set_aside boolean not null default false,
  constraint delivery_pkey PRIMARY KEY (id)
);
CREATE INDEX delivery_due ON events.delivery USING btree (consumer, due_at, id) WHERE (NOT set_aside);
alter table events.delivery enable row level security, force row level security;
create policy community_marks on events.delivery for update to community_system
  using (((consumer = 'community'::text) OR (producer = 'community'::text)));
create policy community_removes on events.delivery for delete to community_system
  using (((consumer = 'community'::text) OR (producer = 'community'::text)));
create policy community_takes on events.delivery for select to community_system
  using (((consumer = 'community'::text) OR (producer = 'community'::text)));
create policy community_tells on events.delivery for insert to community_app
  with check (((producer = 'community'::text) AND (firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid)));
create policy community_tells_as_room on events.delivery for insert to community_system
  with check ((producer = 'community'::text));
create policy identity_marks on events.delivery for update to identity_system
  using (((consumer = 'identity'::text) OR (producer = 'identity'::text)));
create policy identity_removes on events.delivery for delete to identity_system
  using (((consumer = 'identity'::text) OR (producer = 'identity'::text)));
create policy identity_takes on events.delivery for select to identity_system
  using (((consumer = 'identity'::text) OR (producer = 'identity'::text)));
create policy identity_tells on events.delivery for insert to identity_app
  with check (((producer = 'identity'::text) AND (firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid)));
create policy identity_tells_as_room on events.delivery for insert to identity_system
  with check ((producer = 'identity'::text));
create policy portfolios_marks on events.delivery for update to portfolios_system
  using (((consumer = 'portfolios'::text) OR (producer = 'portfolios'::text)));
create policy portfolios_removes on events.delivery for delete to portfolios_system
  using (((consumer = 'portfolios'::text) OR (producer = 'portfolios'::text)));
create policy portfolios_takes on events.delivery for select to portfolios_system
  using (((consumer = 'portfolios'::text) OR (producer = 'portfolios'::text)));
create policy portfolios_tells on events.delivery for insert to portfolios_app
  with check (((producer = 'portfolios'::text) AND (firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid)));
create policy portfolios_tells_as_room on events.delivery for insert to portfolios_system
  with check ((producer = 'portfolios'::text));
create policy scoring_marks on events.delivery for update to scoring_system
  using (((consumer = 'scoring'::text) OR (producer = 'scoring'::text)));
create policy scoring_removes on events.delivery for delete to scoring_system
  using (((consumer = 'scoring'::text) OR (producer = 'scoring'::text)));
create policy scoring_takes on events.delivery for select to scoring_system
  using (((consumer = 'scoring'::text) OR (producer = 'scoring'::text)));
create policy scoring_tells on events.delivery for insert to scoring_app
  with check (((producer = 'scoring'::text) AND (firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid)));
create policy scoring_tells_as_room on events.delivery for insert to scoring_system
  with check ((producer = 'scoring'::text));
grant insert on events.delivery to community_app;
grant delete, insert, select, update on events.delivery to community_system;
grant insert on events.delivery to identity_app;
grant delete, insert, select, update on events.delivery to identity_system;
grant insert on events.delivery to portfolios_app;
grant delete, insert, select, update on events.delivery to portfolios_system;
grant insert on events.delivery to scoring_app;
grant delete, insert, select, update on events.delivery to scoring_system;

create table events.migration (
  id integer not null default nextval('events.migration_id_seq'::regclass),
  name character varying(255) not null,
  executed_at timestamp(6) with time zone not null default CURRENT_TIMESTAMP(6),
  constraint migration_pkey PRIMARY KEY (id)
);
alter table events.migration enable row level security, force row level security;
create policy owner_only on events.migration
  using ((CURRENT_USER = ( SELECT pg_tables.tableowner
   FROM pg_tables
  WHERE ((pg_tables.schemaname = 'events'::name) AND (pg_tables.tablename = 'migration'::name)))));

create table events.sandbox_clock (
  only_row boolean not null default true,
  offset_milliseconds bigint not null,
  told_by uuid not null default uuidv7(),
  constraint sandbox_clock_pkey PRIMARY KEY (only_row),
  constraint sandbox_clock_only_row_check CHECK (only_row)
);
alter table events.sandbox_clock enable row level security, force row level security;
create policy community_follows on events.sandbox_clock to community_system
  using (true)
  with check (true);
create policy everybody_reads on events.sandbox_clock for select
  using (true);
create policy identity_follows on events.sandbox_clock to identity_system
  using (true)
  with check (true);
create policy portfolios_follows on events.sandbox_clock to portfolios_system
  using (true)
  with check (true);
create policy scoring_follows on events.sandbox_clock to scoring_system
  using (true)
  with check (true);
grant insert, select, update on events.sandbox_clock to community_system;
grant insert, select, update on events.sandbox_clock to identity_system;
grant insert, select, update on events.sandbox_clock to portfolios_system;
grant insert, select, update on events.sandbox_clock to scoring_system;

create schema identity;
grant usage on schema identity to identity_app;
grant usage on schema identity to identity_system;

CREATE OR REPLACE FUNCTION identity.note_grouping_due()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
        begin
          insert into identity.grouping_due (firm_id) values (new.firm_id);
          return null;
        end
      $function$;

create table identity.api_key (
  id uuid not null default uuidv7(),
  firm_id uuid not null,
  person_id uuid not null,
  name text not null,
  scopes text[] not null,
  secret_hash text not null,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint api_key_pkey PRIMARY KEY (id),
  constraint api_key_firm_id_fkey FOREIGN KEY (firm_id) REFERENCES identity.firm(id),
  constraint api_key_person_id_fkey FOREIGN KEY (person_id) REFERENCES identity.person(id)
);
CREATE INDEX api_key_firm ON identity.api_key USING btree (firm_id);
CREATE UNIQUE INDEX api_key_secret ON identity.api_key USING btree (secret_hash);
alter table identity.api_key enable row level security, force row level security;
create policy own_firm on identity.api_key to identity_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room_finds on identity.api_key for select to identity_system
  using (true);
create policy room_notes_use on identity.api_key for update to identity_system
  using (true)
  with check (true);
grant insert, select, update on identity.api_key to identity_app;
grant select, update on identity.api_key to identity_system;

create table identity.firm (
  id uuid not null,
  name text not null,
  country text not null,
  registration_scheme text not null,
  registration_value text not null,
  verified boolean not null default false,
  created_at timestamp with time zone not null default now(),
  verification_revision bigint not null default 0,
  constraint firm_pkey PRIMARY KEY (id)
);
alter table identity.firm enable row level security, force row level security;
create policy own_firm on identity.firm to identity_app
  using ((id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room_reads on identity.firm for select to identity_system
  using (true);
create policy room_verifies on identity.firm for update to identity_system
  using (true)
  with check (true);
grant insert, select on identity.firm to identity_app;
grant select, update on identity.firm to identity_system;

create table identity.firm_group (
  firm_id uuid not null,
  first_firm_id uuid,
  revision bigint not null default 1,
  constraint firm_group_pkey PRIMARY KEY (firm_id),
  constraint firm_group_firm_id_fkey FOREIGN KEY (firm_id) REFERENCES identity.firm(id)
);
CREATE INDEX firm_group_first ON identity.firm_group USING btree (first_firm_id);
alter table identity.firm_group enable row level security, force row level security;
create policy room on identity.firm_group to identity_system
  using (true)
  with check (true);
grant insert, select, update on identity.firm_group to identity_system;

create table identity.grouping_due (
  firm_id uuid not null,
  id uuid not null default uuidv7(),
  constraint grouping_due_pkey PRIMARY KEY (firm_id, id)
);
alter table identity.grouping_due enable row level security, force row level security;
create policy own_firm_notes on identity.grouping_due for insert to identity_app
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room on identity.grouping_due to identity_system
  using (true)
  with check (true);
grant insert on identity.grouping_due to identity_app;
grant delete, select on identity.grouping_due to identity_system;

create table identity.invitation (
  id uuid not null default uuidv7(),
  firm_id uuid not null,
  email text not null,
  role text not null,
  token_hash text not null,
  expires_at timestamp with time zone not null,
  accepted_at timestamp with time zone,
  constraint invitation_pkey PRIMARY KEY (id),
  constraint invitation_firm_id_fkey FOREIGN KEY (firm_id) REFERENCES identity.firm(id)
);
CREATE INDEX invitation_firm ON identity.invitation USING btree (firm_id);
CREATE UNIQUE INDEX invitation_token ON identity.invitation USING btree (token_hash);
alter table identity.invitation enable row level security, force row level security;
create policy own_firm on identity.invitation to identity_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room_finds on identity.invitation for select to identity_system
  using (true);
grant insert, select, update on identity.invitation to identity_app;
grant select on identity.invitation to identity_system;
CREATE TRIGGER notes_grouping_due AFTER INSERT ON identity.invitation FOR EACH ROW EXECUTE FUNCTION identity.note_grouping_due();

create table identity.link_alarm (
  id uuid not null default uuidv7(),
  raised_at timestamp with time zone not null default clock_timestamp(),
  firms uuid[] not null,
  ties text not null,
  constraint link_alarm_pkey PRIMARY KEY (id)
);
alter table identity.link_alarm enable row level security, force row level security;
create policy room on identity.link_alarm to identity_system
  using (true)
  with check (true);
grant insert, select on identity.link_alarm to identity_system;

create table identity.link_mark (
  firm_id uuid not null,
  kind text not null,
  mark text not null,
  since timestamp with time zone not null,
  constraint link_mark_pkey PRIMARY KEY (firm_id, kind, mark),
  constraint link_mark_kind_check CHECK (kind = ANY (ARRAY['REGISTRATION'::text, 'OWNER'::text, 'DOMAIN'::text, 'INVITED'::text, 'ACCOUNT'::text])),
  constraint link_mark_firm_id_fkey FOREIGN KEY (firm_id) REFERENCES identity.firm(id)
);
CREATE INDEX link_mark_mark ON identity.link_mark USING btree (mark);
alter table identity.link_mark enable row level security, force row level security;
create policy room on identity.link_mark to identity_system
  using (true)
  with check (true);
grant insert, select on identity.link_mark to identity_system;

create table identity.migration (
  id integer not null default nextval('identity.migration_id_seq'::regclass),
  name character varying(255) not null,
  executed_at timestamp(6) with time zone not null default CURRENT_TIMESTAMP(6),
  constraint migration_pkey PRIMARY KEY (id)
);
alter table identity.migration enable row level security, force row level security;
create policy owner_only on identity.migration
  using (pg_has_role(CURRENT_USER, ( SELECT pg_class.relowner
   FROM pg_class
  WHERE (pg_class.oid = ('identity.migration'::regclass)::oid)), 'member'::text));

create table identity.operator_action (
  id uuid not null default uuidv7(),
  at timestamp with time zone not null default clock_timestamp(),
  operator text not null,
  action text not null,
  firm_id uuid,
  other_firm_id uuid,
  why text not null,
  constraint operator_action_pkey PRIMARY KEY (id)
);
alter table identity.operator_action enable row level security, force row level security;
create policy room on identity.operator_action to identity_system
  using (true)
  with check (true);
grant insert, select on identity.operator_action to identity_system;

create table identity.operator_link (
  firm_id uuid not null,
  other_firm_id uuid not null,
  linked boolean not null,
  constraint operator_link_pkey PRIMARY KEY (firm_id, other_firm_id),
  constraint operator_link_check CHECK (firm_id < other_firm_id),
  constraint operator_link_firm_id_fkey FOREIGN KEY (firm_id) REFERENCES identity.firm(id),
  constraint operator_link_other_firm_id_fkey FOREIGN KEY (other_firm_id) REFERENCES identity.firm(id)
);
CREATE INDEX operator_link_other ON identity.operator_link USING btree (other_firm_id);
alter table identity.operator_link enable row level security, force row level security;
create policy room on identity.operator_link to identity_system
  using (true)
  with check (true);
grant insert, select, update on identity.operator_link to identity_system;

create table identity.person (
  id uuid not null default uuidv7(),
  firm_id uuid not null,
  name text not null,
  email text not null,
  password_hash text not null,
  role text not null,
  locale text not null default 'en'::text,
  created_at timestamp with time zone not null default now(),
  constraint person_pkey PRIMARY KEY (id),
  constraint person_firm_id_fkey FOREIGN KEY (firm_id) REFERENCES identity.firm(id)
);
CREATE UNIQUE INDEX person_email ON identity.person USING btree (email);
CREATE INDEX person_firm ON identity.person USING btree (firm_id);
alter table identity.person enable row level security, force row level security;
create policy own_firm on identity.person to identity_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room_reads on identity.person for select to identity_system
  using (true);
grant insert, select, update on identity.person to identity_app;
grant select on identity.person to identity_system;
CREATE TRIGGER notes_grouping_due AFTER INSERT OR UPDATE OF email, role ON identity.person FOR EACH ROW EXECUTE FUNCTION identity.note_grouping_due();

create table identity.session (
  id uuid not null default uuidv7(),
  firm_id uuid not null,
  person_id uuid not null,
  family_hash text not null,
  refresh_hash text not null,
  spent_refresh_hash text,
  spent_at timestamp with time zone,
  expires_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint session_pkey PRIMARY KEY (id),
  constraint session_firm_id_fkey FOREIGN KEY (firm_id) REFERENCES identity.firm(id),
  constraint session_person_id_fkey FOREIGN KEY (person_id) REFERENCES identity.person(id)
);
CREATE UNIQUE INDEX session_family ON identity.session USING btree (family_hash);
CREATE INDEX session_firm ON identity.session USING btree (firm_id, person_id);
alter table identity.session enable row level security, force row level security;
create policy own_firm on identity.session to identity_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room_finds on identity.session for select to identity_system
  using (true);
create policy room_turns on identity.session for update to identity_system
  using (true)
  with check (true);
grant insert, select, update on identity.session to identity_app;
grant select, update on identity.session to identity_system;

create table identity.sign_in_failure (
  email_hash text not null,
  failures integer not null,
  blocked_until timestamp with time zone not null,
  constraint sign_in_failure_pkey PRIMARY KEY (email_hash)
);
alter table identity.sign_in_failure enable row level security, force row level security;
create policy room_throttles on identity.sign_in_failure to identity_system
  using (true)
  with check (true);
grant delete, insert, select, update on identity.sign_in_failure to identity_system;

create schema portfolios;
grant usage on schema portfolios to portfolios_app;
grant usage on schema portfolios to portfolios_system;

CREATE OR REPLACE FUNCTION portfolios.folded(said text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN replace(replace(replace(translate(regexp_replace(casefold((NORMALIZE(said, NFKD) COLLATE pg_unicode_fast)), '[\u0300-\u036f]'::text, ''::text, 'g'::text), 'øłđıð'::text, 'oldid'::text), 'œ'::text, 'oe'::text), 'æ'::text, 'ae'::text), 'þ'::text, 'th'::text);

CREATE OR REPLACE FUNCTION portfolios.keep_application_figures()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
 SET enable_sort TO 'off'
AS $function$
    begin
      execute format($statement$
        with changed as not materialized (%s), moved as materialized (%s), 
      applied as materialized (
        select i.firm_id, i.currency, i.kind, i.cancelled, greatest(a.applied_on, i.issue_date) as day, i.due_date, a.credit_note_id is null as collected, sum(a.sign * 1 * a.amount_minor) as minor
        from changed a join portfolios.invoice i on i.id = a.invoice_id
        group by i.firm_id, i.currency, i.kind, i.cancelled, greatest(a.applied_on, i.issue_date), i.due_date, a.credit_note_id is null
      ), credited as materialized (
        select i.firm_id, i.currency, i.kind, i.cancelled, greatest(a.applied_on, i.issue_date) as day, sum(a.sign * 1 * a.amount_minor) as minor
        from changed a join portfolios.invoice i on i.id = a.credit_note_id where a.credit_note_id is not null
        group by i.firm_id, i.currency, i.kind, i.cancelled, greatest(a.applied_on, i.issue_date)
      ), taken as materialized (
      select r.firm_id, r.currency, greatest(a.applied_on, r.received_on) as day, sum(a.sign * 1 * a.amount_minor) as minor
      from changed a join portfolios.receipt r on r.id = a.receipt_id where a.receipt_id is not null group by r.firm_id, r.currency, greatest(a.applied_on, r.received_on)
    ), 
    movement as materialized (
      select firm_id, currency, day, due_date, sum(open_minor) as open_minor, sum(open_count) as open_count from (select firm_id, currency, day, due_date, -minor as open_minor, 0 as open_count from applied where kind = 'INVOICE' and not cancelled) m group by firm_id, currency, day, due_date having sum(open_minor) <> 0 or sum(open_count) <> 0
    ), change as materialized (
      
      select firm_id, currency, day as day, 0::numeric as sales_minor, coalesce(sum(minor) filter (where kind = 'INVOICE' and not cancelled and collected), 0)::numeric as collected_minor, coalesce(-sum(minor) filter (where kind = 'CREDIT_NOTE' and not cancelled), 0)::numeric as unapplied_minor, 0::numeric as settled_count, 0::numeric as late_count, 0::numeric as settled_minor, 0::numeric as settled_minor_days, 0::numeric as invoice_count, 0::numeric as receipt_count from applied group by firm_id, currency, day
      union all select firm_id, currency, day as day, 0::numeric as sales_minor, 0::numeric as collected_minor, -minor::numeric as unapplied_minor, 0::numeric as settled_count, 0::numeric as late_count, 0::numeric as settled_minor, 0::numeric as settled_minor_days, 0::numeric as invoice_count, 0::numeric as receipt_count from credited where kind = 'CREDIT_NOTE' and not cancelled union all select firm_id, currency, day as day, 0::numeric as sales_minor, 0::numeric as collected_minor, -minor::numeric as unapplied_minor, 0::numeric as settled_count, 0::numeric as late_count, 0::numeric as settled_minor, 0::numeric as settled_minor_days, 0::numeric as invoice_count, 0::numeric as receipt_count from taken
    ), moving as (
      insert into portfolios.due_movement (firm_id, currency, day, due_date, open_minor, open_count) select firm_id, currency, day, due_date, open_minor, open_count from movement
    ), opening as (
      insert into portfolios.due_open (firm_id, currency, due_date, open_minor, open_count)
      select firm_id, currency, due_date, sum(open_minor) as open_minor, sum(open_count) as open_count from movement group by firm_id, currency, due_date having sum(open_minor) <> 0 or sum(open_count) <> 0
    ), totalling as (
      insert into portfolios.ledger_total (firm_id, currency, invoice_count, receipt_count, unapplied_minor) select firm_id, currency, sum(invoice_count) as invoice_count, sum(receipt_count) as receipt_count, sum(unapplied_minor) as unapplied_minor from change group by firm_id, currency having sum(invoice_count) <> 0 or sum(receipt_count) <> 0 or sum(unapplied_minor) <> 0
    )
    insert into portfolios.ledger_day (firm_id, currency, day, open_minor, open_count, overdue_minor, overdue_count, sales_minor, collected_minor, unapplied_minor, settled_count, late_count, settled_minor, settled_minor_days)
    select firm_id, currency, day, sum(open_minor) as open_minor, sum(open_count) as open_count, sum(overdue_minor) as overdue_minor, sum(overdue_count) as overdue_count, sum(sales_minor) as sales_minor, sum(collected_minor) as collected_minor, sum(unapplied_minor) as unapplied_minor, sum(settled_count) as settled_count, sum(late_count) as late_count, sum(settled_minor) as settled_minor, sum(settled_minor_days) as settled_minor_days from (
      select firm_id, currency, day as day, 0 as open_minor, 0 as open_count, 0 as overdue_minor, 0 as overdue_count, sales_minor as sales_minor, collected_minor as collected_minor, unapplied_minor as unapplied_minor, settled_count as settled_count, late_count as late_count, settled_minor as settled_minor, settled_minor_days as settled_minor_days from change 
      union all select firm_id, currency, day as day, sum(open_minor) as open_minor, sum(open_count) as open_count, 0 as overdue_minor, 0 as overdue_count, 0 as sales_minor, 0 as collected_minor, 0 as unapplied_minor, 0 as settled_count, 0 as late_count, 0 as settled_minor, 0 as settled_minor_days from movement group by firm_id, currency, day
      union all select firm_id, currency, greatest(day, due_date + 1) as day, 0 as open_minor, 0 as open_count, sum(open_minor) as overdue_minor, sum(open_count) as overdue_count, 0 as sales_minor, 0 as collected_minor, 0 as unapplied_minor, 0 as settled_count, 0 as late_count, 0 as settled_minor, 0 as settled_minor_days from movement group by firm_id, currency, greatest(day, due_date + 1)
    ) d group by firm_id, currency, day having sum(open_minor) <> 0 or sum(open_count) <> 0 or sum(overdue_minor) <> 0 or sum(overdue_count) <> 0 or sum(sales_minor) <> 0 or sum(collected_minor) <> 0 or sum(unapplied_minor) <> 0 or sum(settled_count) <> 0 or sum(late_count) <> 0 or sum(settled_minor) <> 0 or sum(settled_minor_days) <> 0
      $statement$, case tg_op when 'INSERT' then 'select 1 as sign, a.* from after a' when 'UPDATE' then 'select -1 as sign, b.* from before b union all select 1, a.* from after a' else 'select -1 as sign, b.* from before b' end,
        case tg_op when 'UPDATE' then '
    select v.* from before b join after a on a.id = b.id cross join lateral (values (-1, b.firm_id, b.id), (1, a.firm_id, a.id)) v (sign, firm_id, id)
    where (b.firm_id, b.id) is distinct from (a.firm_id, a.id)' else 'select 1 as sign, n.* from portfolios.application n where false' end);
      return null;
    end $function$;

CREATE OR REPLACE FUNCTION portfolios.keep_customer_count()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
      begin
        if tg_op = 'INSERT' then
          insert into portfolios.customer_count (firm_id, customer_count) select firm_id, count(*) from after group by firm_id;
        else
          insert into portfolios.customer_count (firm_id, customer_count) select firm_id, -count(*) from before group by firm_id;
        end if;
        return null;
      end $function$;

CREATE OR REPLACE FUNCTION portfolios.keep_invoice_figures()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
 SET enable_sort TO 'off'
AS $function$
    begin
      execute format($statement$
        with changed as not materialized (%s), moved as materialized (%s), 
      issued as materialized (
        select firm_id, currency, kind, cancelled, issue_date, due_date, sum(i.sign * i.amount_minor) as minor, sum(i.sign) as count from changed i group by firm_id, currency, kind, cancelled, issue_date, due_date
      ), settled as materialized (
        select firm_id, currency, kind, cancelled, settled_on, greatest(settled_on, issue_date) as day, due_date, sum(i.sign * i.amount_minor) as minor, sum(i.sign) as count from changed i
        where settled_on is not null group by firm_id, currency, kind, cancelled, settled_on, greatest(settled_on, issue_date), due_date
      ), 
      applied as materialized (
        select i.firm_id, i.currency, i.kind, i.cancelled, greatest(a.applied_on, i.issue_date) as day, i.due_date, a.credit_note_id is null as collected, sum(1 * i.sign * a.amount_minor) as minor
        from portfolios.application a join moved i on i.id = a.invoice_id
        group by i.firm_id, i.currency, i.kind, i.cancelled, greatest(a.applied_on, i.issue_date), i.due_date, a.credit_note_id is null
      ), credited as materialized (
        select i.firm_id, i.currency, i.kind, i.cancelled, greatest(a.applied_on, i.issue_date) as day, sum(1 * i.sign * a.amount_minor) as minor
        from portfolios.application a join moved i on i.id = a.credit_note_id where a.credit_note_id is not null
        group by i.firm_id, i.currency, i.kind, i.cancelled, greatest(a.applied_on, i.issue_date)
      ), 
    movement as materialized (
      select firm_id, currency, day, due_date, sum(open_minor) as open_minor, sum(open_count) as open_count from (
      select firm_id, currency, issue_date as day, due_date, minor as open_minor, count as open_count from issued where kind = 'INVOICE' and not cancelled
      union all select firm_id, currency, day, due_date, 0 as open_minor, -count as open_count from settled where kind = 'INVOICE' and not cancelled union all select firm_id, currency, day, due_date, -minor as open_minor, 0 as open_count from applied where kind = 'INVOICE' and not cancelled) m group by firm_id, currency, day, due_date having sum(open_minor) <> 0 or sum(open_count) <> 0
    ), change as materialized (
      
      select firm_id, currency, issue_date as day, case when kind = 'INVOICE' and not cancelled then minor when kind = 'CREDIT_NOTE' and not cancelled then -minor else 0 end::numeric as sales_minor, 0::numeric as collected_minor, case when kind = 'CREDIT_NOTE' and not cancelled then minor else 0 end::numeric as unapplied_minor, 0::numeric as settled_count, 0::numeric as late_count, 0::numeric as settled_minor, 0::numeric as settled_minor_days, count::numeric as invoice_count, 0::numeric as receipt_count from issued
      union all
      select firm_id, currency, settled_on as day, 0::numeric as sales_minor, 0::numeric as collected_minor, 0::numeric as unapplied_minor, sum(count)::numeric as settled_count, coalesce(sum(count) filter (where settled_on > due_date), 0)::numeric as late_count, sum(minor)::numeric as settled_minor, sum(minor * (settled_on - due_date))::numeric as settled_minor_days, 0::numeric as invoice_count, 0::numeric as receipt_count from settled where kind = 'INVOICE' and not cancelled group by firm_id, currency, settled_on union all 
      select firm_id, currency, day as day, 0::numeric as sales_minor, coalesce(sum(minor) filter (where kind = 'INVOICE' and not cancelled and collected), 0)::numeric as collected_minor, coalesce(-sum(minor) filter (where kind = 'CREDIT_NOTE' and not cancelled), 0)::numeric as unapplied_minor, 0::numeric as settled_count, 0::numeric as late_count, 0::numeric as settled_minor, 0::numeric as settled_minor_days, 0::numeric as invoice_count, 0::numeric as receipt_count from applied group by firm_id, currency, day
      union all select firm_id, currency, day as day, 0::numeric as sales_minor, 0::numeric as collected_minor, -minor::numeric as unapplied_minor, 0::numeric as settled_count, 0::numeric as late_count, 0::numeric as settled_minor, 0::numeric as settled_minor_days, 0::numeric as invoice_count, 0::numeric as receipt_count from credited where kind = 'CREDIT_NOTE' and not cancelled
    ), moving as (
      insert into portfolios.due_movement (firm_id, currency, day, due_date, open_minor, open_count) select firm_id, currency, day, due_date, open_minor, open_count from movement
    ), opening as (
      insert into portfolios.due_open (firm_id, currency, due_date, open_minor, open_count)
      select firm_id, currency, due_date, sum(open_minor) as open_minor, sum(open_count) as open_count from movement group by firm_id, currency, due_date having sum(open_minor) <> 0 or sum(open_count) <> 0
    ), totalling as (
      insert into portfolios.ledger_total (firm_id, currency, invoice_count, receipt_count, unapplied_minor) select firm_id, currency, sum(invoice_count) as invoice_count, sum(receipt_count) as receipt_count, sum(unapplied_minor) as unapplied_minor from change group by firm_id, currency having sum(invoice_count) <> 0 or sum(receipt_count) <> 0 or sum(unapplied_minor) <> 0
    )
    insert into portfolios.ledger_day (firm_id, currency, day, open_minor, open_count, overdue_minor, overdue_count, sales_minor, collected_minor, unapplied_minor, settled_count, late_count, settled_minor, settled_minor_days)
    select firm_id, currency, day, sum(open_minor) as open_minor, sum(open_count) as open_count, sum(overdue_minor) as overdue_minor, sum(overdue_count) as overdue_count, sum(sales_minor) as sales_minor, sum(collected_minor) as collected_minor, sum(unapplied_minor) as unapplied_minor, sum(settled_count) as settled_count, sum(late_count) as late_count, sum(settled_minor) as settled_minor, sum(settled_minor_days) as settled_minor_days from (
      select firm_id, currency, day as day, 0 as open_minor, 0 as open_count, 0 as overdue_minor, 0 as overdue_count, sales_minor as sales_minor, collected_minor as collected_minor, unapplied_minor as unapplied_minor, settled_count as settled_count, late_count as late_count, settled_minor as settled_minor, settled_minor_days as settled_minor_days from change 
      union all select firm_id, currency, day as day, sum(open_minor) as open_minor, sum(open_count) as open_count, 0 as overdue_minor, 0 as overdue_count, 0 as sales_minor, 0 as collected_minor, 0 as unapplied_minor, 0 as settled_count, 0 as late_count, 0 as settled_minor, 0 as settled_minor_days from movement group by firm_id, currency, day
      union all select firm_id, currency, greatest(day, due_date + 1) as day, 0 as open_minor, 0 as open_count, sum(open_minor) as overdue_minor, sum(open_count) as overdue_count, 0 as sales_minor, 0 as collected_minor, 0 as unapplied_minor, 0 as settled_count, 0 as late_count, 0 as settled_minor, 0 as settled_minor_days from movement group by firm_id, currency, greatest(day, due_date + 1)
    ) d group by firm_id, currency, day having sum(open_minor) <> 0 or sum(open_count) <> 0 or sum(overdue_minor) <> 0 or sum(overdue_count) <> 0 or sum(sales_minor) <> 0 or sum(collected_minor) <> 0 or sum(unapplied_minor) <> 0 or sum(settled_count) <> 0 or sum(late_count) <> 0 or sum(settled_minor) <> 0 or sum(settled_minor_days) <> 0
      $statement$, case tg_op when 'INSERT' then 'select 1 as sign, a.* from after a' when 'UPDATE' then 'select -1 as sign, b.* from before b union all select 1, a.* from after a' else 'select -1 as sign, b.* from before b' end,
        case tg_op when 'UPDATE' then '
    select v.* from before b join after a on a.id = b.id cross join lateral (values (-1, b.firm_id, b.id, b.currency, b.kind, b.cancelled, b.issue_date, b.due_date), (1, a.firm_id, a.id, a.currency, a.kind, a.cancelled, a.issue_date, a.due_date)) v (sign, firm_id, id, currency, kind, cancelled, issue_date, due_date)
    where (b.firm_id, b.id, b.currency, b.kind, b.cancelled, b.issue_date, b.due_date) is distinct from (a.firm_id, a.id, a.currency, a.kind, a.cancelled, a.issue_date, a.due_date)' else 'select 1 as sign, n.* from portfolios.invoice n where false' end);
      return null;
    end $function$;

CREATE OR REPLACE FUNCTION portfolios.keep_receipt_figures()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
 SET enable_sort TO 'off'
AS $function$
    begin
      execute format($statement$
        with changed as not materialized (%s), moved as materialized (%s), received as materialized (
      select firm_id, currency, received_on as day, sum(r.sign * r.amount_minor) as minor, sum(r.sign) as count from changed r group by firm_id, currency, received_on
    ), taken as materialized (
      select r.firm_id, r.currency, greatest(a.applied_on, r.received_on) as day, sum(1 * r.sign * a.amount_minor) as minor
      from portfolios.application a join moved r on r.id = a.receipt_id where a.receipt_id is not null group by r.firm_id, r.currency, greatest(a.applied_on, r.received_on)
    ), 
    movement as materialized (
      select firm_id, currency, day, due_date, sum(open_minor) as open_minor, sum(open_count) as open_count from (select null::uuid as firm_id, null::text as currency, null::date as day, null::date as due_date, 0 as open_minor, 0 as open_count where false) m group by firm_id, currency, day, due_date having sum(open_minor) <> 0 or sum(open_count) <> 0
    ), change as materialized (
      select firm_id, currency, day as day, 0::numeric as sales_minor, 0::numeric as collected_minor, minor::numeric as unapplied_minor, 0::numeric as settled_count, 0::numeric as late_count, 0::numeric as settled_minor, 0::numeric as settled_minor_days, 0::numeric as invoice_count, count::numeric as receipt_count from received union all select firm_id, currency, day as day, 0::numeric as sales_minor, 0::numeric as collected_minor, -minor::numeric as unapplied_minor, 0::numeric as settled_count, 0::numeric as late_count, 0::numeric as settled_minor, 0::numeric as settled_minor_days, 0::numeric as invoice_count, 0::numeric as receipt_count from taken
    ), moving as (
      insert into portfolios.due_movement (firm_id, currency, day, due_date, open_minor, open_count) select firm_id, currency, day, due_date, open_minor, open_count from movement
    ), opening as (
      insert into portfolios.due_open (firm_id, currency, due_date, open_minor, open_count)
      select firm_id, currency, due_date, sum(open_minor) as open_minor, sum(open_count) as open_count from movement group by firm_id, currency, due_date having sum(open_minor) <> 0 or sum(open_count) <> 0
    ), totalling as (
      insert into portfolios.ledger_total (firm_id, currency, invoice_count, receipt_count, unapplied_minor) select firm_id, currency, sum(invoice_count) as invoice_count, sum(receipt_count) as receipt_count, sum(unapplied_minor) as unapplied_minor from change group by firm_id, currency having sum(invoice_count) <> 0 or sum(receipt_count) <> 0 or sum(unapplied_minor) <> 0
    )
    insert into portfolios.ledger_day (firm_id, currency, day, open_minor, open_count, overdue_minor, overdue_count, sales_minor, collected_minor, unapplied_minor, settled_count, late_count, settled_minor, settled_minor_days)
    select firm_id, currency, day, sum(open_minor) as open_minor, sum(open_count) as open_count, sum(overdue_minor) as overdue_minor, sum(overdue_count) as overdue_count, sum(sales_minor) as sales_minor, sum(collected_minor) as collected_minor, sum(unapplied_minor) as unapplied_minor, sum(settled_count) as settled_count, sum(late_count) as late_count, sum(settled_minor) as settled_minor, sum(settled_minor_days) as settled_minor_days from (
      select firm_id, currency, day as day, 0 as open_minor, 0 as open_count, 0 as overdue_minor, 0 as overdue_count, sales_minor as sales_minor, collected_minor as collected_minor, unapplied_minor as unapplied_minor, settled_count as settled_count, late_count as late_count, settled_minor as settled_minor, settled_minor_days as settled_minor_days from change 
      union all select firm_id, currency, day as day, sum(open_minor) as open_minor, sum(open_count) as open_count, 0 as overdue_minor, 0 as overdue_count, 0 as sales_minor, 0 as collected_minor, 0 as unapplied_minor, 0 as settled_count, 0 as late_count, 0 as settled_minor, 0 as settled_minor_days from movement group by firm_id, currency, day
      union all select firm_id, currency, greatest(day, due_date + 1) as day, 0 as open_minor, 0 as open_count, sum(open_minor) as overdue_minor, sum(open_count) as overdue_count, 0 as sales_minor, 0 as collected_minor, 0 as unapplied_minor, 0 as settled_count, 0 as late_count, 0 as settled_minor, 0 as settled_minor_days from movement group by firm_id, currency, greatest(day, due_date + 1)
    ) d group by firm_id, currency, day having sum(open_minor) <> 0 or sum(open_count) <> 0 or sum(overdue_minor) <> 0 or sum(overdue_count) <> 0 or sum(sales_minor) <> 0 or sum(collected_minor) <> 0 or sum(unapplied_minor) <> 0 or sum(settled_count) <> 0 or sum(late_count) <> 0 or sum(settled_minor) <> 0 or sum(settled_minor_days) <> 0
      $statement$, case tg_op when 'INSERT' then 'select 1 as sign, a.* from after a' when 'UPDATE' then 'select -1 as sign, b.* from before b union all select 1, a.* from after a' else 'select -1 as sign, b.* from before b' end,
        case tg_op when 'UPDATE' then '
    select v.* from before b join after a on a.id = b.id cross join lateral (values (-1, b.firm_id, b.id, b.currency, b.received_on), (1, a.firm_id, a.id, a.currency, a.received_on)) v (sign, firm_id, id, currency, received_on)
    where (b.firm_id, b.id, b.currency, b.received_on) is distinct from (a.firm_id, a.id, a.currency, a.received_on)' else 'select 1 as sign, n.* from portfolios.receipt n where false' end);
      return null;
    end $function$;

CREATE OR REPLACE FUNCTION portfolios.keep_words()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$ begin
        if tg_op = 'INSERT' then
          
    insert into portfolios.customer_word (firm_id, customer_id, word)
    with said as materialized (
      select firm_id, id, unnest(portfolios.words_of(name || ' ' || reference)) as word from (select * from new_rows) told
    )
    select distinct firm_id, id, word from (
      select firm_id, id, word from said where word ~ '[^0-9]'
      union all
      -- Numbers, also those within a word, without the zeros in front: 00042 and 42 both find CUST00042.
      select firm_id, id, coalesce(nullif(ltrim(digits[1], '0'), ''), '0') from said, regexp_matches(word, '[0-9]+', 'g') as digits where word ~ '[0-9]'
    ) every;
  
          return null;
        end if;
        if tg_op = 'DELETE' then
          delete from portfolios.customer_word w using old_rows o where w.firm_id = o.firm_id and w.customer_id = o.id;
          return null;
        end if;
        delete from portfolios.customer_word w using old_rows o join new_rows n using (id)
        where w.firm_id = o.firm_id and w.customer_id = o.id and (o.name, o.reference) is distinct from (n.name, n.reference);
        
    insert into portfolios.customer_word (firm_id, customer_id, word)
    with said as materialized (
      select firm_id, id, unnest(portfolios.words_of(name || ' ' || reference)) as word from (select n.* from new_rows n join old_rows o using (id) where (o.name, o.reference) is distinct from (n.name, n.reference)) told
    )
    select distinct firm_id, id, word from (
      select firm_id, id, word from said where word ~ '[^0-9]'
      union all
      -- Numbers, also those within a word, without the zeros in front: 00042 and 42 both find CUST00042.
      select firm_id, id, coalesce(nullif(ltrim(digits[1], '0'), ''), '0') from said, regexp_matches(word, '[0-9]+', 'g') as digits where word ~ '[0-9]'
    ) every;
  
        return null;
      end $function$;

CREATE OR REPLACE FUNCTION portfolios.words_of(said text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN string_to_array(btrim(regexp_replace(regexp_replace((portfolios.folded(said) COLLATE pg_unicode_fast), '(?<![[:alnum:]])([[:alnum:]])\.(?=[[:alnum:]](?![[:alnum:]]))'::text, '\1'::text, 'g'::text), '[^[:alnum:]]+'::text, ' '::text, 'g'::text)), ' '::text);

create table portfolios.application (
  id uuid not null default uuidv7(),
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  customer_id uuid not null,
  invoice_id uuid not null,
  receipt_id uuid,
  credit_note_id uuid,
  applied_on date not null,
  amount_minor bigint not null,
  said_until date,
  constraint application_pkey PRIMARY KEY (id),
  constraint application_amount_minor_check CHECK (amount_minor > 0),
  constraint application_credit_note_id_fkey FOREIGN KEY (credit_note_id) REFERENCES portfolios.invoice(id),
  constraint application_receipt_id_fkey FOREIGN KEY (receipt_id) REFERENCES portfolios.receipt(id)
);
CREATE INDEX application_credit_note ON portfolios.application USING btree (firm_id, credit_note_id) WHERE (credit_note_id IS NOT NULL);
CREATE INDEX application_day ON portfolios.application USING btree (firm_id, applied_on);
CREATE INDEX application_invoice ON portfolios.application USING btree (firm_id, invoice_id, applied_on);
CREATE INDEX application_receipt ON portfolios.application USING btree (firm_id, receipt_id) WHERE (receipt_id IS NOT NULL);
alter table portfolios.application enable row level security, force row level security;
create policy own_firm on portfolios.application to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant delete, insert, maintain, select, update on portfolios.application to portfolios_app;
CREATE TRIGGER keep_figures_of_changed AFTER UPDATE ON portfolios.application REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION portfolios.keep_application_figures();
CREATE TRIGGER keep_figures_of_gone AFTER DELETE ON portfolios.application REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION portfolios.keep_application_figures();
CREATE TRIGGER keep_figures_of_new AFTER INSERT ON portfolios.application REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION portfolios.keep_application_figures();

create table portfolios.contribution (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  subject text not null,
  month date not null,
  evidenced boolean not null,
  figures jsonb,
  revision bigint not null default 1,
  constraint contribution_pkey PRIMARY KEY (firm_id, subject, month)
);
alter table portfolios.contribution enable row level security, force row level security;
create policy own_firm on portfolios.contribution to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, select, update on portfolios.contribution to portfolios_app;

create table portfolios.contribution_consent (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  metrics text[] not null,
  revision bigint not null,
  told_month date,
  constraint contribution_consent_pkey PRIMARY KEY (firm_id)
);
alter table portfolios.contribution_consent enable row level security, force row level security;
create policy own_firm on portfolios.contribution_consent to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room_finds on portfolios.contribution_consent for select to portfolios_system
  using (true);
grant insert, select, update on portfolios.contribution_consent to portfolios_app;
grant select on portfolios.contribution_consent to portfolios_system;

create table portfolios.contribution_due (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  customer_id uuid not null,
  id uuid not null default uuidv7(),
  constraint contribution_due_pkey PRIMARY KEY (firm_id, id)
);
alter table portfolios.contribution_due enable row level security, force row level security;
create policy own_firm on portfolios.contribution_due to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room_finds on portfolios.contribution_due for select to portfolios_system
  using (true);
grant delete, insert, select, update on portfolios.contribution_due to portfolios_app;
grant select on portfolios.contribution_due to portfolios_system;

create table portfolios.contribution_key (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  customer_id uuid not null,
  subject text,
  seekable_until text,
  revision bigint not null default 1,
  constraint contribution_key_pkey PRIMARY KEY (firm_id, customer_id)
);
CREATE INDEX contribution_key_subject ON portfolios.contribution_key USING btree (firm_id, subject) WHERE (subject IS NOT NULL);
alter table portfolios.contribution_key enable row level security, force row level security;
create policy own_firm on portfolios.contribution_key to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, select, update on portfolios.contribution_key to portfolios_app;

create table portfolios.credit_limit_change (
  id uuid not null default uuidv7(),
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  customer_id uuid not null,
  changed_at timestamp with time zone not null,
  changed_by uuid,
  by_key boolean not null,
  from_minor bigint,
  from_currency text,
  to_minor bigint,
  to_currency text,
  request_id uuid,
  constraint credit_limit_change_pkey PRIMARY KEY (id),
  constraint credit_limit_change_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES portfolios.customer(id)
);
CREATE INDEX credit_limit_change_customer ON portfolios.credit_limit_change USING btree (firm_id, customer_id, id);
CREATE UNIQUE INDEX credit_limit_change_request ON portfolios.credit_limit_change USING btree (firm_id, request_id) WHERE (request_id IS NOT NULL);
alter table portfolios.credit_limit_change enable row level security, force row level security;
create policy own_firm on portfolios.credit_limit_change to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, select on portfolios.credit_limit_change to portfolios_app;

create table portfolios.customer (
  id uuid not null default uuidv7(),
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  reference text not null,
  name text not null,
  country text,
  registration_scheme text,
  registration_value text,
  natural_person boolean not null default false,
  terms_days integer,
  terms_end_of_month text,
  terms_fixed_day integer,
  credit_limit_minor bigint,
  credit_limit_currency text,
  created_at timestamp with time zone not null default now(),
  name_key text generated always as (portfolios.folded(name)) stored,
  legal_unit text generated always as (
CASE
    WHEN (registration_scheme = 'SIRET'::text) THEN ('SIREN:'::text || "left"(registration_value, 9))
    WHEN ((registration_scheme = 'VAT'::text) AND (registration_value ~ '^FR[A-Z0-9]{2}[0-9]{9}$'::text)) THEN ('SIREN:'::text || substr(registration_value, 5))
    ELSE ((registration_scheme || ':'::text) || registration_value)
END) stored,
  sole_trader boolean not null generated always as ((natural_person OR (name ~ '(^|[^[:alpha:]])(EI|E[.]I[.]|EIRL|E[.]I[.]R[.]L[.])([^[:alpha:]]|$)'::text) OR (name ~* '(^|[^[:alpha:]])(entrepreneure? individuel(le)?|auto-? ?entrepreneure?|micro-? ?entrepreneure?|e[.] ?k([.]|fm[.]|fr[.])|eingetragener kaufmann|einzelunternehmen|eenmanszaak|ditta individuale|sole trader)([^[:alpha:]]|$)'::text))) stored,
  sector text,
  constraint customer_pkey PRIMARY KEY (id),
  constraint customer_firm_id_reference_key UNIQUE (firm_id, reference)
);
CREATE INDEX customer_name ON portfolios.customer USING btree (firm_id, name_key, id);
CREATE INDEX customer_registration ON portfolios.customer USING btree (firm_id, legal_unit, id) WHERE (legal_unit IS NOT NULL);
CREATE INDEX customer_sole_trader ON portfolios.customer USING btree (firm_id, legal_unit) WHERE sole_trader;
alter table portfolios.customer enable row level security, force row level security;
create policy own_firm on portfolios.customer to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, maintain, select, update on portfolios.customer to portfolios_app;
CREATE TRIGGER keep_count_of_gone AFTER DELETE ON portfolios.customer REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION portfolios.keep_customer_count();
CREATE TRIGGER keep_count_of_new AFTER INSERT ON portfolios.customer REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION portfolios.keep_customer_count();
CREATE TRIGGER keep_words_of_changed AFTER UPDATE ON portfolios.customer REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION portfolios.keep_words();
CREATE TRIGGER keep_words_of_deleted AFTER DELETE ON portfolios.customer REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION portfolios.keep_words();
CREATE TRIGGER keep_words_of_new AFTER INSERT ON portfolios.customer REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION portfolios.keep_words();

create table portfolios.customer_count (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  customer_count bigint not null,
  fresh boolean not null default true
);
CREATE INDEX customer_count_firm ON portfolios.customer_count USING btree (firm_id);
CREATE INDEX customer_count_fresh ON portfolios.customer_count USING btree (firm_id) WHERE fresh;
alter table portfolios.customer_count enable row level security, force row level security;
create policy own_firm on portfolios.customer_count to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room_finds on portfolios.customer_count for select to portfolios_system
  using (fresh);
grant delete, insert, select on portfolios.customer_count to portfolios_app;
grant select (firm_id, fresh) on portfolios.customer_count to portfolios_system;

create table portfolios.customer_due (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  id uuid not null default uuidv7(),
  customer_id uuid not null,
  with_invoices boolean not null default false,
  constraint customer_due_pkey PRIMARY KEY (firm_id, id)
);
alter table portfolios.customer_due enable row level security, force row level security;
create policy own_firm on portfolios.customer_due to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room_finds on portfolios.customer_due for select to portfolios_system
  using (true);
grant delete, insert, select, update on portfolios.customer_due to portfolios_app;
grant select (firm_id) on portfolios.customer_due to portfolios_system;

create table portfolios.customer_told (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  customer_id uuid not null,
  facts jsonb,
  due_on date,
  revision bigint not null default 1,
  constraint customer_told_pkey PRIMARY KEY (firm_id, customer_id)
);
CREATE INDEX customer_told_due ON portfolios.customer_told USING btree (due_on, firm_id, customer_id) WHERE (due_on IS NOT NULL);
alter table portfolios.customer_told enable row level security, force row level security;
create policy own_firm on portfolios.customer_told to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room_finds on portfolios.customer_told for select to portfolios_system
  using ((due_on IS NOT NULL));
grant insert, select, update on portfolios.customer_told to portfolios_app;
grant select (due_on, firm_id) on portfolios.customer_told to portfolios_system;

create table portfolios.customer_word (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  customer_id uuid not null,
  word text not null,
  reversed text generated always as (
CASE
    WHEN (word ~ '^[^0-9]{4,}$'::text) THEN reverse(word)
    ELSE NULL::text
END) stored,
  constraint customer_word_pkey PRIMARY KEY (firm_id, customer_id, word)
);
CREATE INDEX customer_word_found ON portfolios.customer_word USING btree (firm_id, word, customer_id);
CREATE INDEX customer_word_reversed ON portfolios.customer_word USING btree (firm_id, reversed, word) WHERE (reversed IS NOT NULL);
alter table portfolios.customer_word enable row level security, force row level security;
create policy own_firm on portfolios.customer_word to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant delete, insert, select on portfolios.customer_word to portfolios_app;

create table portfolios.dispute (
  id uuid not null default uuidv7(),
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  customer_id uuid not null,
  invoice_id uuid not null,
  reason text not null,
  responsible text not null,
  note text,
  currency text not null,
  amount_minor bigint not null,
  opened_on date not null,
  opened_by uuid,
  resolved_on date,
  outcome text,
  resolution_note text,
  resolved_by uuid,
  constraint dispute_pkey PRIMARY KEY (id),
  constraint dispute_amount_minor_check CHECK (amount_minor > 0),
  constraint dispute_check CHECK ((resolved_on IS NULL) = (outcome IS NULL)),
  constraint dispute_check1 CHECK (resolved_on >= opened_on),
  constraint dispute_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES portfolios.customer(id),
  constraint dispute_invoice_id_fkey FOREIGN KEY (invoice_id) REFERENCES portfolios.invoice(id)
);
CREATE INDEX dispute_customer ON portfolios.dispute USING btree (firm_id, customer_id, opened_on);
CREATE INDEX dispute_invoice ON portfolios.dispute USING btree (firm_id, invoice_id, opened_on);
CREATE INDEX dispute_opened ON portfolios.dispute USING btree (firm_id, currency, opened_on);
CREATE UNIQUE INDEX dispute_standing ON portfolios.dispute USING btree (firm_id, invoice_id) WHERE (resolved_on IS NULL);
alter table portfolios.dispute enable row level security, force row level security;
create policy own_firm on portfolios.dispute to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, select, update on portfolios.dispute to portfolios_app;

create table portfolios.due_movement (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  currency text not null,
  day date not null,
  due_date date not null,
  open_minor numeric not null,
  open_count bigint not null,
  fresh boolean not null default true
);
CREATE INDEX due_movement_day ON portfolios.due_movement USING btree (firm_id, currency, day, due_date) WHERE (NOT fresh);
CREATE INDEX due_movement_fresh ON portfolios.due_movement USING btree (firm_id) WHERE fresh;
alter table portfolios.due_movement enable row level security, force row level security;
create policy own_firm on portfolios.due_movement to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room_finds on portfolios.due_movement for select to portfolios_system
  using (fresh);
grant delete, insert, select on portfolios.due_movement to portfolios_app;
grant select (firm_id, fresh) on portfolios.due_movement to portfolios_system;

create table portfolios.due_open (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  currency text not null,
  due_date date not null,
  open_minor numeric not null,
  open_count bigint not null,
  fresh boolean not null default true
);
CREATE INDEX due_open_day ON portfolios.due_open USING btree (firm_id, currency, due_date);
CREATE INDEX due_open_fresh ON portfolios.due_open USING btree (firm_id) WHERE fresh;
alter table portfolios.due_open enable row level security, force row level security;
create policy own_firm on portfolios.due_open to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room_finds on portfolios.due_open for select to portfolios_system
  using (fresh);
grant delete, insert, select on portfolios.due_open to portfolios_app;
grant select (firm_id, fresh) on portfolios.due_open to portfolios_system;

create table portfolios.export (
  id uuid not null default uuidv7(),
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  content text not null,
  format text not null,
  filter jsonb not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  expires_at timestamp with time zone not null default (clock_timestamp() + '24:00:00'::interval),
  constraint export_pkey PRIMARY KEY (id),
  constraint export_content_check CHECK (content = ANY (ARRAY['INVOICES'::text, 'CUSTOMERS'::text])),
  constraint export_format_check CHECK (format = ANY (ARRAY['CSV'::text, 'JSON_LINES'::text]))
);
CREATE INDEX export_expired ON portfolios.export USING btree (firm_id, expires_at);
alter table portfolios.export enable row level security, force row level security;
create policy own_firm on portfolios.export to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant delete, insert, select on portfolios.export to portfolios_app;

create table portfolios.figure_check (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  checked_at timestamp with time zone not null default clock_timestamp(),
  constraint figure_check_pkey PRIMARY KEY (firm_id)
);
alter table portfolios.figure_check enable row level security, force row level security;
create policy own_firm on portfolios.figure_check to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room_finds on portfolios.figure_check for select to portfolios_system
  using (true);
grant insert, select, update on portfolios.figure_check to portfolios_app;
grant select on portfolios.figure_check to portfolios_system;

create table portfolios.first_matching_key (
  only_row boolean not null default true,
  in_use_since timestamp with time zone not null default clock_timestamp(),
  constraint first_matching_key_pkey PRIMARY KEY (only_row),
  constraint first_matching_key_only_row_check CHECK (only_row)
);
alter table portfolios.first_matching_key enable row level security, force row level security;
create policy room on portfolios.first_matching_key for select to portfolios_system
  using (true);
grant select on portfolios.first_matching_key to portfolios_system;

create table portfolios.import_application (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  id uuid not null default uuidv7(),
  job_id uuid not null,
  line integer not null,
  reference text not null,
  receipt_reference text,
  credit_note_number text,
  invoice_number text not null,
  applied_on date not null,
  amount_minor bigint not null,
  constraint import_application_pkey PRIMARY KEY (firm_id, id),
  constraint import_application_amount_minor_check CHECK (amount_minor > 0),
  constraint import_application_check CHECK ((receipt_reference IS NULL) <> (credit_note_number IS NULL)),
  constraint import_application_job_id_fkey FOREIGN KEY (job_id) REFERENCES portfolios.import_job(id)
);
CREATE INDEX import_application_job ON portfolios.import_application USING btree (firm_id, job_id);
alter table portfolios.import_application enable row level security, force row level security;
create policy own_firm on portfolios.import_application to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on portfolios.import_application to portfolios_app;

create table portfolios.import_credit (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  job_id uuid not null,
  line integer not null,
  position integer not null,
  statement integer not null,
  receipt_reference text not null,
  booked_on date not null,
  currency text not null,
  amount_minor bigint not null,
  payers jsonb not null,
  payer_account text,
  reference_keys jsonb not null,
  remittance text,
  returned boolean not null,
  constraint import_credit_pkey PRIMARY KEY (firm_id, job_id, "position"),
  constraint import_credit_amount_minor_check CHECK (amount_minor > 0),
  constraint import_credit_job_id_fkey FOREIGN KEY (job_id) REFERENCES portfolios.import_job(id)
);
alter table portfolios.import_credit enable row level security, force row level security;
create policy own_firm on portfolios.import_credit to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on portfolios.import_credit to portfolios_app;

create table portfolios.import_entry (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  job_id uuid not null,
  line integer not null,
  account text not null,
  name text,
  journal text not null,
  entry text not null,
  entry_day date not null,
  piece text,
  piece_day date,
  due_day date,
  minor bigint not null,
  letter text,
  letter_day date,
  constraint import_entry_pkey PRIMARY KEY (firm_id, job_id, line),
  constraint import_entry_job_id_fkey FOREIGN KEY (job_id) REFERENCES portfolios.import_job(id)
);
CREATE INDEX import_entry_account ON portfolios.import_entry USING btree (firm_id, job_id, account, entry_day, line);
alter table portfolios.import_entry enable row level security, force row level security;
create policy own_firm on portfolios.import_entry to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on portfolios.import_entry to portfolios_app;

create table portfolios.import_entry_side (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  job_id uuid not null,
  line integer not null,
  journal text not null,
  entry text not null,
  entry_day date not null,
  sides integer not null,
  balance_minor bigint not null,
  constraint import_entry_side_pkey PRIMARY KEY (firm_id, job_id, line),
  constraint import_entry_side_job_id_fkey FOREIGN KEY (job_id) REFERENCES portfolios.import_job(id)
);
alter table portfolios.import_entry_side enable row level security, force row level security;
create policy own_firm on portfolios.import_entry_side to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on portfolios.import_entry_side to portfolios_app;

create table portfolios.import_file (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  job_id uuid not null,
  line integer not null,
  name text not null,
  constraint import_file_pkey PRIMARY KEY (firm_id, job_id, line),
  constraint import_file_job_id_fkey FOREIGN KEY (job_id) REFERENCES portfolios.import_job(id)
);
alter table portfolios.import_file enable row level security, force row level security;
create policy own_firm on portfolios.import_file to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant delete, insert, select on portfolios.import_file to portfolios_app;

create table portfolios.import_job (
  id uuid not null default uuidv7(),
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  format text not null,
  mode text not null,
  dry_run boolean not null,
  status text not null default 'AWAITING_UPLOAD'::text,
  currency text not null,
  terms_days integer,
  terms_end_of_month text,
  terms_fixed_day integer,
  mapping jsonb,
  date_format text not null,
  delimiter text,
  file_name text,
  attempt integer not null default 0,
  heartbeat_at timestamp with time zone,
  staged_at timestamp with time zone,
  business_day date,
  fields text[],
  unreadable_rows integer not null default 0,
  merge_attempts integer not null default 0,
  rows_read integer not null default 0,
  rows_accepted integer not null default 0,
  rows_unchanged integer not null default 0,
  rows_rejected integer not null default 0,
  failure_code text,
  failure_message text,
  failure_path text[],
  created_at timestamp with time zone not null default clock_timestamp(),
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  constraint import_job_pkey PRIMARY KEY (id),
  constraint import_job_mode_check CHECK (mode = ANY (ARRAY['DELTA'::text, 'SNAPSHOT'::text])),
  constraint import_job_status_check CHECK (status = ANY (ARRAY['AWAITING_UPLOAD'::text, 'RUNNING'::text, 'COMPLETED'::text, 'FAILED'::text]))
);
CREATE INDEX import_job_list ON portfolios.import_job USING btree (firm_id, id DESC);
CREATE INDEX import_job_running ON portfolios.import_job USING btree (firm_id, staged_at) WHERE (status = 'RUNNING'::text);
alter table portfolios.import_job enable row level security, force row level security;
create policy own_firm on portfolios.import_job to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room_finds on portfolios.import_job for select to portfolios_system
  using ((status = 'RUNNING'::text));
grant delete, insert, select, update on portfolios.import_job to portfolios_app;
grant select on portfolios.import_job to portfolios_system;

create table portfolios.import_receipt (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  id uuid not null default uuidv7(),
  job_id uuid not null,
  line integer not null,
  reference text,
  name text,
  receipt_reference text not null,
  unique_in_firm boolean not null default false,
  whole boolean not null default false,
  received_on date not null,
  currency text not null,
  amount_minor bigint not null,
  payer text,
  payer_account text,
  remittance text,
  constraint import_receipt_pkey PRIMARY KEY (firm_id, id),
  constraint import_receipt_job_id_fkey FOREIGN KEY (job_id) REFERENCES portfolios.import_job(id)
);
CREATE INDEX import_receipt_job ON portfolios.import_receipt USING btree (firm_id, job_id);
alter table portfolios.import_receipt enable row level security, force row level security;
create policy own_firm on portfolios.import_receipt to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on portfolios.import_receipt to portfolios_app;

create table portfolios.import_rejection (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  job_id uuid not null,
  line integer not null,
  position integer not null,
  column_name text,
  value text,
  code text not null,
  message text not null,
  constraint import_rejection_pkey PRIMARY KEY (firm_id, job_id, line, "position"),
  constraint import_rejection_job_id_fkey FOREIGN KEY (job_id) REFERENCES portfolios.import_job(id)
);
alter table portfolios.import_rejection enable row level security, force row level security;
create policy own_firm on portfolios.import_rejection to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on portfolios.import_rejection to portfolios_app;

create table portfolios.import_row (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  job_id uuid not null,
  line integer not null,
  accepted boolean not null,
  reference text not null,
  number text not null,
  name text,
  country text,
  registration_scheme text,
  registration_value text,
  kind text,
  issue_date date,
  due_date date,
  currency text,
  amount_minor bigint,
  settled_on date,
  open_minor bigint,
  constraint import_row_pkey PRIMARY KEY (firm_id, job_id, line)
);
alter table portfolios.import_row enable row level security, force row level security;
create policy own_firm on portfolios.import_row to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on portfolios.import_row to portfolios_app;

create table portfolios.import_statement (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  job_id uuid not null,
  line integer not null,
  position integer not null,
  refusal text,
  account text,
  constraint import_statement_pkey PRIMARY KEY (firm_id, job_id, "position"),
  constraint import_statement_job_id_fkey FOREIGN KEY (job_id) REFERENCES portfolios.import_job(id)
);
alter table portfolios.import_statement enable row level security, force row level security;
create policy own_firm on portfolios.import_statement to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on portfolios.import_statement to portfolios_app;

create table portfolios.import_warning (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  id uuid not null default uuidv7(),
  job_id uuid not null,
  line integer,
  code text not null,
  message text not null,
  constraint import_warning_pkey PRIMARY KEY (firm_id, id),
  constraint import_warning_job_id_fkey FOREIGN KEY (job_id) REFERENCES portfolios.import_job(id)
);
CREATE INDEX import_warning_job ON portfolios.import_warning USING btree (firm_id, job_id, line);
alter table portfolios.import_warning enable row level security, force row level security;
create policy own_firm on portfolios.import_warning to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on portfolios.import_warning to portfolios_app;

create table portfolios.invoice (
  id uuid not null default uuidv7(),
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  customer_id uuid not null,
  number text not null,
  kind text not null default 'INVOICE'::text,
  issue_date date not null,
  due_date date not null,
  due_date_assumed boolean not null default false,
  currency text not null,
  amount_minor bigint not null,
  applied_minor bigint not null default 0,
  settled_on date,
  cancelled boolean not null default false,
  revision bigint not null default 1,
  amount_key bigint generated always as (
CASE
    WHEN (currency = ANY (ARRAY['BIF'::text, 'CLP'::text, 'DJF'::text, 'GNF'::text, 'ISK'::text, 'JPY'::text, 'KMF'::text, 'KRW'::text, 'PYG'::text, 'RWF'::text, 'UGX'::text, 'UYI'::text, 'VND'::text, 'VUV'::text, 'XAF'::text, 'XOF'::text, 'XPF'::text])) THEN (amount_minor * 1000)
    WHEN (currency = ANY (ARRAY['BHD'::text, 'IQD'::text, 'JOD'::text, 'KWD'::text, 'LYD'::text, 'OMR'::text, 'TND'::text])) THEN amount_minor
    WHEN (currency = ANY (ARRAY['CLF'::text, 'UYW'::text])) THEN (amount_minor / 10)
    ELSE (amount_minor * 10)
END) stored,
  constraint invoice_pkey PRIMARY KEY (id),
  constraint invoice_firm_id_customer_id_number_key UNIQUE (firm_id, customer_id, number),
  constraint invoice_amount_minor_check CHECK (amount_minor > 0),
  constraint invoice_check CHECK (applied_minor >= 0 AND applied_minor <= amount_minor),
  constraint invoice_check1 CHECK (due_date >= issue_date),
  constraint invoice_check2 CHECK ((settled_on IS NOT NULL) = (applied_minor = amount_minor)),
  constraint invoice_kind_check CHECK (kind = ANY (ARRAY['INVOICE'::text, 'CREDIT_NOTE'::text]))
);
CREATE INDEX invoice_amount ON portfolios.invoice USING btree (firm_id, amount_key, id);
CREATE INDEX invoice_credit_note ON portfolios.invoice USING btree (firm_id, customer_id, issue_date) WHERE (kind = 'CREDIT_NOTE'::text);
CREATE INDEX invoice_customer ON portfolios.invoice USING btree (firm_id, customer_id, due_date, id);
CREATE INDEX invoice_due ON portfolios.invoice USING btree (firm_id, due_date);
CREATE INDEX invoice_issue ON portfolios.invoice USING btree (firm_id, issue_date);
CREATE INDEX invoice_open ON portfolios.invoice USING btree (firm_id, currency, customer_id) INCLUDE (id, due_date, issue_date, amount_minor, applied_minor) WHERE ((settled_on IS NULL) AND (kind = 'INVOICE'::text) AND (NOT cancelled));
CREATE INDEX invoice_open_due ON portfolios.invoice USING btree (firm_id, due_date, id) WHERE ((settled_on IS NULL) AND (kind = 'INVOICE'::text) AND (NOT cancelled));
CREATE INDEX invoice_settled ON portfolios.invoice USING btree (firm_id, customer_id, currency, settled_on);
alter table portfolios.invoice enable row level security, force row level security;
create policy own_firm on portfolios.invoice to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, maintain, select, update on portfolios.invoice to portfolios_app;
CREATE TRIGGER keep_figures_of_changed AFTER UPDATE ON portfolios.invoice REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION portfolios.keep_invoice_figures();
CREATE TRIGGER keep_figures_of_gone AFTER DELETE ON portfolios.invoice REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION portfolios.keep_invoice_figures();
CREATE TRIGGER keep_figures_of_new AFTER INSERT ON portfolios.invoice REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION portfolios.keep_invoice_figures();

create table portfolios.ledger_day (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  currency text not null,
  day date not null,
  sales_minor numeric not null,
  collected_minor numeric not null,
  open_minor numeric not null,
  open_count bigint not null,
  overdue_minor numeric not null,
  overdue_count bigint not null,
  unapplied_minor numeric not null,
  settled_count bigint not null,
  late_count bigint not null,
  settled_minor numeric not null,
  settled_minor_days numeric not null,
  fresh boolean not null default true
);
CREATE INDEX ledger_day_day ON portfolios.ledger_day USING btree (firm_id, currency, day);
CREATE INDEX ledger_day_fresh ON portfolios.ledger_day USING btree (firm_id) WHERE fresh;
alter table portfolios.ledger_day enable row level security, force row level security;
create policy own_firm on portfolios.ledger_day to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room_finds on portfolios.ledger_day for select to portfolios_system
  using (fresh);
grant delete, insert, select on portfolios.ledger_day to portfolios_app;
grant select (firm_id, fresh) on portfolios.ledger_day to portfolios_system;

create table portfolios.ledger_total (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  currency text not null,
  invoice_count bigint not null,
  receipt_count bigint not null,
  unapplied_minor numeric not null,
  fresh boolean not null default true
);
CREATE INDEX ledger_total_currency ON portfolios.ledger_total USING btree (firm_id, currency);
CREATE INDEX ledger_total_fresh ON portfolios.ledger_total USING btree (firm_id) WHERE fresh;
alter table portfolios.ledger_total enable row level security, force row level security;
create policy own_firm on portfolios.ledger_total to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room_finds on portfolios.ledger_total for select to portfolios_system
  using (fresh);
grant delete, insert, select on portfolios.ledger_total to portfolios_app;
grant select (firm_id, fresh) on portfolios.ledger_total to portfolios_system;

create table portfolios.matching_key (
  version integer not null,
  salt bytea,
  operator text not null,
  why text not null,
  started_at timestamp with time zone not null default clock_timestamp(),
  paired_at timestamp with time zone,
  retired_at timestamp with time zone,
  constraint matching_key_pkey PRIMARY KEY (version),
  constraint matching_key_salt_check CHECK (length(salt) = 32),
  constraint matching_key_version_check CHECK (version > 0)
);
CREATE UNIQUE INDEX matching_key_under_way ON portfolios.matching_key USING btree ((true)) WHERE (retired_at IS NULL);
alter table portfolios.matching_key enable row level security, force row level security;
create policy room on portfolios.matching_key to portfolios_system
  using (true)
  with check (true);
create policy room_as_firm on portfolios.matching_key for select to portfolios_app
  using (true);
grant select on portfolios.matching_key to portfolios_app;
grant insert, select, update on portfolios.matching_key to portfolios_system;

create table portfolios.matching_key_told (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  version integer not null,
  constraint matching_key_told_pkey PRIMARY KEY (firm_id, version)
);
alter table portfolios.matching_key_told enable row level security, force row level security;
create policy own_firm on portfolios.matching_key_told to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room_finds on portfolios.matching_key_told for select to portfolios_system
  using (true);
grant insert, select on portfolios.matching_key_told to portfolios_app;
grant select on portfolios.matching_key_told to portfolios_system;

create table portfolios.migration (
  id integer not null default nextval('portfolios.migration_id_seq'::regclass),
  name character varying(255) not null,
  executed_at timestamp(6) with time zone not null default CURRENT_TIMESTAMP(6),
  constraint migration_pkey PRIMARY KEY (id)
);
alter table portfolios.migration enable row level security, force row level security;
create policy owner_only on portfolios.migration
  using (pg_has_role(CURRENT_USER, ( SELECT pg_class.relowner
   FROM pg_class
  WHERE (pg_class.oid = ('portfolios.migration'::regclass)::oid)), 'member'::text));

create table portfolios.order_exposure (
  id uuid not null default uuidv7(),
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  customer_id uuid not null,
  order_reference text not null,
  currency text not null,
  amount_minor bigint not null,
  set_at timestamp with time zone not null,
  overridden_by uuid,
  released_at timestamp with time zone,
  constraint order_exposure_pkey PRIMARY KEY (id),
  constraint order_exposure_firm_id_customer_id_order_reference_key UNIQUE (firm_id, customer_id, order_reference),
  constraint order_exposure_amount_minor_check CHECK (amount_minor > 0),
  constraint order_exposure_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES portfolios.customer(id)
);
CREATE INDEX order_exposure_standing ON portfolios.order_exposure USING btree (firm_id, customer_id, order_reference) WHERE (released_at IS NULL);
alter table portfolios.order_exposure enable row level security, force row level security;
create policy own_firm on portfolios.order_exposure to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, select, update on portfolios.order_exposure to portfolios_app;

create table portfolios.own_account (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  mark text not null,
  constraint own_account_pkey PRIMARY KEY (firm_id, mark)
);
alter table portfolios.own_account enable row level security, force row level security;
create policy own_firm on portfolios.own_account to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, select on portfolios.own_account to portfolios_app;

create table portfolios.own_registration (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  scheme text not null,
  value text not null,
  constraint own_registration_pkey PRIMARY KEY (firm_id)
);
alter table portfolios.own_registration enable row level security, force row level security;
create policy own_firm on portfolios.own_registration to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on portfolios.own_registration to portfolios_app;

create table portfolios.payment_promise (
  id uuid not null default uuidv7(),
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  customer_id uuid not null,
  made_on date not null,
  promised_on date not null,
  currency text not null,
  amount_minor bigint not null,
  left_minor bigint not null,
  note text,
  recorded_by uuid,
  replaced_on date,
  constraint payment_promise_pkey PRIMARY KEY (id),
  constraint payment_promise_amount_minor_check CHECK (amount_minor > 0),
  constraint payment_promise_check CHECK (promised_on >= made_on),
  constraint payment_promise_left_minor_check CHECK (left_minor >= 0),
  constraint payment_promise_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES portfolios.customer(id)
);
CREATE INDEX payment_promise_customer ON portfolios.payment_promise USING btree (firm_id, customer_id, promised_on);
CREATE INDEX payment_promise_day ON portfolios.payment_promise USING btree (firm_id, currency, promised_on);
alter table portfolios.payment_promise enable row level security, force row level security;
create policy own_firm on portfolios.payment_promise to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, select, update on portfolios.payment_promise to portfolios_app;

create table portfolios.payment_promise_invoice (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  promise_id uuid not null,
  invoice_id uuid not null,
  constraint payment_promise_invoice_pkey PRIMARY KEY (firm_id, promise_id, invoice_id),
  constraint payment_promise_invoice_invoice_id_fkey FOREIGN KEY (invoice_id) REFERENCES portfolios.invoice(id),
  constraint payment_promise_invoice_promise_id_fkey FOREIGN KEY (promise_id) REFERENCES portfolios.payment_promise(id)
);
CREATE INDEX payment_promise_invoice_invoice ON portfolios.payment_promise_invoice USING btree (firm_id, invoice_id, promise_id);
alter table portfolios.payment_promise_invoice enable row level security, force row level security;
create policy own_firm on portfolios.payment_promise_invoice to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, select on portfolios.payment_promise_invoice to portfolios_app;

create table portfolios.receipt (
  id uuid not null default uuidv7(),
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  customer_id uuid,
  reference text not null,
  received_on date not null,
  currency text not null,
  amount_minor bigint not null,
  applied_minor bigint not null default 0,
  named_invoices text[] not null default '{}'::text[],
  payer text,
  payer_account text,
  remittance text,
  constraint receipt_pkey PRIMARY KEY (id),
  constraint receipt_firm_id_customer_id_reference_key UNIQUE (firm_id, customer_id, reference),
  constraint receipt_amount_minor_check CHECK (amount_minor > 0),
  constraint receipt_check CHECK (applied_minor >= 0 AND applied_minor <= amount_minor),
  constraint receipt_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES portfolios.customer(id)
);
CREATE INDEX receipt_day ON portfolios.receipt USING btree (firm_id, received_on, id);
CREATE UNIQUE INDEX receipt_of_nobody ON portfolios.receipt USING btree (firm_id, reference) WHERE (customer_id IS NULL);
CREATE INDEX receipt_received ON portfolios.receipt USING btree (firm_id, customer_id, currency, received_on);
CREATE INDEX receipt_reference ON portfolios.receipt USING btree (firm_id, reference);
CREATE INDEX receipt_unallocated ON portfolios.receipt USING btree (firm_id, received_on, id) WHERE (customer_id IS NULL);
CREATE INDEX receipt_unapplied ON portfolios.receipt USING btree (firm_id, received_on, id) WHERE (applied_minor < amount_minor);
alter table portfolios.receipt enable row level security, force row level security;
create policy own_firm on portfolios.receipt to portfolios_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on portfolios.receipt to portfolios_app;
CREATE TRIGGER keep_figures_of_changed AFTER UPDATE ON portfolios.receipt REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION portfolios.keep_receipt_figures();
CREATE TRIGGER keep_figures_of_gone AFTER DELETE ON portfolios.receipt REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION portfolios.keep_receipt_figures();
CREATE TRIGGER keep_figures_of_new AFTER INSERT ON portfolios.receipt REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION portfolios.keep_receipt_figures();

create view portfolios.ledger_change with (security_invoker=true) as
 WITH issued AS MATERIALIZED (
         SELECT i.firm_id,
            i.currency,
            i.kind,
            i.cancelled,
            i.issue_date,
            i.due_date,
            sum(1 * i.amount_minor) AS minor,
            sum(1) AS count
           FROM portfolios.invoice i
          GROUP BY i.firm_id, i.currency, i.kind, i.cancelled, i.issue_date, i.due_date
        ), settled AS MATERIALIZED (
         SELECT i.firm_id,
            i.currency,
            i.kind,
            i.cancelled,
            i.settled_on,
            GREATEST(i.settled_on, i.issue_date) AS day,
            i.due_date,
            sum(1 * i.amount_minor) AS minor,
            sum(1) AS count
           FROM portfolios.invoice i
          WHERE i.settled_on IS NOT NULL
          GROUP BY i.firm_id, i.currency, i.kind, i.cancelled, i.settled_on, (GREATEST(i.settled_on, i.issue_date)), i.due_date
        ), applied AS MATERIALIZED (
         SELECT i.firm_id,
            i.currency,
            i.kind,
            i.cancelled,
            GREATEST(a.applied_on, i.issue_date) AS day,
            i.due_date,
            a.credit_note_id IS NULL AS collected,
            sum(1 * 1 * a.amount_minor) AS minor
           FROM portfolios.application a
             JOIN portfolios.invoice i ON i.id = a.invoice_id
          GROUP BY i.firm_id, i.currency, i.kind, i.cancelled, (GREATEST(a.applied_on, i.issue_date)), i.due_date, (a.credit_note_id IS NULL)
        ), credited AS MATERIALIZED (
         SELECT i.firm_id,
            i.currency,
            i.kind,
            i.cancelled,
            GREATEST(a.applied_on, i.issue_date) AS day,
            sum(1 * 1 * a.amount_minor) AS minor
           FROM portfolios.application a
             JOIN portfolios.invoice i ON i.id = a.credit_note_id
          WHERE a.credit_note_id IS NOT NULL
          GROUP BY i.firm_id, i.currency, i.kind, i.cancelled, (GREATEST(a.applied_on, i.issue_date))
        ), received AS MATERIALIZED (
         SELECT r.firm_id,
            r.currency,
            r.received_on AS day,
            sum(1 * r.amount_minor) AS minor,
            sum(1) AS count
           FROM portfolios.receipt r
          GROUP BY r.firm_id, r.currency, r.received_on
        ), taken AS MATERIALIZED (
         SELECT r.firm_id,
            r.currency,
            GREATEST(a.applied_on, r.received_on) AS day,
            sum(1 * 1 * a.amount_minor) AS minor
           FROM portfolios.application a
             JOIN portfolios.receipt r ON r.id = a.receipt_id
          WHERE a.receipt_id IS NOT NULL
          GROUP BY r.firm_id, r.currency, (GREATEST(a.applied_on, r.received_on))
        )
 SELECT issued.firm_id,
    issued.currency,
    issued.issue_date AS day,
        CASE
            WHEN issued.kind = 'INVOICE'::text AND NOT issued.cancelled THEN issued.minor
            WHEN issued.kind = 'CREDIT_NOTE'::text AND NOT issued.cancelled THEN - issued.minor
            ELSE 0::numeric
        END AS sales_minor,
    0::numeric AS collected_minor,
        CASE
            WHEN issued.kind = 'CREDIT_NOTE'::text AND NOT issued.cancelled THEN issued.minor
            ELSE 0::numeric
        END AS unapplied_minor,
    0::numeric AS settled_count,
    0::numeric AS late_count,
    0::numeric AS settled_minor,
    0::numeric AS settled_minor_days,
    issued.count::numeric AS invoice_count,
    0::numeric AS receipt_count
   FROM issued
UNION ALL
 SELECT settled.firm_id,
    settled.currency,
    settled.settled_on AS day,
    0::numeric AS sales_minor,
    0::numeric AS collected_minor,
    0::numeric AS unapplied_minor,
    sum(settled.count) AS settled_count,
    COALESCE(sum(settled.count) FILTER (WHERE settled.settled_on > settled.due_date), 0::numeric) AS late_count,
    sum(settled.minor) AS settled_minor,
    sum(settled.minor * (settled.settled_on - settled.due_date)::numeric) AS settled_minor_days,
    0::numeric AS invoice_count,
    0::numeric AS receipt_count
   FROM settled
  WHERE settled.kind = 'INVOICE'::text AND NOT settled.cancelled
  GROUP BY settled.firm_id, settled.currency, settled.settled_on
UNION ALL
 SELECT applied.firm_id,
    applied.currency,
    applied.day,
    0::numeric AS sales_minor,
    COALESCE(sum(applied.minor) FILTER (WHERE applied.kind = 'INVOICE'::text AND NOT applied.cancelled AND applied.collected), 0::numeric) AS collected_minor,
    COALESCE(- sum(applied.minor) FILTER (WHERE applied.kind = 'CREDIT_NOTE'::text AND NOT applied.cancelled), 0::numeric) AS unapplied_minor,
    0::numeric AS settled_count,
    0::numeric AS late_count,
    0::numeric AS settled_minor,
    0::numeric AS settled_minor_days,
    0::numeric AS invoice_count,
    0::numeric AS receipt_count
   FROM applied
  GROUP BY applied.firm_id, applied.currency, applied.day
UNION ALL
 SELECT credited.firm_id,
    credited.currency,
    credited.day,
    0::numeric AS sales_minor,
    0::numeric AS collected_minor,
    - credited.minor AS unapplied_minor,
    0::numeric AS settled_count,
    0::numeric AS late_count,
    0::numeric AS settled_minor,
    0::numeric AS settled_minor_days,
    0::numeric AS invoice_count,
    0::numeric AS receipt_count
   FROM credited
  WHERE credited.kind = 'CREDIT_NOTE'::text AND NOT credited.cancelled
UNION ALL
 SELECT received.firm_id,
    received.currency,
    received.day,
    0::numeric AS sales_minor,
    0::numeric AS collected_minor,
    received.minor AS unapplied_minor,
    0::numeric AS settled_count,
    0::numeric AS late_count,
    0::numeric AS settled_minor,
    0::numeric AS settled_minor_days,
    0::numeric AS invoice_count,
    received.count::numeric AS receipt_count
   FROM received
UNION ALL
 SELECT taken.firm_id,
    taken.currency,
    taken.day,
    0::numeric AS sales_minor,
    0::numeric AS collected_minor,
    - taken.minor AS unapplied_minor,
    0::numeric AS settled_count,
    0::numeric AS late_count,
    0::numeric AS settled_minor,
    0::numeric AS settled_minor_days,
    0::numeric AS invoice_count,
    0::numeric AS receipt_count
   FROM taken;

create view portfolios.ledger_movement with (security_invoker=true) as
 WITH issued AS MATERIALIZED (
         SELECT i.firm_id,
            i.currency,
            i.kind,
            i.cancelled,
            i.issue_date,
            i.due_date,
            sum(1 * i.amount_minor) AS minor,
            sum(1) AS count
           FROM portfolios.invoice i
          GROUP BY i.firm_id, i.currency, i.kind, i.cancelled, i.issue_date, i.due_date
        ), settled AS MATERIALIZED (
         SELECT i.firm_id,
            i.currency,
            i.kind,
            i.cancelled,
            i.settled_on,
            GREATEST(i.settled_on, i.issue_date) AS day,
            i.due_date,
            sum(1 * i.amount_minor) AS minor,
            sum(1) AS count
           FROM portfolios.invoice i
          WHERE i.settled_on IS NOT NULL
          GROUP BY i.firm_id, i.currency, i.kind, i.cancelled, i.settled_on, (GREATEST(i.settled_on, i.issue_date)), i.due_date
        ), applied AS MATERIALIZED (
         SELECT i.firm_id,
            i.currency,
            i.kind,
            i.cancelled,
            GREATEST(a.applied_on, i.issue_date) AS day,
            i.due_date,
            a.credit_note_id IS NULL AS collected,
            sum(1 * 1 * a.amount_minor) AS minor
           FROM portfolios.application a
             JOIN portfolios.invoice i ON i.id = a.invoice_id
          GROUP BY i.firm_id, i.currency, i.kind, i.cancelled, (GREATEST(a.applied_on, i.issue_date)), i.due_date, (a.credit_note_id IS NULL)
        ), credited AS MATERIALIZED (
         SELECT i.firm_id,
            i.currency,
            i.kind,
            i.cancelled,
            GREATEST(a.applied_on, i.issue_date) AS day,
            sum(1 * 1 * a.amount_minor) AS minor
           FROM portfolios.application a
             JOIN portfolios.invoice i ON i.id = a.credit_note_id
          WHERE a.credit_note_id IS NOT NULL
          GROUP BY i.firm_id, i.currency, i.kind, i.cancelled, (GREATEST(a.applied_on, i.issue_date))
        ), received AS MATERIALIZED (
         SELECT r.firm_id,
            r.currency,
            r.received_on AS day,
            sum(1 * r.amount_minor) AS minor,
            sum(1) AS count
           FROM portfolios.receipt r
          GROUP BY r.firm_id, r.currency, r.received_on
        ), taken AS MATERIALIZED (
         SELECT r.firm_id,
            r.currency,
            GREATEST(a.applied_on, r.received_on) AS day,
            sum(1 * 1 * a.amount_minor) AS minor
           FROM portfolios.application a
             JOIN portfolios.receipt r ON r.id = a.receipt_id
          WHERE a.receipt_id IS NOT NULL
          GROUP BY r.firm_id, r.currency, (GREATEST(a.applied_on, r.received_on))
        )
 SELECT issued.firm_id,
    issued.currency,
    issued.issue_date AS day,
    issued.due_date,
    issued.minor AS open_minor,
    issued.count AS open_count
   FROM issued
  WHERE issued.kind = 'INVOICE'::text AND NOT issued.cancelled
UNION ALL
 SELECT settled.firm_id,
    settled.currency,
    settled.day,
    settled.due_date,
    0 AS open_minor,
    - settled.count AS open_count
   FROM settled
  WHERE settled.kind = 'INVOICE'::text AND NOT settled.cancelled
UNION ALL
 SELECT applied.firm_id,
    applied.currency,
    applied.day,
    applied.due_date,
    - applied.minor AS open_minor,
    0 AS open_count
   FROM applied
  WHERE applied.kind = 'INVOICE'::text AND NOT applied.cancelled;

create schema scoring;
grant usage on schema scoring to scoring_app;
grant usage on schema scoring to scoring_system;

create table scoring.alert (
  id uuid not null default uuidv7(),
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  number bigint not null,
  rule_id uuid not null,
  customer_id uuid not null,
  metric text not null,
  direction text not null,
  value_before text not null,
  value_after text not null,
  raised_at timestamp with time zone not null,
  acknowledged_at timestamp with time zone,
  acknowledged_by uuid,
  constraint alert_pkey PRIMARY KEY (id),
  constraint alert_firm_id_number_key UNIQUE (firm_id, number),
  constraint alert_direction_check CHECK (direction = ANY (ARRAY['UP'::text, 'DOWN'::text])),
  constraint alert_rule_id_fkey FOREIGN KEY (rule_id) REFERENCES scoring.alert_rule(id)
);
CREATE INDEX alert_open ON scoring.alert USING btree (firm_id, number) WHERE (acknowledged_at IS NULL);
CREATE INDEX alert_raised ON scoring.alert USING btree (firm_id, raised_at);
alter table scoring.alert enable row level security, force row level security;
create policy own_firm on scoring.alert to scoring_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, select, update on scoring.alert to scoring_app;

create table scoring.alert_book (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  last_number bigint not null,
  constraint alert_book_pkey PRIMARY KEY (firm_id)
);
alter table scoring.alert_book enable row level security, force row level security;
create policy own_firm on scoring.alert_book to scoring_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, select, update on scoring.alert_book to scoring_app;

create table scoring.alert_measure (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  customer_id uuid not null,
  measures jsonb not null,
  constraint alert_measure_pkey PRIMARY KEY (firm_id, customer_id)
);
alter table scoring.alert_measure enable row level security, force row level security;
create policy own_firm on scoring.alert_measure to scoring_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, select, update on scoring.alert_measure to scoring_app;

create table scoring.alert_rule (
  id uuid not null default uuidv7(),
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  metric text not null,
  direction text not null,
  delta double precision,
  threshold double precision,
  customer_id uuid,
  created_at timestamp with time zone not null,
  created_by uuid,
  deleted_at timestamp with time zone,
  constraint alert_rule_pkey PRIMARY KEY (id),
  constraint alert_rule_check CHECK (delta IS NOT NULL OR threshold IS NOT NULL),
  constraint alert_rule_delta_check CHECK (delta > 0::double precision),
  constraint alert_rule_direction_check CHECK (direction = ANY (ARRAY['UP'::text, 'DOWN'::text, 'BOTH'::text]))
);
CREATE INDEX alert_rule_standing ON scoring.alert_rule USING btree (firm_id, id) WHERE (deleted_at IS NULL);
alter table scoring.alert_rule enable row level security, force row level security;
create policy own_firm on scoring.alert_rule to scoring_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, select, update on scoring.alert_rule to scoring_app;

create table scoring.alert_standing (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  rule_id uuid not null,
  customer_id uuid not null,
  reference numeric,
  up_at numeric,
  down_at numeric,
  constraint alert_standing_pkey PRIMARY KEY (firm_id, rule_id, customer_id),
  constraint alert_standing_rule_id_fkey FOREIGN KEY (rule_id) REFERENCES scoring.alert_rule(id)
);
alter table scoring.alert_standing enable row level security, force row level security;
create policy own_firm on scoring.alert_standing to scoring_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on scoring.alert_standing to scoring_app;

create table scoring.benchmark_fact (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  customer_id uuid not null,
  metric text not null,
  period_end date not null,
  revision bigint not null,
  shown jsonb not null,
  constraint benchmark_fact_pkey PRIMARY KEY (firm_id, customer_id, metric)
);
alter table scoring.benchmark_fact enable row level security, force row level security;
create policy own_firm on scoring.benchmark_fact to scoring_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant delete, insert, select, update on scoring.benchmark_fact to scoring_app;

create table scoring.benchmark_told (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  metric text not null,
  period_end date not null,
  revision bigint not null,
  constraint benchmark_told_pkey PRIMARY KEY (firm_id, metric)
);
alter table scoring.benchmark_told enable row level security, force row level security;
create policy own_firm on scoring.benchmark_told to scoring_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, select, update on scoring.benchmark_told to scoring_app;

create table scoring.context_event (
  id uuid not null default uuidv7(),
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  name text not null,
  kind text not null,
  countries text[] not null,
  sectors text[] not null,
  sector_prefixes text[] not null,
  starts_on date not null,
  last_on date,
  shift integer not null,
  created_at timestamp with time zone not null,
  created_by uuid,
  by_key boolean not null,
  ended_on date,
  ended_at timestamp with time zone,
  ended_by uuid,
  ended_by_key boolean,
  constraint context_event_pkey PRIMARY KEY (id),
  constraint context_event_check CHECK (last_on >= starts_on),
  constraint context_event_check1 CHECK ((ended_on IS NULL) = (ended_at IS NULL)),
  constraint context_event_shift_check CHECK (shift >= '-300'::integer AND shift <= 300 AND shift <> 0)
);
CREATE UNIQUE INDEX context_event_name ON scoring.context_event USING btree (firm_id, name, starts_on) WHERE (ended_on IS NULL);
CREATE INDEX context_event_start ON scoring.context_event USING btree (firm_id, starts_on, id);
alter table scoring.context_event enable row level security, force row level security;
create policy own_firm on scoring.context_event to scoring_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, select, update (ended_at, ended_by, ended_by_key, ended_on) on scoring.context_event to scoring_app;

create table scoring.credit_limit_policy (
  id uuid not null default uuidv7(),
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  role text not null,
  up_to_minor bigint,
  currency text,
  set_by uuid not null,
  by_key boolean not null,
  set_at timestamp with time zone not null,
  constraint credit_limit_policy_pkey PRIMARY KEY (id),
  constraint credit_limit_policy_check CHECK ((up_to_minor IS NULL) = (currency IS NULL)),
  constraint credit_limit_policy_up_to_minor_check CHECK (up_to_minor >= 0)
);
CREATE INDEX credit_limit_policy_role ON scoring.credit_limit_policy USING btree (firm_id, role, id);
alter table scoring.credit_limit_policy enable row level security, force row level security;
create policy own_firm on scoring.credit_limit_policy to scoring_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, select on scoring.credit_limit_policy to scoring_app;

create table scoring.credit_limit_request (
  id uuid not null default uuidv7(),
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  customer_id uuid not null,
  limit_minor bigint not null,
  currency text not null,
  reason text not null,
  state text not null,
  requested_by uuid not null,
  requested_by_key boolean not null,
  requested_at timestamp with time zone not null,
  expires_on date not null,
  decided_by uuid,
  decided_by_key boolean,
  decided_at timestamp with time zone,
  note text,
  constraint credit_limit_request_pkey PRIMARY KEY (id),
  constraint credit_limit_request_check CHECK (decided_by IS DISTINCT FROM requested_by),
  constraint credit_limit_request_check1 CHECK ((state = ANY (ARRAY['APPROVED'::text, 'APPLIED'::text, 'OVERTAKEN'::text, 'REJECTED'::text])) = (decided_by IS NOT NULL)),
  constraint credit_limit_request_check2 CHECK ((decided_by IS NULL) = (decided_at IS NULL) AND (decided_by IS NULL) = (decided_by_key IS NULL)),
  constraint credit_limit_request_limit_minor_check CHECK (limit_minor >= 0),
  constraint credit_limit_request_state_check CHECK (state = ANY (ARRAY['REQUESTED'::text, 'APPROVED'::text, 'APPLIED'::text, 'OVERTAKEN'::text, 'REJECTED'::text, 'WITHDRAWN'::text, 'EXPIRED'::text]))
);
CREATE INDEX credit_limit_request_customer ON scoring.credit_limit_request USING btree (firm_id, customer_id, id);
CREATE INDEX credit_limit_request_newest ON scoring.credit_limit_request USING btree (firm_id, id);
CREATE UNIQUE INDEX credit_limit_request_open ON scoring.credit_limit_request USING btree (firm_id, customer_id) WHERE (state = ANY (ARRAY['REQUESTED'::text, 'APPROVED'::text]));
alter table scoring.credit_limit_request enable row level security, force row level security;
create policy own_firm on scoring.credit_limit_request to scoring_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, select, update on scoring.credit_limit_request to scoring_app;

create table scoring.credit_limit_request_step (
  id uuid not null default uuidv7(),
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  request_id uuid not null,
  state text not null,
  at timestamp with time zone not null,
  taken_by uuid,
  by_key boolean not null,
  note text,
  constraint credit_limit_request_step_pkey PRIMARY KEY (id),
  constraint credit_limit_request_step_request_id_fkey FOREIGN KEY (request_id) REFERENCES scoring.credit_limit_request(id)
);
CREATE INDEX credit_limit_request_step_request ON scoring.credit_limit_request_step USING btree (firm_id, request_id, id);
alter table scoring.credit_limit_request_step enable row level security, force row level security;
create policy own_firm on scoring.credit_limit_request_step to scoring_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, select on scoring.credit_limit_request_step to scoring_app;

create table scoring.customer_fact (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  customer_id uuid not null,
  country text,
  sector text,
  limit_currency text,
  limit_minor bigint,
  reserved_minor bigint not null,
  open_disputes integer not null,
  broken_on date[] not null,
  revision bigint not null,
  constraint customer_fact_pkey PRIMARY KEY (firm_id, customer_id)
);
alter table scoring.customer_fact enable row level security, force row level security;
create policy own_firm on scoring.customer_fact to scoring_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, select, update on scoring.customer_fact to scoring_app;

create table scoring.insolvency_notice (
  id uuid not null default uuidv7(),
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  customer_id uuid not null,
  kind text not null,
  opened_on date not null,
  source text not null,
  recorded_at timestamp with time zone not null,
  recorded_by uuid,
  by_key boolean not null,
  withdrawn_on date,
  withdrawn_at timestamp with time zone,
  withdrawn_by uuid,
  withdrawn_by_key boolean,
  withdrawal_reason text,
  constraint insolvency_notice_pkey PRIMARY KEY (id),
  constraint insolvency_notice_check CHECK ((withdrawn_on IS NULL) = (withdrawn_at IS NULL) AND (withdrawn_on IS NULL) = (withdrawal_reason IS NULL))
);
CREATE INDEX insolvency_notice_customer ON scoring.insolvency_notice USING btree (firm_id, customer_id, opened_on, id);
CREATE UNIQUE INDEX insolvency_notice_standing ON scoring.insolvency_notice USING btree (firm_id, customer_id, kind, opened_on) WHERE (withdrawn_on IS NULL);
alter table scoring.insolvency_notice enable row level security, force row level security;
create policy own_firm on scoring.insolvency_notice to scoring_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, select, update (withdrawal_reason, withdrawn_at, withdrawn_by, withdrawn_by_key, withdrawn_on) on scoring.insolvency_notice to scoring_app;

create table scoring.invoice_fact (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  invoice_id uuid not null,
  customer_id uuid not null,
  currency text not null,
  amount_minor bigint not null,
  issue_date date not null,
  due_date date not null,
  settled_on date,
  revision bigint not null,
  open_minor bigint,
  credited_minor bigint not null default 0,
  constraint invoice_fact_pkey PRIMARY KEY (invoice_id, firm_id),
  constraint invoice_fact_amount_minor_check CHECK (amount_minor >= 0)
);
CREATE INDEX invoice_fact_customer ON scoring.invoice_fact USING btree (firm_id, customer_id);
alter table scoring.invoice_fact enable row level security, force row level security;
create policy own_firm on scoring.invoice_fact to scoring_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, select, update on scoring.invoice_fact to scoring_app;

create table scoring.migration (
  id integer not null default nextval('scoring.migration_id_seq'::regclass),
  name character varying(255) not null,
  executed_at timestamp(6) with time zone not null default CURRENT_TIMESTAMP(6),
  constraint migration_pkey PRIMARY KEY (id)
);
alter table scoring.migration enable row level security, force row level security;
create policy owner_only on scoring.migration
  using (pg_has_role(CURRENT_USER, ( SELECT pg_class.relowner
   FROM pg_class
  WHERE (pg_class.oid = ('scoring.migration'::regclass)::oid)), 'member'::text));

create table scoring.peer_signal (
  id uuid not null default uuidv7(),
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  customer_id uuid not null,
  metric text not null,
  period_start date not null,
  period_end date not null,
  direction text not null,
  before jsonb not null,
  after jsonb not null,
  raised_at timestamp with time zone not null,
  decision text,
  weight double precision,
  note text,
  decided_at timestamp with time zone,
  decided_by uuid,
  constraint peer_signal_pkey PRIMARY KEY (id),
  constraint peer_signal_firm_id_customer_id_metric_period_end_key UNIQUE (firm_id, customer_id, metric, period_end),
  constraint peer_signal_check CHECK ((decision IS NULL) = (decided_at IS NULL) AND (decision IS NULL) = (note IS NULL)),
  constraint peer_signal_check1 CHECK ((NOT decision IS DISTINCT FROM 'INTEGRATED'::text) = (weight IS NOT NULL)),
  constraint peer_signal_decision_check CHECK (decision = ANY (ARRAY['INTEGRATED'::text, 'IGNORED'::text])),
  constraint peer_signal_direction_check CHECK (direction = ANY (ARRAY['IMPROVING'::text, 'STABLE'::text, 'WORSENING'::text])),
  constraint peer_signal_weight_check CHECK (weight >= 0::double precision AND weight <= 1::double precision)
);
CREATE INDEX peer_signal_decided ON scoring.peer_signal USING btree (firm_id, id DESC) WHERE (decision IS NOT NULL);
CREATE INDEX peer_signal_list ON scoring.peer_signal USING btree (firm_id, id DESC);
CREATE INDEX peer_signal_undecided ON scoring.peer_signal USING btree (firm_id, id DESC) WHERE (decision IS NULL);
alter table scoring.peer_signal enable row level security, force row level security;
create policy own_firm on scoring.peer_signal to scoring_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, select, update on scoring.peer_signal to scoring_app;

create table scoring.rescore_due (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  customer_id uuid not null,
  constraint rescore_due_pkey PRIMARY KEY (firm_id, customer_id)
);
alter table scoring.rescore_due enable row level security, force row level security;
create policy own_firm on scoring.rescore_due to scoring_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room_finds on scoring.rescore_due for select to scoring_system
  using (true);
grant delete, insert, select, update on scoring.rescore_due to scoring_app;
grant select on scoring.rescore_due to scoring_system;

create table scoring.score_point (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  customer_id uuid not null,
  at timestamp with time zone not null,
  value integer not null,
  band text not null,
  model_version text not null,
  features jsonb not null,
  constraint score_point_pkey PRIMARY KEY (firm_id, customer_id, at)
);
alter table scoring.score_point enable row level security, force row level security;
create policy own_firm on scoring.score_point to scoring_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, select on scoring.score_point to scoring_app;

create table scoring.standing (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  customer_id uuid not null,
  as_of date not null,
  behaviour jsonb,
  features jsonb not null,
  score jsonb not null,
  value integer not null,
  band text not null,
  model_version text not null,
  lateness jsonb,
  computed_at timestamp with time zone not null,
  constraint standing_pkey PRIMARY KEY (firm_id, customer_id)
);
CREATE INDEX standing_day ON scoring.standing USING btree (as_of, firm_id);
alter table scoring.standing enable row level security, force row level security;
create policy own_firm on scoring.standing to scoring_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room_finds on scoring.standing for select to scoring_system
  using (true);
grant insert, select, update on scoring.standing to scoring_app;
grant select (as_of, firm_id) on scoring.standing to scoring_system;

create table scoring.statement (
  id uuid not null default uuidv7(),
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  customer_id uuid not null,
  period_end date not null,
  constraint statement_pkey PRIMARY KEY (id),
  constraint statement_firm_id_customer_id_period_end_key UNIQUE (firm_id, customer_id, period_end)
);
alter table scoring.statement enable row level security, force row level security;
create policy own_firm on scoring.statement to scoring_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, select, update (period_end) on scoring.statement to scoring_app;

create table scoring.statement_version (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  statement_id uuid not null,
  version integer not null,
  months integer not null,
  currency text not null,
  figures jsonb,
  recorded_on date not null,
  recorded_at timestamp with time zone not null,
  recorded_by uuid,
  by_key boolean not null,
  constraint statement_version_pkey PRIMARY KEY (firm_id, statement_id, version),
  constraint statement_version_months_check CHECK (months > 0),
  constraint statement_version_version_check CHECK (version > 0),
  constraint statement_version_statement_id_fkey FOREIGN KEY (statement_id) REFERENCES scoring.statement(id)
);
alter table scoring.statement_version enable row level security, force row level security;
create policy own_firm on scoring.statement_version to scoring_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
grant insert, select on scoring.statement_version to scoring_app;

create table scoring.webhook_attempt (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  delivery_id uuid not null,
  id uuid not null default uuidv7(),
  began_at timestamp with time zone not null,
  milliseconds integer not null,
  status integer,
  failure text,
  excerpt text,
  constraint webhook_attempt_pkey PRIMARY KEY (firm_id, delivery_id, id),
  constraint webhook_attempt_firm_id_delivery_id_fkey FOREIGN KEY (firm_id, delivery_id) REFERENCES scoring.webhook_delivery(firm_id, id) ON DELETE CASCADE
);
alter table scoring.webhook_attempt enable row level security, force row level security;
create policy own_firm on scoring.webhook_attempt to scoring_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room on scoring.webhook_attempt to scoring_system
  using (true)
  with check (true);
grant select on scoring.webhook_attempt to scoring_app;
grant insert, select on scoring.webhook_attempt to scoring_system;

create table scoring.webhook_delivery (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  id uuid not null default uuidv7(),
  endpoint_id uuid not null,
  message_id uuid not null,
  due_at timestamp with time zone default clock_timestamp(),
  claim uuid,
  attempts integer not null default 0,
  delivered_at timestamp with time zone,
  given_up_at timestamp with time zone,
  constraint webhook_delivery_pkey PRIMARY KEY (firm_id, id),
  constraint webhook_delivery_check CHECK ((due_at IS NULL) = (delivered_at IS NOT NULL OR given_up_at IS NOT NULL)),
  constraint webhook_delivery_check1 CHECK (claim IS NULL OR due_at IS NOT NULL),
  constraint webhook_delivery_firm_id_endpoint_id_fkey FOREIGN KEY (firm_id, endpoint_id) REFERENCES scoring.webhook_endpoint(firm_id, id) ON DELETE CASCADE,
  constraint webhook_delivery_firm_id_message_id_fkey FOREIGN KEY (firm_id, message_id) REFERENCES scoring.webhook_message(firm_id, id) ON DELETE CASCADE
);
CREATE INDEX webhook_delivery_due ON scoring.webhook_delivery USING btree (firm_id, endpoint_id, due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX webhook_delivery_list ON scoring.webhook_delivery USING btree (firm_id, endpoint_id, id DESC);
CREATE INDEX webhook_delivery_message ON scoring.webhook_delivery USING btree (firm_id, message_id);
alter table scoring.webhook_delivery enable row level security, force row level security;
create policy own_firm on scoring.webhook_delivery to scoring_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room on scoring.webhook_delivery to scoring_system
  using (true)
  with check (true);
grant insert, select, update on scoring.webhook_delivery to scoring_app;
grant select, update on scoring.webhook_delivery to scoring_system;

create table scoring.webhook_endpoint (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  id uuid not null default uuidv7(),
  url text not null,
  description text not null,
  events text[] not null,
  secret_id uuid not null default gen_random_uuid(),
  former_secret_id uuid,
  former_secret_until timestamp with time zone,
  failing_since timestamp with time zone,
  disabled_at timestamp with time zone,
  disabled_because text,
  created_at timestamp with time zone not null default clock_timestamp(),
  constraint webhook_endpoint_pkey PRIMARY KEY (firm_id, id),
  constraint webhook_endpoint_check CHECK ((disabled_at IS NULL) = (disabled_because IS NULL)),
  constraint webhook_endpoint_check1 CHECK ((former_secret_id IS NULL) = (former_secret_until IS NULL)),
  constraint webhook_endpoint_disabled_because_check CHECK (disabled_because = ANY (ARRAY['ASKED'::text, 'GONE'::text, 'FAILING'::text]))
);
alter table scoring.webhook_endpoint enable row level security, force row level security;
create policy own_firm on scoring.webhook_endpoint to scoring_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room on scoring.webhook_endpoint to scoring_system
  using (true)
  with check (true);
grant delete, insert, select, update on scoring.webhook_endpoint to scoring_app;
grant select, update on scoring.webhook_endpoint to scoring_system;

create table scoring.webhook_message (
  firm_id uuid not null default (current_setting('app.firm_id'::text))::uuid,
  id uuid not null default uuidv7(),
  type text not null,
  body text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  constraint webhook_message_pkey PRIMARY KEY (firm_id, id)
);
CREATE INDEX webhook_message_age ON scoring.webhook_message USING btree (created_at);
alter table scoring.webhook_message enable row level security, force row level security;
create policy own_firm on scoring.webhook_message to scoring_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room on scoring.webhook_message to scoring_system
  using (true)
  with check (true);
grant insert, select on scoring.webhook_message to scoring_app;
grant delete, select on scoring.webhook_message to scoring_system;

create schema community;
grant usage on schema community to community_app;
grant usage on schema community to community_system;

CREATE OR REPLACE FUNCTION community.chain_audit_entry()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
        begin
          update community.audit_head set number = audit_head.number + 1 returning audit_head.number, audit_head.hash into new.number, new.previous_hash;
          new.id := gen_random_uuid();
          new.hash := encode(sha256(array_send(array[
            new.number::text, new.id::text, coalesce(new.firm_id::text, ''), to_char(new.entered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), new.action,
            coalesce(new.person_id::text, ''), new.by_key::text, coalesce(new.operator, ''), coalesce(new.object_id::text, ''), coalesce(new.detail, ''), coalesce(new.previous_hash, '')
          ])), 'hex');
          update community.audit_head set hash = new.hash;
          return new;
        end
      $function$;
revoke all on function community.chain_audit_entry() from public;

CREATE OR REPLACE FUNCTION community.message_as_seen(message community.message, of_side smallint)
 RETURNS json
 LANGUAGE sql
 STABLE
AS $function$
        select json_build_object(
          'id', message.id, 'peering_id', message.peering_id, 'seq', message.seq, 'mine', message.side = of_side, 'body', message.body, 'sent_at', message.sent_at,
          'version', message.version, 'edited_at', message.edited_at, 'attachment_count', message.attachment_count,
          'client_id', case when message.side = of_side then message.client_id end
        )
      $function$;
revoke all on function community.message_as_seen(community.message,smallint) from public;
grant execute on function community.message_as_seen(community.message,smallint) to community_app;

CREATE OR REPLACE FUNCTION community.own_cells(of_metric text, of_epoch uuid)
 RETURNS TABLE(customer_id uuid, subject text, tier text, band_from double precision, band_to double precision, value double precision, rounded_to double precision, direction text, lower_quartile double precision, upper_quartile double precision, own double precision)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
          select key.customer_id, key.subject, cell.tier, cell.band_from, cell.band_to, cell.value, cell.rounded_to, cell.direction, cell.lower_quartile, cell.upper_quartile,
            intake.figures[array_position(intake.firm_ids, nullif(current_setting('app.firm_id', true), '')::uuid)]
          from community.customer_key as key
          join community.cell on cell.subject = key.subject and cell.metric = of_metric and cell.epoch_id = of_epoch
          join community.intake on intake.subject = key.subject and intake.metric = of_metric and intake.epoch_id = of_epoch
          where key.firm_id = nullif(current_setting('app.firm_id', true), '')::uuid
        $function$;
revoke all on function community.own_cells(text,uuid) from public;
grant execute on function community.own_cells(text,uuid) to community_app;

CREATE OR REPLACE FUNCTION community.own_figure(of_subject text, of_metric text, of_epoch uuid)
 RETURNS double precision
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
          select intake.figures[array_position(intake.firm_ids, nullif(current_setting('app.firm_id', true), '')::uuid)] from community.intake
          where intake.subject = of_subject and intake.metric = of_metric and intake.epoch_id = of_epoch
        $function$;
revoke all on function community.own_figure(text,text,uuid) from public;
grant execute on function community.own_figure(text,text,uuid) to community_app;

CREATE OR REPLACE FUNCTION community.read_messages(of_firms uuid[], of_peerings uuid[], of_seqs integer[], most integer, most_bytes integer)
 RETURNS TABLE(place integer, closed boolean, last_seq integer, messages json)
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
        declare
          own_side smallint;
        begin
          for i in 1 .. cardinality(of_firms) loop
            perform set_config('app.firm_id', of_firms[i]::text, true);
            select s.side, c.closed_at is not null, c.last_seq into own_side, closed, last_seq
              from community.peering_side s join community.conversation c on c.peering_id = s.peering_id
              where s.firm_id = of_firms[i] and s.peering_id = of_peerings[i];
            continue when not found;
            place := i - 1;
            select coalesce(json_agg(community.message_as_seen(next.message, own_side) order by next.seq), '[]') into messages from (
              select m as message, m.seq, sum(octet_length(m.body)) over (order by m.seq rows between unbounded preceding and 1 preceding) as bytes_before
              from community.message m where m.peering_id = of_peerings[i] and m.seq > of_seqs[i] order by m.seq limit most
            ) next where coalesce(next.bytes_before, 0) < most_bytes;
            return next;
          end loop;
          perform set_config('app.firm_id', '', true);
        end
      $function$;
revoke all on function community.read_messages(uuid[],uuid[],integer[],integer,integer) from public;
grant execute on function community.read_messages(uuid[],uuid[],integer[],integer,integer) to community_app;

CREATE OR REPLACE FUNCTION community.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
        begin raise exception 'what was published is not changed'; end
      $function$;

CREATE OR REPLACE FUNCTION community.refuse_rewriting()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
        begin raise exception 'what was written down stays'; end
      $function$;

CREATE OR REPLACE FUNCTION community.send_messages(of_firms uuid[], of_peerings uuid[], of_client_ids text[], of_bodies text[], at timestamp with time zone)
 RETURNS TABLE(message json, is_new boolean, refusal text)
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
        declare
          own_side smallint;
          next_seq int;
          sent community.message;
        begin
          for i in 1 .. cardinality(of_firms) loop
            perform set_config('app.firm_id', of_firms[i]::text, true);
            refusal := null;
            -- From here on the conversation is held: numbers are in the order of commits.
            update community.conversation c set last_seq = c.last_seq + 1, revision = c.revision + 1
              from community.peering_side s
              where c.peering_id = of_peerings[i] and c.closed_at is null
                and s.firm_id = of_firms[i] and s.peering_id = of_peerings[i]
                and exists (select from community.membership f where f.firm_id = of_firms[i] and f.joined_at is not null)
              returning c.last_seq, s.side into next_seq, own_side;
            is_new := found;
            if is_new then
              insert into community.message as m (peering_id, seq, side, client_id, body, sent_at)
                values (of_peerings[i], next_seq, own_side, of_client_ids[i], of_bodies[i], at)
                on conflict (peering_id, side, client_id) do nothing returning m.* into sent;
              is_new := found;
              -- It was sent before: its number is given back.
              if not is_new then
                update community.conversation c set last_seq = c.last_seq - 1, revision = c.revision - 1 where c.peering_id = of_peerings[i];
              end if;
            end if;
            if not is_new then
              select s.side into own_side from community.peering_side s where s.firm_id = of_firms[i] and s.peering_id = of_peerings[i];
              select m.* into sent from community.message m where m.peering_id = of_peerings[i] and m.side = own_side and m.client_id = of_client_ids[i];
              if not found then
                refusal := case when exists (select from community.conversation c where c.peering_id = of_peerings[i]) then 'NOT_ALLOWED' else 'NOT_FOUND' end;
              end if;
            end if;
            message := case when refusal is null then community.message_as_seen(sent, own_side) end;
            return next;
          end loop;
          perform set_config('app.firm_id', '', true);
        end
      $function$;
revoke all on function community.send_messages(uuid[],uuid[],text[],text[],timestamp with time zone) from public;
grant execute on function community.send_messages(uuid[],uuid[],text[],text[],timestamp with time zone) to community_app;

create table community.attachment (
  peering_id uuid not null,
  id uuid not null default gen_random_uuid(),
  side smallint not null,
  file_name text not null,
  created_at timestamp with time zone not null,
  attempt integer not null default 0,
  content_type text,
  size_bytes integer,
  sha256 text,
  message_seq integer,
  place smallint,
  constraint attachment_pkey PRIMARY KEY (peering_id, id),
  constraint attachment_check CHECK ((message_seq IS NULL) = (place IS NULL)),
  constraint attachment_check1 CHECK (message_seq IS NULL OR content_type IS NOT NULL),
  constraint attachment_side_check CHECK (side = ANY (ARRAY[0, 1])),
  constraint attachment_peering_id_fkey FOREIGN KEY (peering_id) REFERENCES community.conversation(peering_id),
  constraint attachment_peering_id_message_seq_fkey FOREIGN KEY (peering_id, message_seq) REFERENCES community.message(peering_id, seq)
);
CREATE INDEX attachment_id ON community.attachment USING btree (id);
CREATE UNIQUE INDEX attachment_of_message ON community.attachment USING btree (peering_id, message_seq, place) WHERE (message_seq IS NOT NULL);
CREATE INDEX attachment_unsent ON community.attachment USING btree (created_at) WHERE (message_seq IS NULL);
alter table community.attachment enable row level security, force row level security;
create policy own_side_sends on community.attachment for update to community_app
  using (((message_seq IS NULL) AND (EXISTS ( SELECT
   FROM community.peering_side s
  WHERE ((s.firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid) AND (s.peering_id = attachment.peering_id) AND (s.side = attachment.side))))))
  with check ((EXISTS ( SELECT
   FROM community.peering_side s
  WHERE ((s.firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid) AND (s.peering_id = attachment.peering_id) AND (s.side = attachment.side)))));
create policy own_side_writes on community.attachment for insert to community_app
  with check ((EXISTS ( SELECT
   FROM community.peering_side s
  WHERE ((s.firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid) AND (s.peering_id = attachment.peering_id) AND (s.side = attachment.side)))));
create policy room on community.attachment to community_system
  using (true);
create policy sent_or_own on community.attachment for select to community_app
  using ((EXISTS ( SELECT
   FROM community.peering_side s
  WHERE ((s.firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid) AND (s.peering_id = attachment.peering_id) AND ((attachment.message_seq IS NOT NULL) OR (s.side = attachment.side))))));
grant insert (created_at, file_name, peering_id, side), select, update (attempt, content_type, file_name, message_seq, place, sha256, size_bytes) on community.attachment to community_app;
grant delete, select (created_at, id, message_seq, peering_id) on community.attachment to community_system;

create table community.attachment_chunk (
  peering_id uuid not null,
  attachment_id uuid not null,
  place integer not null,
  bytes bytea not null,
  constraint attachment_chunk_pkey PRIMARY KEY (peering_id, attachment_id, place),
  constraint attachment_chunk_peering_id_attachment_id_fkey FOREIGN KEY (peering_id, attachment_id) REFERENCES community.attachment(peering_id, id) ON DELETE CASCADE
);
alter table community.attachment_chunk enable row level security, force row level security;
create policy of_seen_file on community.attachment_chunk for select to community_app
  using ((EXISTS ( SELECT
   FROM community.attachment a
  WHERE ((a.peering_id = attachment_chunk.peering_id) AND (a.id = attachment_chunk.attachment_id) AND true))));
create policy own_side_clears on community.attachment_chunk for delete to community_app
  using ((EXISTS ( SELECT
   FROM community.attachment a
  WHERE ((a.peering_id = attachment_chunk.peering_id) AND (a.id = attachment_chunk.attachment_id) AND ((a.content_type IS NULL) AND (EXISTS ( SELECT
           FROM community.peering_side s
          WHERE ((s.firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid) AND (s.peering_id = a.peering_id) AND (s.side = a.side)))))))));
create policy own_side_writes on community.attachment_chunk for insert to community_app
  with check ((EXISTS ( SELECT
   FROM community.attachment a
  WHERE ((a.peering_id = attachment_chunk.peering_id) AND (a.id = attachment_chunk.attachment_id) AND ((a.content_type IS NULL) AND (EXISTS ( SELECT
           FROM community.peering_side s
          WHERE ((s.firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid) AND (s.peering_id = a.peering_id) AND (s.side = a.side)))))))));
grant delete, insert, select on community.attachment_chunk to community_app;

create table community.audit_entry (
  number bigint not null,
  id uuid not null,
  firm_id uuid,
  entered_at timestamp with time zone not null,
  action text not null,
  person_id uuid,
  by_key boolean not null default false,
  operator text,
  object_id uuid,
  detail text,
  previous_hash text,
  hash text not null,
  constraint audit_entry_pkey PRIMARY KEY (number),
  constraint audit_entry_hash_key UNIQUE (hash),
  constraint audit_entry_previous_hash_key UNIQUE NULLS NOT DISTINCT (previous_hash)
);
CREATE INDEX audit_entry_firm ON community.audit_entry USING btree (firm_id, number);
CREATE INDEX audit_entry_id ON community.audit_entry USING btree (firm_id, id);
alter table community.audit_entry enable row level security, force row level security;
create policy own_firm on community.audit_entry to community_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room on community.audit_entry to community_system
  using (true)
  with check (true);
grant insert (action, by_key, detail, entered_at, firm_id, object_id, person_id), select (action, by_key, entered_at, firm_id, id, number, object_id, person_id) on community.audit_entry to community_app;
grant insert (action, by_key, detail, entered_at, firm_id, object_id, operator, person_id), select on community.audit_entry to community_system;
CREATE TRIGGER chained BEFORE INSERT ON community.audit_entry FOR EACH ROW EXECUTE FUNCTION community.chain_audit_entry();
CREATE TRIGGER written_stays BEFORE DELETE OR UPDATE ON community.audit_entry FOR EACH ROW EXECUTE FUNCTION community.refuse_rewriting();
CREATE TRIGGER written_stays_whole BEFORE TRUNCATE ON community.audit_entry FOR EACH STATEMENT EXECUTE FUNCTION community.refuse_rewriting();

create table community.audit_head (
  one boolean not null default true,
  number bigint not null,
  hash text,
  constraint audit_head_pkey PRIMARY KEY (one),
  constraint audit_head_one_check CHECK (one)
);
alter table community.audit_head enable row level security, force row level security;
create policy chain on community.audit_head to ardoise
  using (true)
  with check (true);
create policy room_reads on community.audit_head for select to community_system
  using (true);
grant select on community.audit_head to community_system;

create table community.cell (
  subject text not null,
  metric text not null,
  epoch_id uuid not null,
  tier text not null,
  band_from double precision,
  band_to double precision,
  value double precision,
  rounded_to double precision,
  direction text,
  lower_quartile double precision,
  upper_quartile double precision,
  policy_version integer not null,
  constraint cell_pkey PRIMARY KEY (subject, metric, epoch_id),
  constraint cell_check CHECK (
CASE tier
    WHEN 'T1'::text THEN band_from IS NOT NULL AND band_to IS NOT NULL AND value IS NULL AND rounded_to IS NULL
    ELSE band_from IS NULL AND band_to IS NULL AND value IS NOT NULL AND rounded_to IS NOT NULL
END),
  constraint cell_check1 CHECK (tier = 'T3'::text OR lower_quartile IS NULL AND upper_quartile IS NULL),
  constraint cell_direction_check CHECK (direction = ANY (ARRAY['IMPROVING'::text, 'STABLE'::text, 'WORSENING'::text])),
  constraint cell_tier_check CHECK (tier = ANY (ARRAY['T1'::text, 'T2'::text, 'T3'::text])),
  constraint cell_epoch_id_fkey FOREIGN KEY (epoch_id) REFERENCES community.epoch(id)
);
CREATE INDEX cell_of_epoch ON community.cell USING btree (epoch_id, metric);
alter table community.cell enable row level security, force row level security;
create policy own_cells on community.cell for select to ardoise
  using (true);
create policy own_customers on community.cell for select to community_app
  using ((EXISTS ( SELECT
   FROM community.customer_key key
  WHERE ((key.firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid) AND (key.subject = cell.subject)))));
create policy room_publishes on community.cell for insert to community_system
  with check (true);
create policy room_reads on community.cell for select to community_system
  using (true);
grant select on community.cell to community_app;
grant insert, select on community.cell to community_system;
CREATE TRIGGER published_stays BEFORE DELETE OR UPDATE ON community.cell FOR EACH ROW EXECUTE FUNCTION community.refuse_change();
CREATE TRIGGER published_stays_whole BEFORE TRUNCATE ON community.cell FOR EACH STATEMENT EXECUTE FUNCTION community.refuse_change();

create table community.contribution (
  subject text not null,
  firm_id uuid not null,
  month text not null,
  dso double precision,
  days_beyond_terms double precision,
  late_share double precision,
  payment_terms double precision,
  evidenced boolean not null,
  revision bigint not null,
  constraint contribution_pkey PRIMARY KEY (subject, firm_id, month)
);
CREATE INDEX contribution_of_epoch ON community.contribution USING btree (month, subject, firm_id) INCLUDE (dso, days_beyond_terms, late_share, payment_terms) WHERE evidenced;
CREATE INDEX contribution_of_firm ON community.contribution USING btree (firm_id, month, subject) INCLUDE (evidenced, dso, days_beyond_terms, late_share, payment_terms);
alter table community.contribution enable row level security, force row level security;
create policy own_firm on community.contribution to community_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room on community.contribution to community_system
  using (true)
  with check (true);
grant delete, select, update (days_beyond_terms, dso, late_share, payment_terms) on community.contribution to community_app;
grant insert, select, update on community.contribution to community_system;

create table community.conversation (
  peering_id uuid not null,
  opened_at timestamp with time zone not null,
  closed_at timestamp with time zone,
  last_seq integer not null default 0,
  read_up_to_0 integer not null default 0,
  read_up_to_1 integer not null default 0,
  revision integer not null default 1,
  last_edit integer not null default 0,
  constraint conversation_pkey PRIMARY KEY (peering_id),
  constraint conversation_peering_id_fkey FOREIGN KEY (peering_id) REFERENCES community.peering(peering_id)
);
alter table community.conversation enable row level security, force row level security;
create policy own_side on community.conversation to community_app
  using ((EXISTS ( SELECT
   FROM community.peering_side s
  WHERE ((s.firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid) AND (s.peering_id = conversation.peering_id)))))
  with check ((EXISTS ( SELECT
   FROM community.peering_side s
  WHERE ((s.firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid) AND (s.peering_id = conversation.peering_id)))));
create policy room on community.conversation to community_system
  using (true)
  with check (true);
grant insert (opened_at, peering_id), select, update (closed_at, last_edit, last_seq, read_up_to_0, read_up_to_1, revision) on community.conversation to community_app;
grant select, update (closed_at, revision) on community.conversation to community_system;

create table community.conversation_report (
  firm_id uuid not null,
  id uuid not null default uuidv7(),
  peering_id uuid not null,
  reported_at timestamp with time zone not null,
  digest text not null,
  constraint conversation_report_pkey PRIMARY KEY (firm_id, id)
);
CREATE INDEX conversation_report_day ON community.conversation_report USING btree (firm_id, reported_at);
alter table community.conversation_report enable row level security, force row level security;
create policy own_firm on community.conversation_report to community_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room_reads on community.conversation_report for select to community_system
  using (true);
grant insert, select on community.conversation_report to community_app;
grant select on community.conversation_report to community_system;
CREATE TRIGGER written_stays BEFORE DELETE OR UPDATE ON community.conversation_report FOR EACH ROW EXECUTE FUNCTION community.refuse_rewriting();
CREATE TRIGGER written_stays_whole BEFORE TRUNCATE ON community.conversation_report FOR EACH STATEMENT EXECUTE FUNCTION community.refuse_rewriting();

create table community.customer_key (
  firm_id uuid not null,
  customer_id uuid not null,
  subject text,
  seekable_until text,
  revision bigint not null,
  constraint customer_key_pkey PRIMARY KEY (firm_id, customer_id)
);
CREATE INDEX customer_key_subject ON community.customer_key USING btree (subject, firm_id);
alter table community.customer_key enable row level security, force row level security;
create policy own_cells on community.customer_key for select to ardoise
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy own_firm on community.customer_key to community_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room on community.customer_key to community_system
  using (true)
  with check (true);
grant select on community.customer_key to community_app;
grant delete, insert, select, update on community.customer_key to community_system;

create table community.customer_question (
  firm_id uuid not null,
  id uuid not null default gen_random_uuid(),
  customer_id uuid not null,
  asked_at timestamp with time zone not null default clock_timestamp(),
  answered boolean not null default false,
  revision bigint,
  constraint customer_question_pkey PRIMARY KEY (firm_id, id)
);
alter table community.customer_question enable row level security, force row level security;
create policy own_firm on community.customer_question to community_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room on community.customer_question to community_system
  using (true)
  with check (true);
grant delete, insert, select on community.customer_question to community_app;
grant select, update (answered, revision) on community.customer_question to community_system;

create table community.epoch (
  id uuid not null default uuidv7(),
  family text not null,
  period_start date not null,
  period_end date not null,
  published_on date not null,
  policy_version integer not null,
  closed_at timestamp with time zone not null default clock_timestamp(),
  constraint epoch_pkey PRIMARY KEY (id),
  constraint epoch_family_period_end_key UNIQUE (family, period_end),
  constraint epoch_family_check CHECK (family = ANY (ARRAY['PAYMENT'::text, 'TERMS'::text]))
);
alter table community.epoch enable row level security, force row level security;
create policy everybody_reads on community.epoch for select to community_app
  using (true);
create policy room_publishes on community.epoch for insert to community_system
  with check (true);
create policy room_reads on community.epoch for select to community_system
  using (true);
grant select on community.epoch to community_app;
grant insert, select on community.epoch to community_system;
CREATE TRIGGER published_stays BEFORE DELETE OR UPDATE ON community.epoch FOR EACH ROW EXECUTE FUNCTION community.refuse_change();
CREATE TRIGGER published_stays_whole BEFORE TRUNCATE ON community.epoch FOR EACH STATEMENT EXECUTE FUNCTION community.refuse_change();

create table community.firm_group (
  firm_id uuid not null,
  group_mark text,
  revision bigint not null,
  constraint firm_group_pkey PRIMARY KEY (firm_id)
);
alter table community.firm_group enable row level security, force row level security;
create policy room on community.firm_group to community_system
  using (true)
  with check (true);
grant insert, select, update on community.firm_group to community_system;

create table community.intake (
  subject text not null,
  metric text not null,
  epoch_id uuid not null,
  firm_ids uuid[] not null,
  panel_size integer not null,
  figures double precision[] not null,
  inputs double precision[] not null,
  shifted_by double precision not null default 0,
  constraint intake_pkey PRIMARY KEY (subject, metric, epoch_id),
  constraint intake_check CHECK (panel_size >= 0 AND panel_size <= cardinality(firm_ids)),
  constraint intake_check1 CHECK (cardinality(figures) = cardinality(firm_ids) AND cardinality(inputs) = cardinality(firm_ids)),
  constraint intake_epoch_id_fkey FOREIGN KEY (epoch_id) REFERENCES community.epoch(id)
);
CREATE INDEX intake_of_epoch ON community.intake USING btree (epoch_id, metric);
alter table community.intake enable row level security, force row level security;
create policy own_figure on community.intake for select to ardoise
  using (true);
create policy room_publishes on community.intake for insert to community_system
  with check (true);
create policy room_reads on community.intake for select to community_system
  using (true);
grant insert, select on community.intake to community_system;
CREATE TRIGGER published_stays BEFORE DELETE OR UPDATE ON community.intake FOR EACH ROW EXECUTE FUNCTION community.refuse_change();
CREATE TRIGGER published_stays_whole BEFORE TRUNCATE ON community.intake FOR EACH STATEMENT EXECUTE FUNCTION community.refuse_change();

create table community.membership (
  firm_id uuid not null,
  verified boolean not null default false,
  joined_at timestamp with time zone,
  left_at timestamp with time zone,
  metrics text[] not null default '{}'::text[],
  revision bigint not null default 1,
  verified_revision bigint not null default 0,
  constraint membership_pkey PRIMARY KEY (firm_id)
);
alter table community.membership enable row level security, force row level security;
create policy own_firm on community.membership to community_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room on community.membership to community_system
  using (true)
  with check (true);
grant insert, select, update on community.membership to community_app;
grant insert, select, update on community.membership to community_system;

create table community.message (
  peering_id uuid not null,
  seq integer not null,
  id uuid not null default gen_random_uuid(),
  side smallint not null,
  client_id text not null,
  body text not null,
  sent_at timestamp with time zone not null,
  erased boolean not null default false,
  version integer not null default 1,
  edited_at timestamp with time zone,
  attachment_count smallint not null default 0,
  constraint message_pkey PRIMARY KEY (peering_id, seq),
  constraint message_seq_check CHECK (seq > 0),
  constraint message_side_check CHECK (side = ANY (ARRAY[0, 1])),
  constraint message_peering_id_fkey FOREIGN KEY (peering_id) REFERENCES community.conversation(peering_id)
);
CREATE INDEX message_age ON community.message USING btree (sent_at) WHERE (NOT erased);
CREATE UNIQUE INDEX message_client ON community.message USING btree (peering_id, side, client_id);
alter table community.message enable row level security, force row level security;
create policy own_side_edits on community.message for update to community_app
  using ((EXISTS ( SELECT
   FROM community.peering_side s
  WHERE ((s.firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid) AND (s.peering_id = message.peering_id) AND (s.side = message.side)))))
  with check ((EXISTS ( SELECT
   FROM community.peering_side s
  WHERE ((s.firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid) AND (s.peering_id = message.peering_id) AND (s.side = message.side)))));
create policy own_side_reads on community.message for select to community_app
  using ((EXISTS ( SELECT
   FROM community.peering_side s
  WHERE ((s.firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid) AND (s.peering_id = message.peering_id)))));
create policy own_side_writes on community.message for insert to community_app
  with check ((EXISTS ( SELECT
   FROM community.peering_side s
  WHERE ((s.firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid) AND (s.peering_id = message.peering_id) AND (s.side = message.side)))));
create policy room on community.message to community_system
  using (true)
  with check (true);
grant insert, select, update (body, edited_at, version) on community.message to community_app;
grant select (erased, peering_id, sent_at, seq), update (attachment_count, body, erased) on community.message to community_system;

create table community.message_version (
  peering_id uuid not null,
  seq integer not null,
  version integer not null,
  edit_number integer,
  body text not null,
  written_at timestamp with time zone not null,
  constraint message_version_pkey PRIMARY KEY (peering_id, seq, version),
  constraint message_version_check CHECK ((version = 1) = (edit_number IS NULL)),
  constraint message_version_version_check CHECK (version > 0),
  constraint message_version_peering_id_seq_fkey FOREIGN KEY (peering_id, seq) REFERENCES community.message(peering_id, seq)
);
CREATE UNIQUE INDEX message_version_edit ON community.message_version USING btree (peering_id, edit_number) WHERE (edit_number IS NOT NULL);
alter table community.message_version enable row level security, force row level security;
create policy own_side_reads on community.message_version for select to community_app
  using ((EXISTS ( SELECT
   FROM community.peering_side s
  WHERE ((s.firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid) AND (s.peering_id = message_version.peering_id) AND true))));
create policy own_side_writes on community.message_version for insert to community_app
  with check ((EXISTS ( SELECT
   FROM (community.message m
     JOIN community.peering_side s ON (((s.peering_id = m.peering_id) AND (s.side = m.side) AND (s.firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))))
  WHERE ((m.peering_id = message_version.peering_id) AND (m.seq = message_version.seq)))));
create policy room on community.message_version to community_system
  using (true)
  with check (true);
grant insert, select on community.message_version to community_app;
grant select (peering_id, seq), update (body) on community.message_version to community_system;

create table community.migration (
  id integer not null default nextval('community.migration_id_seq'::regclass),
  name character varying(255) not null,
  executed_at timestamp(6) with time zone not null default CURRENT_TIMESTAMP(6),
  constraint migration_pkey PRIMARY KEY (id)
);
alter table community.migration enable row level security, force row level security;
create policy owner_only on community.migration
  using (pg_has_role(CURRENT_USER, ( SELECT pg_class.relowner
   FROM pg_class
  WHERE (pg_class.oid = ('community.migration'::regclass)::oid)), 'member'::text));

create table community.pair_ask (
  firm_id uuid not null,
  peering_id uuid not null,
  metric text not null,
  asked_at timestamp with time zone not null,
  constraint pair_ask_pkey PRIMARY KEY (firm_id, peering_id, metric),
  constraint pair_ask_peering_id_fkey FOREIGN KEY (peering_id) REFERENCES community.peering(peering_id)
);
CREATE INDEX pair_ask_peering ON community.pair_ask USING btree (peering_id);
alter table community.pair_ask enable row level security, force row level security;
create policy own_firm on community.pair_ask to community_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room on community.pair_ask to community_system
  using (true)
  with check (true);
grant select on community.pair_ask to community_app;
grant delete, insert, select, update (asked_at) on community.pair_ask to community_system;

create table community.pair_figure (
  subject text not null,
  metric text not null,
  quarter text not null,
  firm_id uuid not null,
  figure double precision not null,
  constraint pair_figure_pkey PRIMARY KEY (subject, metric, quarter, firm_id)
);
alter table community.pair_figure enable row level security, force row level security;
create policy room_freezes on community.pair_figure for insert to community_system
  with check (true);
create policy room_reads on community.pair_figure for select to community_system
  using (true);
grant insert, select on community.pair_figure to community_system;
CREATE TRIGGER frozen_stays BEFORE DELETE OR UPDATE ON community.pair_figure FOR EACH ROW EXECUTE FUNCTION community.refuse_change();
CREATE TRIGGER frozen_stays_whole BEFORE TRUNCATE ON community.pair_figure FOR EACH STATEMENT EXECUTE FUNCTION community.refuse_change();

create table community.pair_outcome (
  peering_id uuid not null,
  metric text not null,
  quarter text not null,
  side_0 text not null,
  policy_version integer not null,
  constraint pair_outcome_pkey PRIMARY KEY (peering_id, metric, quarter),
  constraint pair_outcome_side_0_check CHECK (side_0 = ANY (ARRAY['BELOW'::text, 'SIMILAR'::text, 'ABOVE'::text])),
  constraint pair_outcome_peering_id_fkey FOREIGN KEY (peering_id) REFERENCES community.peering(peering_id)
);
alter table community.pair_outcome enable row level security, force row level security;
create policy room_compares on community.pair_outcome for insert to community_system
  with check (true);
create policy room_reads on community.pair_outcome for select to community_system
  using (true);
grant insert, select on community.pair_outcome to community_system;
CREATE TRIGGER frozen_stays BEFORE DELETE OR UPDATE ON community.pair_outcome FOR EACH ROW EXECUTE FUNCTION community.refuse_change();
CREATE TRIGGER frozen_stays_whole BEFORE TRUNCATE ON community.pair_outcome FOR EACH STATEMENT EXECUTE FUNCTION community.refuse_change();

create table community.panel (
  subject text not null,
  metric text not null,
  quarter text not null,
  members uuid[] not null,
  withheld boolean not null,
  constraint panel_pkey PRIMARY KEY (subject, metric, quarter)
);
alter table community.panel enable row level security, force row level security;
create policy room on community.panel to community_system
  using (true)
  with check (true);
grant insert, select, update on community.panel to community_system;

create table community.peer_block (
  subject text not null,
  firm_id uuid not null,
  blocked_firm_id uuid not null,
  blocked_at timestamp with time zone not null,
  constraint peer_block_pkey PRIMARY KEY (subject, firm_id, blocked_firm_id)
);
alter table community.peer_block enable row level security, force row level security;
create policy room on community.peer_block to community_system
  using (true)
  with check (true);
grant insert, select on community.peer_block to community_system;
CREATE TRIGGER written_stays BEFORE DELETE OR UPDATE ON community.peer_block FOR EACH ROW EXECUTE FUNCTION community.refuse_rewriting();
CREATE TRIGGER written_stays_whole BEFORE TRUNCATE ON community.peer_block FOR EACH STATEMENT EXECUTE FUNCTION community.refuse_rewriting();

create table community.peer_mark (
  subject text not null,
  firm_id uuid not null,
  customer_id uuid not null,
  marked_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  constraint peer_mark_pkey PRIMARY KEY (subject, firm_id, marked_at)
);
CREATE INDEX peer_mark_month ON community.peer_mark USING btree (firm_id, marked_at);
alter table community.peer_mark enable row level security, force row level security;
create policy own_firm on community.peer_mark to community_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room on community.peer_mark to community_system
  using (true)
  with check (true);
grant select, update (ends_at) on community.peer_mark to community_app;
grant insert, select, update (ends_at) on community.peer_mark to community_system;

create table community.peering (
  peering_id uuid not null default gen_random_uuid(),
  subject text not null,
  firm_0 uuid not null,
  firm_1 uuid not null,
  matched_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint peering_pkey PRIMARY KEY (peering_id),
  constraint peering_check CHECK (firm_0 < firm_1)
);
CREATE UNIQUE INDEX peering_pair ON community.peering USING btree (subject, firm_0, firm_1) WHERE (ended_at IS NULL);
alter table community.peering enable row level security, force row level security;
create policy own_side on community.peering to community_app
  using ((EXISTS ( SELECT
   FROM community.peering_side s
  WHERE ((s.firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid) AND (s.peering_id = peering.peering_id)))));
create policy room on community.peering to community_system
  using (true)
  with check (true);
grant select (ended_at, matched_at, peering_id), update (ended_at) on community.peering to community_app;
grant insert, select, update (ended_at) on community.peering to community_system;

create table community.peering_side (
  firm_id uuid not null,
  peering_id uuid not null,
  side smallint not null,
  subject text not null,
  customer_id uuid not null,
  alias text not null,
  revealed_at timestamp with time zone,
  peer_firm_id uuid,
  constraint peering_side_pkey PRIMARY KEY (firm_id, peering_id),
  constraint peering_side_side_check CHECK (side = ANY (ARRAY[0, 1])),
  constraint peering_side_peering_id_fkey FOREIGN KEY (peering_id) REFERENCES community.peering(peering_id)
);
CREATE INDEX peering_side_peering ON community.peering_side USING btree (peering_id);
CREATE INDEX peering_side_subject ON community.peering_side USING btree (firm_id, subject);
alter table community.peering_side enable row level security, force row level security;
create policy own_firm on community.peering_side to community_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room on community.peering_side to community_system
  using (true)
  with check (true);
grant select on community.peering_side to community_app;
grant insert, select, update (peer_firm_id, revealed_at) on community.peering_side to community_system;

create table community.publication_told (
  firm_id uuid not null,
  epoch_id uuid not null,
  due boolean not null default true,
  revision bigint not null default 1,
  constraint publication_told_pkey PRIMARY KEY (firm_id, epoch_id)
);
CREATE INDEX publication_told_due ON community.publication_told USING btree (firm_id, epoch_id) WHERE due;
alter table community.publication_told enable row level security, force row level security;
create policy own_firm on community.publication_told to community_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room on community.publication_told to community_system
  using (true)
  with check (true);
grant select, update on community.publication_told to community_app;
grant insert, select, update on community.publication_told to community_system;

create table community.release (
  epoch_id uuid not null,
  number integer not null,
  policy_version integer not null,
  policy_digest text not null,
  cell_count integer not null,
  cells_digest text not null,
  intake_digest text not null,
  previous_hash text,
  hash text not null,
  constraint release_pkey PRIMARY KEY (epoch_id),
  constraint release_hash_key UNIQUE (hash),
  constraint release_number_key UNIQUE (number),
  constraint release_previous_hash_key UNIQUE NULLS NOT DISTINCT (previous_hash),
  constraint release_number_check CHECK (number > 0),
  constraint release_epoch_id_fkey FOREIGN KEY (epoch_id) REFERENCES community.epoch(id),
  constraint release_previous_hash_fkey FOREIGN KEY (previous_hash) REFERENCES community.release(hash)
);
alter table community.release enable row level security, force row level security;
create policy room_enters on community.release for insert to community_system
  with check (true);
create policy room_reads on community.release for select to community_system
  using (true);
grant insert, select on community.release to community_system;
CREATE TRIGGER published_stays BEFORE DELETE OR UPDATE ON community.release FOR EACH ROW EXECUTE FUNCTION community.refuse_change();
CREATE TRIGGER published_stays_whole BEFORE TRUNCATE ON community.release FOR EACH STATEMENT EXECUTE FUNCTION community.refuse_change();

create table community.report_handled (
  report_id uuid not null,
  operator text not null,
  note text not null,
  handled_at timestamp with time zone not null,
  constraint report_handled_pkey PRIMARY KEY (report_id)
);
alter table community.report_handled enable row level security, force row level security;
create policy room on community.report_handled to community_system
  using (true)
  with check (true);
grant insert, select on community.report_handled to community_system;
CREATE TRIGGER written_stays BEFORE DELETE OR UPDATE ON community.report_handled FOR EACH ROW EXECUTE FUNCTION community.refuse_rewriting();
CREATE TRIGGER written_stays_whole BEFORE TRUNCATE ON community.report_handled FOR EACH STATEMENT EXECUTE FUNCTION community.refuse_rewriting();

create table community.report_text (
  firm_id uuid not null,
  report_id uuid not null,
  content text not null,
  constraint report_text_pkey PRIMARY KEY (firm_id, report_id),
  constraint report_text_firm_id_report_id_fkey FOREIGN KEY (firm_id, report_id) REFERENCES community.conversation_report(firm_id, id)
);
alter table community.report_text enable row level security, force row level security;
create policy own_firm on community.report_text to community_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room on community.report_text to community_system
  using (true);
grant insert on community.report_text to community_app;
grant delete, select on community.report_text to community_system;
CREATE TRIGGER written_stays BEFORE UPDATE ON community.report_text FOR EACH ROW EXECUTE FUNCTION community.refuse_rewriting();

create table community.seat_alarm (
  subject text not null,
  kind text not null,
  quarter text not null,
  firms uuid[] not null,
  seats integer not null,
  raised_at timestamp with time zone not null default clock_timestamp(),
  constraint seat_alarm_pkey PRIMARY KEY (subject, kind, quarter),
  constraint seat_alarm_kind_check CHECK (kind = ANY (ARRAY['GROUP'::text, 'NEWCOMERS'::text]))
);
alter table community.seat_alarm enable row level security, force row level security;
create policy room on community.seat_alarm to community_system
  using (true)
  with check (true);
grant insert, select on community.seat_alarm to community_system;

create table community.sharing_exclusion (
  firm_id uuid not null,
  customer_id uuid not null,
  constraint sharing_exclusion_pkey PRIMARY KEY (firm_id, customer_id)
);
alter table community.sharing_exclusion enable row level security, force row level security;
create policy own_firm on community.sharing_exclusion to community_app
  using ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid))
  with check ((firm_id = (NULLIF(current_setting('app.firm_id'::text, true), ''::text))::uuid));
create policy room on community.sharing_exclusion for select to community_system
  using (true);
grant delete, insert, select on community.sharing_exclusion to community_app;
grant select on community.sharing_exclusion to community_system;

create table community.subject_key (
  blind_key text not null,
  subject text not null,
  exchange integer not null default 0,
  constraint subject_key_pkey PRIMARY KEY (blind_key)
);
CREATE INDEX subject_key_exchange ON community.subject_key USING btree (exchange);
CREATE INDEX subject_key_subject ON community.subject_key USING btree (subject);
alter table community.subject_key enable row level security, force row level security;
create policy room on community.subject_key to community_system
  using (true)
  with check (true);
grant delete, insert, select, update on community.subject_key to community_system;
