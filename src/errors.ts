import { GraphQLError } from 'graphql';

/** Codes of top-level errors (`extensions.code`). A client may rely on them. */
export const API_ERROR_CODES = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'BAD_USER_INPUT',
  'RATE_LIMITED',
  'QUERY_TOO_COMPLEX',
  'CONFLICT',
  'UNAVAILABLE',
  'INTERNAL',
] as const;
export type ApiErrorCode = (typeof API_ERROR_CODES)[number];

/** Codes of expected refusals of a mutation (`userErrors { code }`). */
export const USER_ERROR_CODES = [
  'INVALID',
  'REQUIRED',
  'TAKEN',
  'NOT_FOUND',
  'NOT_ALLOWED',
  'CONFLICT',
  'LIMIT_REACHED',
  'EXPIRED',
] as const;
export type UserErrorCode = (typeof USER_ERROR_CODES)[number];

/** An error that the client sees as it is: its message names nothing that the client could not know. */
export class ApiError extends GraphQLError {
  constructor(code: ApiErrorCode, message: string) {
    super(message, { extensions: { code } });
  }
}

/** An expected refusal. A mutation answers it as data; `path` names the input field. */
export class Refusal extends Error {
  constructor(
    readonly code: UserErrorCode,
    override readonly message: string,
    readonly path: readonly string[] = [],
  ) {
    super(message);
  }
}

export interface UserError {
  readonly code: UserErrorCode;
  readonly message: string;
  readonly path: readonly string[];
}

/** Runs a use case for a mutation: what it refuses becomes `userErrors` beside the empty payload. */
export async function answer<Payload extends object>(
  empty: Payload,
  work: () => Promise<Payload>,
): Promise<Payload & { userErrors: readonly UserError[] }> {
  try {
    return { ...(await work()), userErrors: [] };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ...empty, userErrors: [{ code: error.code, message: error.message, path: error.path }] };
  }
}

/** The object is unknown, malformed or another firm's: one answer for all three. */
export function notFound(path: readonly string[]): Refusal {
  return new Refusal('NOT_FOUND', 'There is no such object.', path);
}

/** Holds what the program itself guarantees. A failure is a bug: masked to the client, logged with the request id. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${message}`);
}
