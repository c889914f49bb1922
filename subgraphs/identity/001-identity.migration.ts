import { Migration } from '@mikro-orm/migrations';
import { CURRENT_FIRM, securedSchema, securedTable } from '../../src/database/own-firm.js';

/**
 * Firms, their people, sessions, invitations and API keys. A person's e-mail address is unique in the whole network: it
 * is how a person signs in before anybody knows the firm. Everything found before the firm is known (an address, a
 * token's hash) is found by the system role.
 */
export class IdentityMigration extends Migration {
  override up(): void {
    this.addSql(`
      ${securedSchema('identity')}

      create table identity.firm (
        id uuid primary key,
        name text not null,
        country text not null,
        registration_scheme text not null,
        registration_value text not null,
        verified boolean not null default false,
        created_at timestamptz not null default now()
      );
      alter table identity.firm enable row level security, force row level security;
      create policy own_firm on identity.firm to identity_app
        using (id = ${CURRENT_FIRM})
        with check (id = ${CURRENT_FIRM});
      create policy room_reads on identity.firm for select to identity_system using (true);
      create policy room_verifies on identity.firm for update to identity_system using (true) with check (true);
      grant select, insert on identity.firm to identity_app;
      grant select, update on identity.firm to identity_system;

      create table identity.person (
        id uuid primary key default uuidv7(),
        firm_id uuid not null references identity.firm,
        name text not null,
        email text not null,
        password_hash text not null,
        role text not null,
        locale text not null default 'en',
        created_at timestamptz not null default now()
      );
      create unique index person_email on identity.person (email);
      create index person_firm on identity.person (firm_id);
      ${securedTable('identity', 'person')}
      create policy room_reads on identity.person for select to identity_system using (true);
      grant select, insert, update on identity.person to identity_app;
      grant select on identity.person to identity_system;

      create table identity.session (
        id uuid primary key default uuidv7(),
        firm_id uuid not null references identity.firm,
        person_id uuid not null references identity.person,
        family_hash text not null,
        refresh_hash text not null,
        spent_refresh_hash text,
        spent_at timestamptz,
        expires_at timestamptz not null,
        revoked_at timestamptz,
        created_at timestamptz not null default now()
      );
      create unique index session_family on identity.session (family_hash);
      create index session_firm on identity.session (firm_id, person_id);
      ${securedTable('identity', 'session')}
      create policy room_finds on identity.session for select to identity_system using (true);
      create policy room_turns on identity.session for update to identity_system using (true) with check (true);
      grant select, insert, update on identity.session to identity_app;
      grant select, update on identity.session to identity_system;

      create table identity.invitation (
        id uuid primary key default uuidv7(),
        firm_id uuid not null references identity.firm,
        email text not null,
        role text not null,
        token_hash text not null,
        expires_at timestamptz not null,
        accepted_at timestamptz
      );
      create unique index invitation_token on identity.invitation (token_hash);
      create index invitation_firm on identity.invitation (firm_id);
      ${securedTable('identity', 'invitation')}
      create policy room_finds on identity.invitation for select to identity_system using (true);
      grant select, insert, update on identity.invitation to identity_app;
      grant select on identity.invitation to identity_system;

      create table identity.api_key (
        id uuid primary key default uuidv7(),
        firm_id uuid not null references identity.firm,
        person_id uuid not null references identity.person,
        name text not null,
        scopes text[] not null,
        secret_hash text not null,
        expires_at timestamptz,
        last_used_at timestamptz,
        revoked_at timestamptz,
        created_at timestamptz not null default now()
      );
      create unique index api_key_secret on identity.api_key (secret_hash);
      create index api_key_firm on identity.api_key (firm_id);
      ${securedTable('identity', 'api_key')}
      create policy room_finds on identity.api_key for select to identity_system using (true);
      create policy room_notes_use on identity.api_key for update to identity_system using (true) with check (true);
      grant select, insert, update on identity.api_key to identity_app;
      grant select, update on identity.api_key to identity_system;

      -- Failed sign-ins by address, known or not: throttling must not tell which addresses exist.
      create table identity.sign_in_failure (
        email_hash text primary key,
        failures int not null,
        blocked_until timestamptz not null
      );
      alter table identity.sign_in_failure enable row level security, force row level security;
      create policy room_throttles on identity.sign_in_failure to identity_system using (true) with check (true);
      grant select, insert, update, delete on identity.sign_in_failure to identity_system;
    `);
  }
}
