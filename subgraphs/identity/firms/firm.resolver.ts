import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { Registration } from '../../../src/graph/registration.graph.js';
import { CountryCodeScalar, DateTimeScalar } from '../../../src/graph/scalars.js';
import type { ReferenceResolver } from '../../../src/server/subgraph.js';
import { isUuid } from '../../../src/values/opaque-id.js';
import type { FirmRow } from './firm.table.js';
import { readAnyFirm, readOwnFirm } from './read-firm.js';

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A member firm. You see your own, and one that revealed itself to you in a conversation; never any other.' })
export class Firm {
  @Field(() => ID, { description: 'Opaque; another firm knows this firm by another id.' })
  id!: string;

  @Field(() => String, { description: 'The name it signed up with.' })
  name!: string;

  @Field(() => CountryCodeScalar, { description: 'Where it is registered.' })
  country!: string;

  @Field(() => Registration, { nullable: true, description: 'How a register names it.' })
  registration!: Registration | null;

  @Field(() => Boolean, { description: 'Whether its registration was checked against the register. Only verified firms count in the community.' })
  verified!: boolean;

  @Field(() => DateTimeScalar, { description: 'When it signed up.' })
  createdAt!: Date;
}

export function toFirm(row: Omit<FirmRow, 'verificationRevision'>): Firm {
  return {
    id: row.id,
    name: row.name,
    country: row.country,
    registration: { scheme: row.registrationScheme as Registration['scheme'], value: row.registrationValue },
    verified: row.verified,
    createdAt: row.createdAt,
  };
}

/**
 * The asker's own firm by its id, or a peer's by the id that community made for the asker after both revealed themselves.
 * Only the holder of the identifier key can make such an id, so having one is the permission to read.
 */
export const firmByReference: ReferenceResolver = async (reference, request) => {
  const id = String(reference['id']);
  const { firmId } = request.demand();
  if (id === firmId) {
    const own = await readOwnFirm(request, id);
    return own && toFirm(own);
  }
  if (isUuid(id)) return null;
  const uuid = request.room.keys.ids.decode(firmId, 'Firm', id);
  const peer = await readAnyFirm(request, uuid);
  return peer && { ...toFirm(peer), id };
};
