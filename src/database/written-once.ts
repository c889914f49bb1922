import { sql, type CompiledQuery, type RawBuilder } from 'kysely';
import type { Reader } from './firm-reads.js';

/** Stands for a value where a statement is made into text. */
class Named {
  constructor(readonly name: string) {}
}

/**
 * A statement that is put together once, by its first use; only its values change. To put a long one together costs several
 * times what is left to do for it here. `write` gets what stands for a value by its name.
 */
export function writtenOnce<Values extends object, Row>(write: (value: (name: keyof Values & string) => RawBuilder<unknown>) => RawBuilder<Row>): (em: Reader, values: Values) => Promise<readonly Row[]> {
  let written: CompiledQuery<Row> | undefined;
  return async (em, values) => {
    const provider = em.getKysely<unknown>();
    written ??= write((name) => sql`${new Named(name)}`).compile(provider);
    const named = values as Readonly<Record<string, unknown>>;
    const parameters = written.parameters.map((parameter) => (parameter instanceof Named ? named[parameter.name] : parameter));
    return (await provider.getExecutor().executeQuery<Row>({ ...written, parameters })).rows;
  };
}
