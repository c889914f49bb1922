import { Directive, Field, ObjectType } from 'type-graphql';
import { ApiError } from '../errors.js';

/** The most a list gives at once; more is refused rather than cut. */
const LARGEST_PAGE = 100;

/** Counting further costs more than anybody needs: a total above says 10,001. */
export const LARGEST_TOTAL = 10_001;

@Directive('@shareable')
@ObjectType({ description: 'Where a page of a list begins and ends.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether there is more after this page.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether there is something before this page: true behind a cursor.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first item; null when the page is empty.' })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last item, for `after`; null when the page is empty.' })
  endCursor!: string | null;
}

/** Refuses a page size below 1 or above 100. */
export function demandPageSize(first: number): number {
  if (!Number.isInteger(first) || first < 1 || first > LARGEST_PAGE) throw new ApiError('BAD_USER_INPUT', `first must be from 1 to ${LARGEST_PAGE}.`);
  return first;
}

/** A cursor is the sort key of a row, so that a page stays where it is while rows come and go around it. */
export function encodeCursor(key: readonly (string | number | null)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** The sort key of a cursor, of `length` parts; a cursor that this API did not give is refused. */
export function decodeCursor(cursor: string, length: number): readonly (string | number | null)[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(key) && key.length === length && key.every((part) => part === null || typeof part === 'string' || typeof part === 'number')) {
      return key as (string | number | null)[];
    }
  } catch {
    // Falls through to the refusal: what is not JSON is no cursor of ours either.
  }
  throw wrongCursor();
}

/** The refusal of a cursor that this list did not give. */
export function wrongCursor(): ApiError {
  return new ApiError('BAD_USER_INPUT', 'after is not a cursor of this list.');
}

/** A page from `first + 1` rows: the one too many only says that there is more. */
export function toPage<Row>(rows: readonly Row[], first: number, after: string | undefined, cursorOf: (row: Row) => string): { nodes: Row[]; edges: { node: Row; cursor: string }[]; pageInfo: PageInfo } {
  const nodes = rows.slice(0, first);
  const edges = nodes.map((node) => ({ node, cursor: cursorOf(node) }));
  return {
    nodes,
    edges,
    pageInfo: {
      hasNextPage: rows.length > first,
      hasPreviousPage: after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
