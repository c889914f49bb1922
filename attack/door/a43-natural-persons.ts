import { METRICS } from '../../src/values/metric.js';
import { achieved, never, type Achieved, type DoorAttack } from './door-attack.js';
import { dataOf, publicDoor } from './door.js';
import { addCustomer, importRows, type Circle, type DoorWorld } from './world.js';

/**
 * A43. Six members sell to the same sole trader, flagged as a natural person in their books. Eve tries to get a match all
 * the same: she writes the customer again, sends it in a file, opens a second account of the same number, marks it.
 * Pass: nobody has a blind key for it but for eve's own second account, no figure of it was told, no benchmark and no peer is there.
 */
export const naturalPersons: DoorAttack = {
  id: 'A43',
  title: 'natural persons',
  passLine: 'never matched',
  passes: never,
  run: async (world) => ({
    product: await match(world, world.circles.trader),
    // A build that does not heed the flag: the same company, unflagged.
    control: await match(world, world.circles.six),
  }),
};

async function match(world: DoorWorld, circle: Circle): Promise<Achieved> {
  const { network, eve } = world;
  await eve.get('mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { userErrors { code } } }', { input: { reference: circle.name, name: 'Garage Dupont', registration: { scheme: 'SIREN', value: circle.siren } } });
  await importRows(eve, [`${circle.name},Garage Dupont,SIREN,${circle.siren},F77,2026-08-11,2026-09-11,EUR,10.00,`]);
  const second = await addCustomer(eve, circle.siren);
  await network.settle();
  const ids = [...circle.ids.values()];
  const { rows: [told] } = await network.owner.query<{ keys: number; cells: number; figures: number }>(
    `select count(k.subject)::int as keys, count(c.subject)::int as cells, count(f.subject)::int as figures from community.customer_key k
     left join lateral (select c.subject from community.cell c where c.subject = k.subject limit 1) c on true
     left join lateral (select f.subject from community.contribution f where f.subject = k.subject and f.firm_id = k.firm_id limit 1) f on true
     where k.customer_id = any($1)`, [ids]);
  const reads = [...[...circle.ids].flatMap(([firm, id]) => METRICS.map((metric) => ({ firm, id, metric }))), ...METRICS.map((metric) => ({ firm: eve, id: second, metric }))];
  const answers = await Promise.all(reads.map(({ firm, id, metric }) => dataOf<{ customer: { benchmark: { __typename: string }; peers: readonly object[] } }>(publicDoor(firm, `query ($id: ID!) { customer(id: $id) { benchmark(metric: ${metric}) { __typename } peers { id } } }`, { id }))));
  const shown = answers.filter(({ customer }) => customer.benchmark.__typename !== 'BenchmarkUnavailable' || customer.peers.length > 0).length;
  return achieved(reads.length + ids.length, told!.keys + told!.cells + told!.figures + shown, `${told!.keys} keys, ${told!.figures} with figures, ${told!.cells} with cells, ${shown} of ${reads.length} answers show something`);
}
