import { Migration } from '@mikro-orm/migrations';
import { CURRENT_FIRM } from '../../src/database/own-firm.js';

/**
 * For reading a whole portfolio in one statement: which customers a firm has told a figure of lately is found in one stretch
 * of an index, and its own figures of an epoch come out of the rows that hold everybody's in one call, not in thousands.
 */
export class ReadingMigration extends Migration {
  override up(): void {
    this.addSql(`
      create index contribution_told on community.contribution (firm_id, metric, month, subject) where evidenced and figure is not null;
      create function community.own_figures(of_subjects text[], of_metric text, of_epoch uuid) returns table (subject text, figure double precision)
        language sql stable security definer set search_path = '' as $$
          select intake.subject, intake.figures[array_position(intake.firm_ids, ${CURRENT_FIRM})]
          from community.intake where intake.subject = any(of_subjects) and intake.metric = of_metric and intake.epoch_id = of_epoch
        $$;
      revoke all on function community.own_figures(text[], text, uuid) from public;
      grant execute on function community.own_figures(text[], text, uuid) to community_app;
    `);
  }
}
