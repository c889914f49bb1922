-- Written by `npm run schema` from the catalogue of a freshly migrated database. Not to be edited, not to be run.

create role community_app nologin noinherit;
create role community_system nologin noinherit;
create role identity login noinherit;
grant identity_app to identity;
grant identity_system to identity;
create role identity_app nologin noinherit;
create role identity_system nologin noinherit;
create role portfolios_app nologin noinherit;
create role portfolios_system nologin noinherit;
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
  constraint sandbox_clock_pkey PRIMARY KEY (only_row),
  constraint sandbox_clock_only_row_check CHECK (only_row)
);
alter table events.sandbox_clock enable row level security, force row level security;
create policy everybody_reads on events.sandbox_clock for select
  using (true);
create policy identity_sets on events.sandbox_clock to identity_system
  using (true)
  with check (true);
grant select on events.sandbox_clock to community_system;
grant insert, select, update on events.sandbox_clock to identity_system;
grant select on events.sandbox_clock to portfolios_system;
grant select on events.sandbox_clock to scoring_system;

create schema identity;
grant usage on schema identity to identity_app;
grant usage on schema identity to identity_system;

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

create table identity.session (
  id uuid not null default uuidv7(),
  firm_id uuid not null,
  person_id uuid not null,
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
CREATE INDEX session_firm ON identity.session USING btree (firm_id, person_id);
CREATE UNIQUE INDEX session_refresh ON identity.session USING btree (refresh_hash);
CREATE INDEX session_spent ON identity.session USING btree (spent_refresh_hash);
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
