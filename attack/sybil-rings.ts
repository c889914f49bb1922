import { randomBytes, randomUUID } from 'node:crypto';
import { linkFirms } from '../subgraphs/identity/operator/link-firms.js';
import { FirmVisitor, PASSWORD, randomSiren, Visitor } from '../test/house.js';
import type { Network } from '../test/network.js';

/** How the firms of a ring hang together, each after another tie that admission knows. */
const TIES = ['domain', 'mailbox', 'legal unit', 'invitation chain', 'bank account', 'operator'] as const;
export type Tie = (typeof TIES)[number];

export interface Ring {
  readonly tie: Tie;
  readonly firms: readonly FirmVisitor[];
}

/** Verified members that belong together: `size` firms for each tie. They sign up over HTTP, as anybody does. */
export async function formRings(network: Network, size: number): Promise<readonly Ring[]> {
  const rings: Ring[] = [];
  for (const tie of TIES) {
    const shared = `${randomUUID().slice(0, 12)}.example`;
    const siren = randomSiren();
    const firms: FirmVisitor[] = [];
    for (let place = 0; place < size; place += 1) {
      const email = tie === 'domain' ? `f${place}@${place % 2 === 0 ? '' : 'mail.'}${shared}` : tie === 'mailbox' ? `${shared.slice(0, 12)}+${place}@gmail.com` : `f@${randomUUID().slice(0, 12)}.example`;
      if (tie === 'invitation chain' && place > 0) await firms[place - 1]!.get('mutation ($input: MemberInviteInput!) { memberInvite(input: $input) { userErrors { code } } }', { input: { email, role: 'READER' } });
      firms.push(await signUp(network, email, tie === 'legal unit' ? siren : randomSiren()));
    }
    for (const firm of firms) await network.admit(firm);
    const { identity } = network.house.running.rooms;
    const account = randomBytes(32).toString('hex');
    if (tie === 'bank account') for (const { firmId } of firms) await identity.subgraph.reactions['account.marked']!(identity.room, { firmId, data: { mark: account } });
    if (tie === 'operator') for (const { firmId } of firms.slice(1)) await linkFirms(identity.room, firms[0]!.firmId, firmId, { by: 'the attack suite', why: 'a ring' });
    rings.push({ tie, firms });
  }
  await network.settle();
  return rings;
}

/** How many firms of a ring community counts as firms of their own. */
export async function countedOf(network: Network, { firms }: Ring): Promise<number> {
  const { rows } = await network.owner.query<{ firm_id: string; group_mark: string | null }>('select firm_id, group_mark from community.firm_group where firm_id = any($1)', [firms.map(({ firmId }) => firmId)]);
  const marks = new Map(rows.map(({ firm_id, group_mark }) => [firm_id, group_mark ?? firm_id]));
  return new Set(firms.map(({ firmId }) => marks.get(firmId) ?? firmId)).size;
}

async function signUp(network: Network, email: string, siren: string): Promise<FirmVisitor> {
  const { firmSignUp } = await network.house.nobody.get<{ firmSignUp: { session: { accessToken: string; refreshToken: string } } }>(
    'mutation ($input: FirmSignUpInput!) { firmSignUp(input: $input) { session { accessToken refreshToken } userErrors { code } } }',
    { input: { firmName: 'Firm', country: 'FR', registration: { scheme: 'SIREN', value: siren }, userName: 'Camille', email, password: PASSWORD } });
  const { accessToken, refreshToken } = firmSignUp.session;
  const { viewer } = await new Visitor(network.house, accessToken).get<{ viewer: { firm: { id: string } } }>('{ viewer { firm { id } } }');
  return new FirmVisitor(network.house, accessToken, refreshToken, viewer.firm.id, email);
}
