/**
 * Arrays as PostgreSQL sends them in binary (`array_send`): a head that says how many there are, then each element after
 * its length, −1 for null. A closing reads millions of figures; as text each would cost ten times as much.
 */
const HEAD = 20;

/** The numbers of a `double precision[]`. */
export function unpackNumbers(packed: Buffer): (number | null)[] {
  const numbers: (number | null)[] = [];
  const count = countOf(packed);
  for (let index = 0, at = HEAD; index < count; index += 1) {
    const isNull = packed.readInt32BE(at) < 0;
    numbers.push(isNull ? null : packed.readDoubleBE(at + 4));
    at += isNull ? 4 : 12;
  }
  return numbers;
}

/** The ids of a `uuid[]` without nulls. `known` keeps the text of each by its bytes, so that it is made once. */
export function unpackIds(packed: Buffer, known: Map<string, string>): string[] {
  const ids: string[] = [];
  const count = countOf(packed);
  for (let index = 0; index < count; index += 1) {
    const at = HEAD + index * 20 + 4;
    const bytes = packed.toString('latin1', at, at + 16);
    let id = known.get(bytes);
    if (id === undefined) {
      const hex = packed.toString('hex', at, at + 16);
      known.set(bytes, (id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`));
    }
    ids.push(id);
  }
  return ids;
}

/** An empty array has no dimension. */
function countOf(packed: Buffer): number {
  return packed.readInt32BE(0) === 0 ? 0 : packed.readInt32BE(12);
}
