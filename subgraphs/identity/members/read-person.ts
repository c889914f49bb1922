import { sql } from 'kysely';
import { invariant } from '../../../src/errors.js';
import type { Request } from '../../../src/server/request.js';

/** A person as the firm's members see each other. */
export interface PersonRead {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly locale: string;
}

/** One of the asker's firm's own people. */
export async function readPerson(request: Request, id: string): Promise<PersonRead> {
  const { rows } = await request.read((reader) => sql<PersonRead>`select id, name, email, locale from identity.person where id = ${id}`.execute(reader.getKysely<unknown>()));
  const [person] = rows;
  invariant(person, 'an asker is a person of their firm');
  return person;
}
