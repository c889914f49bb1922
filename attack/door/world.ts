import { randomUUID } from 'node:crypto';
import type { FirmVisitor } from '../../test/house.js';
import { Network } from '../../test/network.js';
import { dataOf, publicDoor } from './door.js';
import { sirenOf } from './siren.js';

/** A customer of some members, who all sell to it and have told of it since spring. */
export interface Circle {
  readonly name: string;
  readonly siren: string;
  /** The customer's id by member. */
  readonly ids: ReadonlyMap<FirmVisitor, string>;
}

/** Months of invoices: every window that is published by `NOW` holds three of them. */
const ISSUED = ['2026-04-10', '2026-05-10', '2026-06-10', '2026-07-10', '2026-08-10'] as const;

/**
 * One whole Ardoise with members that share customers in circles of every size; `eve`, who attacks, is one of them. Their
 * ledgers went in as files, and the epochs that are out were closed on them: nothing here was put there by hand.
 *
 * Eve's own books say the same of `alone`, `couple`, `trio`, `quiet` and `busy`: they differ in who else has that customer, and in nothing else.
 */
export class DoorWorld implements AsyncDisposable {
  static readonly NOW = '2026-09-30T12:00:00Z';

  private constructor(
    readonly network: Network,
    readonly circles: Readonly<Record<CircleName, Circle>>,
    /** Customers that six members other than eve share, published, and none of hers. */
    readonly others: readonly Circle[],
    /** Customers that eve and five others share; marking all of them stays below a month's cap. */
    readonly marked: readonly Circle[],
    /** Customers that two members other than eve share: more than anybody may mark in a month. */
    readonly ponds: readonly Circle[],
  ) {}

  get eve(): FirmVisitor {
    return this.network.members[0]!;
  }

  get members(): readonly FirmVisitor[] {
    return this.network.members;
  }

  static async open(): Promise<DoorWorld> {
    const network = await Network.start(11);
    await network.setClock(DoorWorld.NOW);
    const places = (count: number, from = 0): number[] => Array.from({ length: count }, (_, index) => index + from);
    const plans = [
      ...Object.entries(SIZES).map(([name, size]) => ({ name, places: places(size) })),
      ...places(12).map((index) => ({ name: `other ${index}`, places: places(6, 1) })),
      ...places(16).map((index) => ({ name: `marked ${index}`, places: places(6) })),
      ...places(12).map((index) => ({ name: `pond ${index}`, places: [6, 7] })),
    ].map((plan, index) => ({ ...plan, siren: sirenOf(100_000 + index) }));
    const ledgers = network.members.map((_, place) => plans.filter((plan) => plan.places.includes(place)).flatMap(({ name, siren }) => ledgerOf(name, siren, place)));
    // Whoever keeps these books knew from the first that this customer is a person.
    await Promise.all(network.members.slice(0, SIZES.trader).map((firm) => firm.get('mutation { customerUpsert(input: { reference: "trader", name: "Garage Dupont" }) { userErrors { code } } }')));
    await network.owner.query(`update portfolios.customer set natural_person = true where reference = 'trader'`);
    await Promise.all(network.members.map((firm, place) => importRows(firm, ledgers[place]!)));
    await network.settle();
    await network.close();
    const { rows } = await network.owner.query<{ id: string; firm_id: string; reference: string }>('select id, firm_id, reference from portfolios.customer');
    const circles = plans.map(({ name, siren }) => ({
      name,
      siren,
      ids: new Map(rows.filter(({ reference }) => reference === name).map(({ id, firm_id: firmId }) => [network.members.find((firm) => firm.firmId === firmId)!, id] as const)),
    }));
    const named = (name: CircleName): Circle => circles.find((circle) => circle.name === name)!;
    return new DoorWorld(network, { alone: named('alone'), couple: named('couple'), trio: named('trio'), four: named('four'), six: named('six'), eleven: named('eleven'), quiet: named('quiet'), busy: named('busy'), trader: named('trader') }, circles.filter(({ name }) => name.startsWith('other ')), circles.filter(({ name }) => name.startsWith('marked ')), circles.filter(({ name }) => name.startsWith('pond ')));
  }

  /** Eve's id of the customer of a circle. */
  evesIdOf({ name, ids }: Circle): string {
    const id = ids.get(this.eve);
    if (id === undefined) throw new Error(`eve has no customer "${name}"`);
    return id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.network[Symbol.asyncDispose]();
  }
}

/** Members of each circle, eve among them. */
const SIZES = { alone: 1, couple: 2, trio: 3, four: 4, six: 6, eleven: 11, quiet: 1, busy: 3, trader: 6 } as const;
export type CircleName = keyof typeof SIZES;

/** A member's invoices to a customer. Eve's say the same of every customer; the others pay her customers at their own pace. */
function ledgerOf(name: string, siren: string, place: number): string[] {
  const days = [30, 45, 60, 30, 30, 45, 60, 30, 45, 60, 30][place]!;
  return ISSUED.map((issued, month) => {
    const due = Temporal.PlainDate.from(issued).add({ days });
    const late = (place * 7 + month * 3) % 40;
    const settled = due.add({ days: place === 0 ? 5 : late });
    // What is settled after today is still open.
    const settledOn = Temporal.PlainDate.compare(settled, DoorWorld.NOW.slice(0, 10)) < 0 ? settled.toString() : '';
    return `${name},Garage Dupont,SIREN,${siren},F${month + 1},${issued},${due.toString()},EUR,${1000 + place * 250}.00,${settledOn}`;
  });
}

const COLUMNS = 'customer_reference,customer_name,registration_scheme,registration_value,invoice_number,issue_date,due_date,currency,amount,settled_on';

/** Sends a file of a firm and waits until it is in. */
export async function importRows(firm: FirmVisitor, rows: readonly string[]): Promise<void> {
  const { importCreate } = await firm.get<{ importCreate: { job: { id: string; uploadUrl: string } } }>('mutation { importCreate(input: { format: CSV }) { job { id uploadUrl } userErrors { code } } }');
  const { id, uploadUrl } = importCreate.job;
  const sent = await fetch(uploadUrl, { method: 'PUT', body: `${COLUMNS}\n${rows.join('\n')}\n`, headers: { authorization: `Bearer ${firm.token}` } });
  await sent.text();
  for (const until = Date.now() + 60_000; ; ) {
    const { importJob } = await firm.get<{ importJob: { status: string; rowsRejected: number } }>('query ($id: ID!) { importJob(id: $id) { status rowsRejected } }', { id });
    if (importJob.status === 'COMPLETED' && importJob.rowsRejected === 0) return;
    if (importJob.status === 'COMPLETED' || importJob.status === 'FAILED' || Date.now() > until) throw new Error(`the import of a world ended ${JSON.stringify(importJob)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** One more verified member, since the day the others joined. It has no customers yet. */
export async function addMember(world: DoorWorld): Promise<FirmVisitor> {
  const { network } = world;
  const firm = await network.house.firm();
  await network.admit(firm);
  // Tenure is a matter of months; the day it joined is set back, so that the world's clock need not move.
  await network.owner.query('update community.membership set joined_at = $2 where firm_id = $1', [firm.firmId, Network.JOINED]);
  return firm;
}

/** A customer of a firm without an invoice. */
export async function addCustomer(firm: FirmVisitor, siren: string): Promise<string> {
  const { customerUpsert } = await dataOf<{ customerUpsert: { customer: { id: string } } }>(
    publicDoor(firm, 'mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id } userErrors { code } } }', {
      input: { reference: randomUUID(), name: 'Garage Dupont', registration: { scheme: 'SIREN', value: siren } },
    }),
  );
  return customerUpsert.customer.id;
}
