import { Migration } from '@mikro-orm/migrations';
import { CURRENT_FIRM } from '../../src/database/own-firm.js';

/**
 * For reading a whole portfolio: the cells of the asker's own customers with its own figures, in one call instead of a check
 * and a look-up for each. It shows what the policy of `cell` and `own_figure` show one by one. Which of it may be read now,
 * the reader decides as it does for one customer.
 */
export class OwnCellsMigration extends Migration {
  override up(): void {
    this.addSql(`
      create index cell_of_epoch on community.cell (epoch_id, metric);
      create index intake_of_epoch on community.intake (epoch_id, metric);

      create policy own_cells on community.cell for select to current_user using (true);
      create policy own_cells on community.customer_key for select to current_user using (firm_id = ${CURRENT_FIRM});
      create function community.own_cells(of_metric text, of_epoch uuid)
        returns table (customer_id uuid, subject text, tier text, band_from double precision, band_to double precision, value double precision, rounded_to double precision,
          direction text, lower_quartile double precision, upper_quartile double precision, own double precision)
        language sql stable security definer set search_path = '' as $$
          select key.customer_id, key.subject, cell.tier, cell.band_from, cell.band_to, cell.value, cell.rounded_to, cell.direction, cell.lower_quartile, cell.upper_quartile,
            intake.figures[array_position(intake.firm_ids, ${CURRENT_FIRM})]
          from community.customer_key as key
          join community.cell on cell.subject = key.subject and cell.metric = of_metric and cell.epoch_id = of_epoch
          join community.intake on intake.subject = key.subject and intake.metric = of_metric and intake.epoch_id = of_epoch
          where key.firm_id = ${CURRENT_FIRM}
        $$;
      revoke all on function community.own_cells(text, uuid) from public;
      grant execute on function community.own_cells(text, uuid) to community_app;
      drop function community.own_figures(text[], text, uuid);
    `);
  }
}
