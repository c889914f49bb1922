import { randomUUID } from 'node:crypto';
import { parse } from 'graphql';
import type { Client } from 'pg';
import { METRICS, type Metric } from '../src/values/metric.js';
import { SCOPES } from '../src/server/asker.js';
import { executeInRoom } from '../src/server/execute.js';
import { randomSiren, startHouse, type FirmVisitor, type TestHouse } from './house.js';

export const BENCHMARK = `__typename
  ... on BenchmarkBand { metric contributors from to direction own position epoch { id periodStart periodEnd publishedOn } }
  ... on BenchmarkFigure { metric contributors value roundedTo direction lowerQuartile upperQuartile own position epoch { id periodStart periodEnd publishedOn } }
  ... on BenchmarkUnavailable { metric }`;

export interface Epoch {
  readonly id: string;
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly publishedOn: string;
}

/** A customer that several firms have: its id by firm, and community's own subject for it. */
export interface Shared {
  readonly ids: ReadonlyMap<FirmVisitor, string>;
  readonly subject: string;
}

export type Figures = Partial<Record<Metric, number>>;

/** A house whose firms are members since `JOINED`: half a year later none of them is a newcomer. */
export class Network implements AsyncDisposable {
  static readonly JOINED = '2026-01-10T12:00:00Z';

  private constructor(
    readonly house: TestHouse,
    /** The owner of the database: sees what no room shows. */
    readonly owner: Client,
    readonly members: readonly FirmVisitor[],
  ) {}

  static async start(size: number): Promise<Network> {
    const house = await startHouse();
    const owner = await house.asOwner();
    const network = new Network(house, owner, await Promise.all(Array.from({ length: size }, () => house.firm())));
    await network.setClock(Network.JOINED);
    for (const firm of network.members) await network.admit(firm);
    return network;
  }

  async setClock(at: string): Promise<void> {
    await this.house.nobody.get('mutation ($at: DateTime!) { sandboxClockSet(at: $at) }', { at });
  }

  async verify(firm: FirmVisitor): Promise<void> {
    await this.house.nobody.get('mutation ($id: ID!) { sandboxFirmVerify(firmId: $id) { verified } }', { id: firm.firmId });
  }

  async join(firm: FirmVisitor, metrics: readonly Metric[] = METRICS): Promise<void> {
    await firm.get('mutation ($input: CommunityJoinInput!) { communityJoin(input: $input) { userErrors { code } } }', { input: { metrics, acceptCharter: true } });
  }

  async leave(firm: FirmVisitor): Promise<void> {
    await firm.get('mutation { communityLeave { userErrors { code } } }');
  }

  async admit(firm: FirmVisitor): Promise<void> {
    await this.verify(firm);
    await this.join(firm);
  }

  /** Closes what is due; the latest epoch as the firm names it. */
  async close(firm: FirmVisitor = this.members[0]!): Promise<Epoch | null> {
    return (await firm.get<{ sandboxEpochsClose: Epoch | null }>('mutation { sandboxEpochsClose { id periodStart periodEnd publishedOn } }')).sandboxEpochsClose;
  }

  /** Moves the clock to noon of a day and closes what became due by then. */
  async closeOn(day: string): Promise<Epoch> {
    await this.setClock(`${day}T12:00:00Z`);
    return (await this.close())!;
  }

  /** Gives each firm the same customer. */
  async share(firms: readonly FirmVisitor[]): Promise<Shared> {
    const siren = randomSiren();
    const ids = new Map<FirmVisitor, string>();
    for (const firm of firms) ids.set(firm, await this.customerOf(firm, siren));
    await this.settle();
    const { rows } = await this.owner.query<{ subject: string }>('select distinct subject from community.customer_key where customer_id = any($1)', [[...ids.values()]]);
    if (rows.length !== 1) throw new Error('the customer has no key, or not one');
    return { ids, subject: rows[0]!.subject };
  }

  async customerOf(firm: FirmVisitor, siren: string): Promise<string> {
    const { customerUpsert } = await firm.get<{ customerUpsert: { customer: { id: string } } }>(
      'mutation ($input: CustomerUpsertInput!) { customerUpsert(input: $input) { customer { id } userErrors { code path } } }',
      { input: { reference: randomUUID(), name: 'Garage Dupont', registration: { scheme: 'SIREN', value: siren } } },
    );
    return customerUpsert.customer.id;
  }

  /** Has portfolios tell what is due, and waits until everybody has heard it; nothing becomes due at an unmoved clock. */
  async settle(): Promise<void> {
    const { portfolios, community } = this.house.running.rooms;
    await portfolios.subgraph.reactions['sandbox.settle-requested']!(portfolios.room, { firmId: null, data: {} });
    await this.setClock(community.room.clock.now().toString());
  }

  /** One firm's figures of a month, as portfolios would tell them. */
  async tell(firm: FirmVisitor, subject: string, month: string, figures: Figures, { evidenced = true, revision = 1 } = {}): Promise<void> {
    const { community } = this.house.running.rooms;
    await community.subgraph.reactions['contribution.closed']!(community.room, { firmId: firm.firmId, data: { month, contributions: [{ subject: await this.blindKeyOf(subject), evidenced, figures, revision }] } });
  }

  /** The blind key by which portfolios tells of a subject. */
  async blindKeyOf(subject: string): Promise<string> {
    const { rows } = await this.owner.query<{ blind_key: string }>('select blind_key from community.subject_key where subject = $1 order by exchange desc limit 1', [subject]);
    return rows[0]!.blind_key;
  }

  /** Every firm that has the customer tells figures of each month; its place among them and that of the month decide. */
  async tellAll({ ids, subject }: Shared, months: readonly string[], figures: (place: number, month: number) => Figures): Promise<void> {
    for (const [month, name] of months.entries()) {
      for (const [place, firm] of [...ids.keys()].entries()) await this.tell(firm, subject, name, figures(place, month));
    }
  }

  async read(firm: FirmVisitor, customerId: string, metric: Metric = 'DSO', epoch: string | null = null): Promise<Record<string, unknown>> {
    const { customer } = await firm.get<{ customer: { benchmark: Record<string, unknown> } }>(
      `query ($id: ID!, $metric: BenchmarkMetric!, $epoch: ID) { customer(id: $id) { benchmark(metric: $metric, epoch: $epoch) { ${BENCHMARK} } } }`,
      { id: customerId, metric, epoch },
    );
    return customer.benchmark;
  }

  /** The exact bytes of community's answer, whatever portfolios thinks of the id. */
  async bytesOf(firm: FirmVisitor, customerId: string, epoch: string | null = null, metric: Metric = 'DSO'): Promise<string> {
    const document = parse(`query ($r: [_Any!]!, $metric: BenchmarkMetric!, $epoch: ID) { _entities(representations: $r) { ... on Customer { benchmark(metric: $metric, epoch: $epoch) { ${BENCHMARK} } } } }`);
    const asker = { firmId: firm.firmId, userId: randomUUID(), role: 'OWNER' as const, scopes: SCOPES };
    const variables = { r: [{ __typename: 'Customer', id: customerId }], metric, epoch };
    return JSON.stringify(await executeInRoom(this.house.running.rooms.community, { document, variables, operationName: undefined }, { asker, requestId: 'r', origin: this.house.url }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.house[Symbol.asyncDispose]();
  }
}

export const UNAVAILABLE = { __typename: 'BenchmarkUnavailable', metric: 'DSO' };
