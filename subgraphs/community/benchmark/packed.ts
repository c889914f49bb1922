/**
 * Arrays as PostgreSQL sends and takes them in binary: a head that says how many there are of which type, then each
 * element after its length, −1 for null. A closing reads and writes millions of figures; as texts they cost several times as much.
 */
const HEAD = 20;
const UUID = { oid: 2950, bytes: 16 };
const DOUBLE = { oid: 701, bytes: 8 };
const TEXT = 25;

/** Ids in a row, and where each stands; made once for as many arrays as hold the same ones. */
export interface IdList {
  readonly ids: readonly string[];
  readonly places: ReadonlyMap<string, number>;
  readonly packed: Buffer;
}

/**
 * Takes `uuid[]`s apart. Arrays of one customer mostly hold the same ids: the same bytes are the same list, as far as it
 * remembers, and an id is the same text each time.
 */
export class IdReader {
  readonly #texts = new Map<string, string>();
  #recent: IdList[] = [];

  /** `packed`: an array without nulls. */
  read(packed: Buffer): IdList {
    const known = this.#recent.find((list) => list.packed.equals(packed));
    if (known) return known;
    const ids: string[] = [];
    const places = new Map<string, number>();
    for (let place = 0, count = countOf(packed), at = HEAD + 4; place < count; place += 1, at += 4 + UUID.bytes) {
      const id = this.#textAt(packed, at);
      ids.push(id);
      places.set(id, place);
    }
    const list = { ids, places, packed };
    this.#recent = [list, ...this.#recent.slice(0, 3)];
    return list;
  }

  /** The packed form of these ids: the bytes that were read, if they were. */
  write(ids: readonly string[]): Buffer {
    const known = this.#recent.find((list) => list.ids === ids || (list.ids.length === ids.length && list.ids.every((id, place) => id === ids[place])));
    if (known) return known.packed;
    const packed = head(ids.length, UUID.oid, ids.length * (4 + UUID.bytes));
    for (const [place, id] of ids.entries()) {
      const at = HEAD + place * (4 + UUID.bytes);
      packed.writeInt32BE(UUID.bytes, at);
      packed.write(id.replaceAll('-', ''), at + 4, 'hex');
    }
    return packed;
  }

  #textAt(packed: Buffer, at: number): string {
    const bytes = packed.toString('latin1', at, at + UUID.bytes);
    let text = this.#texts.get(bytes);
    if (text === undefined) {
      const hex = packed.toString('hex', at, at + UUID.bytes);
      this.#texts.set(bytes, (text = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`));
    }
    return text;
  }
}

/** The numbers of a `double precision[]`; null is not a number. */
export function readNumbers(packed: Buffer): Float64Array {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const numbers = new Float64Array(countOf(packed));
  for (let place = 0, at = HEAD; place < numbers.length; place += 1) {
    const isNull = view.getInt32(at) < 0;
    numbers[place] = isNull ? NaN : view.getFloat64(at + 4);
    at += isNull ? 4 : 4 + DOUBLE.bytes;
  }
  return numbers;
}

export function writeNumbers(numbers: readonly (number | null)[]): Buffer {
  const packed = head(numbers.length, DOUBLE.oid, numbers.length * (4 + DOUBLE.bytes));
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  let at = HEAD;
  let nulls = 0;
  for (const number of numbers) {
    view.setInt32(at, number === null ? -1 : DOUBLE.bytes);
    if (number === null) nulls += 1;
    else view.setFloat64(at + 4, number);
    at += number === null ? 4 : 4 + DOUBLE.bytes;
  }
  if (nulls > 0) packed.writeInt32BE(1, 4);
  return numbers.length === 0 ? packed : packed.subarray(0, at);
}

/** A `text[]` without nulls. */
export function writeTexts(texts: readonly string[]): Buffer {
  const elements = texts.map((text) => Buffer.from(text));
  const packed = head(texts.length, TEXT, elements.reduce((sum, { length }) => sum + 4 + length, 0));
  let at = HEAD;
  for (const element of elements) {
    at = packed.writeInt32BE(element.length, at);
    at += element.copy(packed, at);
  }
  return packed;
}

/** Numbers by the ids of a list: the same as a map of those that are there, without making one. */
export class NumbersByFirm {
  /** Where the last one was found: firms are mostly asked for in the order of the list. */
  #at = 0;

  constructor(
    readonly list: IdList,
    /** Not a number: none. */
    readonly numbers: Float64Array,
  ) {}

  get(firmId: string): number | undefined {
    const place = this.#placeOf(firmId);
    const number = place === undefined ? NaN : this.numbers[place]!;
    return Number.isNaN(number) ? undefined : number;
  }

  has(firmId: string): boolean {
    return this.get(firmId) !== undefined;
  }

  #placeOf(firmId: string): number | undefined {
    const { ids, places } = this.list;
    if (ids[this.#at] === firmId) return this.#at;
    const place = ids[this.#at + 1] === firmId ? this.#at + 1 : places.get(firmId);
    if (place !== undefined) this.#at = place;
    return place;
  }
}

/** COPY's binary format begins with its name, flags and the length of an extension that nobody has. */
const COPY_HEAD = 19;

/** Each column as PostgreSQL sends it in binary; null for null. */
export type PackedRow = readonly (Buffer | null)[];

/** Takes the rows out of COPY's binary format while its bytes come. */
export class RowReader {
  #unread: Buffer = Buffer.alloc(0);
  #isBegun = false;

  /** The rows that are whole now. */
  read(chunk: Buffer): readonly PackedRow[] {
    const bytes = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
    let at = 0;
    if (!this.#isBegun && bytes.length >= COPY_HEAD) {
      this.#isBegun = true;
      at = COPY_HEAD;
    }
    const rows: PackedRow[] = [];
    for (let row = this.#isBegun ? rowAt(bytes, at) : undefined; row; row = rowAt(bytes, at)) {
      rows.push(row.columns);
      at = row.end;
    }
    this.#unread = bytes.subarray(at);
    return rows;
  }
}

function rowAt(bytes: Buffer, start: number): { readonly columns: PackedRow; readonly end: number } | undefined {
  if (bytes.length < start + 2) return undefined;
  const columns: (Buffer | null)[] = [];
  let at = start + 2;
  const count = bytes.readInt16BE(start);
  // Its last word: there are no more.
  if (count < 0) return undefined;
  while (columns.length < count) {
    if (bytes.length < at + 4) return undefined;
    const length = bytes.readInt32BE(at);
    at += 4;
    if (length >= 0 && bytes.length < at + length) return undefined;
    columns.push(length < 0 ? null : bytes.subarray(at, at + length));
    at += Math.max(length, 0);
  }
  return { columns, end: at };
}

/** An empty array has no dimension. */
function countOf(packed: Buffer): number {
  return packed.readInt32BE(0) === 0 ? 0 : packed.readInt32BE(12);
}

/** The head of an array, with room for its elements. */
function head(count: number, oid: number, bytes: number): Buffer {
  if (count === 0) {
    const empty = Buffer.alloc(12);
    empty.writeInt32BE(oid, 8);
    return empty;
  }
  const packed = Buffer.allocUnsafe(HEAD + bytes);
  packed.writeInt32BE(1, 0);
  packed.writeInt32BE(0, 4);
  packed.writeInt32BE(oid, 8);
  packed.writeInt32BE(count, 12);
  packed.writeInt32BE(1, 16);
  return packed;
}
