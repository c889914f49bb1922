import type { IncomingMessage, ServerResponse } from 'node:http';
import { getOperationAST, GraphQLError, Kind, OperationTypeNode, parse, specifiedRules, validate, visit, type DocumentNode, type ExecutionResult, type GraphQLSchema } from 'graphql';
import type { RoomName } from '../src/rooms.js';
import type { Asking } from '../src/server/request.js';
import type { Settings } from '../src/settings.js';
import type { Reaches } from './ask-room.js';
import type { Authenticator } from './authenticate.js';
import { limitsRule, limitTokens } from './limits.js';
import { roomOfOperation, type FieldRooms } from './room-of-operation.js';
import { runInRoom } from './subgraph-transports.js';

/** Larger requests go the whole way at once. In bytes. */
const LARGEST_BODY = 16 * 1024;
/** Documents that are remembered, those that have no shortcut among them. */
const MOST_DOCUMENTS = 500;

/** What a request said, when the shortcut is not for it: an operation, or the bytes of whatever else it is. */
export type Untaken = object | Buffer;

interface Whole {
  readonly room: RoomName;
  readonly document: DocumentNode;
  readonly operationType: OperationTypeNode;
  /** What the answer calls its first field. */
  readonly firstKey: string;
}

/** An operation with nothing about it but its text, its name and its variables. */
export interface Asked {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Record<string, unknown> | undefined;
}

/**
 * Answers operations that one room answers whole, without the planner's work in between: the document was found valid and
 * within the limits once, by the same rules as on the whole way, and goes to its room as it is. Whatever is not a clean
 * answer is given by the whole way again; queries change nothing, so asking twice does no harm. A mutation is asked once: its
 * errors are told as the whole way tells them.
 */
export class Shortcut {
  readonly #settings: Settings;
  readonly #schema: GraphQLSchema;
  readonly #rooms: FieldRooms;
  readonly #reaches: Reaches;
  readonly #authenticator: Authenticator;
  /** By operation name and text. `seen`: met once; a document is looked into when it comes again. `none`: it has no shortcut. */
  readonly #documents = new Map<string, Whole | 'seen' | 'none'>();

  constructor(settings: Settings, schema: GraphQLSchema, rooms: FieldRooms, reaches: Reaches, authenticator: Authenticator) {
    this.#settings = settings;
    this.#schema = schema;
    this.#rooms = rooms;
    this.#reaches = reaches;
    this.#authenticator = authenticator;
  }

  /** Whether the shortcut may be for this request, before anything of it is read. */
  isFor({ method, url, headers }: IncomingMessage): boolean {
    const length = Number(headers['content-length']);
    return method === 'POST' && url === '/graphql' && headers.authorization !== undefined && length > 0 && length <= LARGEST_BODY && contentTypeFor(headers.accept) !== undefined
      && headers['content-encoding'] === undefined && (headers.origin === undefined || this.#settings.allowedOrigins.length === 0);
  }

  /** Answers the request; returns it as it came when it has to go the whole way. */
  async answer(incoming: IncomingMessage, response: ServerResponse): Promise<Untaken | undefined> {
    const bytes = await readAll(incoming);
    const parsed = parseObject(bytes);
    const asked = parsed && plainOperation(parsed);
    if (!asked) return bytes;
    const whole = this.#find(asked);
    if (!whole || whole.operationType === OperationTypeNode.SUBSCRIPTION) return parsed;
    const asking = await this.#askingOf(incoming);
    const answered = asking && (await this.#run(whole, asked, asking));
    if (!answered) return parsed;
    const body = JSON.stringify(answered);
    response.writeHead(200, { 'content-type': contentTypeFor(incoming.headers.accept)!, 'content-length': Buffer.byteLength(body) });
    response.end(body);
    return undefined;
  }

  /** Runs an operation for whom it was found out already; `undefined` when it has to go the whole way. */
  async run(asked: Asked, asking: Asking): Promise<ExecutionResult | AsyncIterable<ExecutionResult> | undefined> {
    const whole = this.#find(asked);
    return whole && this.#run(whole, asked, asking);
  }

  async #askingOf({ headers }: IncomingMessage): Promise<Asking | undefined> {
    const requestId = crypto.randomUUID();
    const bearer = await this.#authenticator.authenticate(headers.authorization, requestId).catch(() => undefined);
    return bearer && { asker: bearer.asker, requestId, origin: this.#settings.publicUrl ?? new URL(`http://${headers.host}`).origin };
  }

  async #run({ room, document, operationType, firstKey }: Whole, { operationName, variables }: Asked, asking: Asking): Promise<ExecutionResult | AsyncIterable<ExecutionResult> | undefined> {
    const result = await runInRoom(room, this.#reaches[room], { document, variables, operationName, operationType }, asking);
    if (Symbol.asyncIterator in result) return result;
    const { data, errors } = result;
    if (!errors) return { data: data! };
    if (data === undefined) {
      // A room that let its client wait is not asked again.
      const late = errors.find(({ extensions }) => extensions['code'] === 'UNAVAILABLE');
      if (late) return { errors: [new GraphQLError(late.message, { path: [firstKey], extensions: { code: 'UNAVAILABLE', requestId: asking.requestId } })] };
    }
    // Without data, and not about a field either, nothing of it ran.
    const mayHaveRun = data !== undefined || errors.some(({ path }) => path);
    return operationType === OperationTypeNode.MUTATION && mayHaveRun ? withoutPlaces(result) : undefined;
  }

  #find({ query, operationName }: Asked): Whole | undefined {
    const key = `${operationName ?? ''} ${query}`;
    const known = this.#documents.get(key);
    // Moved behind all others, so that the first is always the one that was not asked for longest.
    if (known) this.#documents.delete(key);
    else if (this.#documents.size >= MOST_DOCUMENTS) this.#documents.delete(this.#documents.keys().next().value!);
    // Who subscribes stays for long, and comes back: the way is found at once.
    const isFirst = known === undefined && !/\bsubscription\b/.test(query);
    const found = known === undefined || known === 'seen' ? (isFirst ? 'seen' : (this.#look(query, operationName) ?? 'none')) : known;
    this.#documents.set(key, found);
    return typeof found === 'string' ? undefined : found;
  }

  #look(query: string, operationName: string | undefined): Whole | undefined {
    try {
      const document = limitTokens(parse)(query) as DocumentNode;
      if (validate(this.#schema, document, [...specifiedRules, limitsRule]).length > 0) return undefined;
      const room = roomOfOperation(document, operationName, this.#schema, this.#rooms);
      const operation = getOperationAST(document, operationName);
      if (operation?.operation === OperationTypeNode.MUTATION && hasLiterals(document)) return undefined;
      const first = operation?.selectionSet.selections[0];
      return room && first?.kind === Kind.FIELD ? { room, document, operationType: operation!.operation, firstKey: first.alias?.value ?? first.name.value } : undefined;
    } catch {
      // Beyond the limits, or no GraphQL: the whole way says so.
      return undefined;
    }
  }
}

/** What is answered to whom: plain JSON, unless the client would rather have something else than that first. */
function contentTypeFor(accept: string | undefined): string | undefined {
  if (accept === undefined || accept === '*/*' || /^application\/json\s*(?:,|$)/.test(accept)) return 'application/json; charset=utf-8';
  return /^application\/graphql-response\+json\s*(?:,|$)/.test(accept) ? 'application/graphql-response+json; charset=utf-8' : undefined;
}

async function readAll(incoming: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.once('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    incoming.once('error', reject);
  });
}

function parseObject(bytes: Buffer): object | undefined {
  try {
    const parsed = JSON.parse(bytes.toString()) as unknown;
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether a text or a number stands in the document itself. One that is wrong is told in other words when its room finds it
 * while it runs, and a mutation that has begun to run is not asked again; what is wrong in variables is found before.
 */
function hasLiterals(document: DocumentNode): boolean {
  let found = false;
  const meet = (): void => void (found = true);
  visit(document, { StringValue: meet, IntValue: meet, FloatValue: meet });
  return found;
}

/** As the whole way tells it: where in the document an error came about says its path, and no data is not null. */
function withoutPlaces({ data, errors }: ExecutionResult): ExecutionResult {
  return { ...(data && { data }), errors: errors!.map(({ message, path, extensions }) => new GraphQLError(message, { path: path ?? null, extensions })) };
}

/** An operation with nothing about it but its text, its name and its variables. */
function plainOperation(parsed: object): Asked | undefined {
  const { query, operationName, variables, ...others } = parsed as Record<string, unknown>;
  if (typeof query !== 'string' || Object.keys(others).length > 0) return undefined;
  if (typeof (operationName ?? '') !== 'string' || typeof (variables ?? {}) !== 'object' || Array.isArray(variables)) return undefined;
  return { query, operationName: (operationName as string | null | undefined) ?? undefined, variables: (variables as Record<string, unknown> | null | undefined) ?? undefined };
}
