import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createGatewayRuntime, type GatewayPlugin, type GatewayRuntime } from '@graphql-hive/gateway-runtime';
import { unifiedGraphHandler } from '@graphql-hive/router-runtime';
import { getOperationAST, GraphQLError, Kind, parse, type DocumentNode, type ExecutionResult } from 'graphql';
import { mapStream } from '../src/server/map-stream.js';
import { maskError } from '../src/server/mask-errors.js';
import type { Asking } from '../src/server/request.js';
import type { Log } from '../src/log.js';
import type { Settings } from '../src/settings.js';
import type { Reaches } from './ask-room.js';
import type { Authenticator, Bearer } from './authenticate.js';
import { guardSubscription } from './guard-subscription.js';
import { limitsRule, limitTokens } from './limits.js';
import { FieldRooms } from './room-of-operation.js';
import { Shortcut } from './shortcut.js';
import type { Params } from './sockets/protocol.js';
import { subgraphTransports } from './subgraph-transports.js';

/** What the plugins below add to the context of an operation. */
interface Context {
  asking: Asking | undefined;
  bearer: Bearer | undefined;
  request: Request;
}

/** The file that `npm run schema` composes, beside the compiled program's parent. */
const SUPERGRAPH = join(import.meta.dirname, '..', '..', 'schema', 'supergraph.graphql');

/** The one public door, and the short way through it. */
export interface Gateway {
  readonly runtime: GatewayRuntime;
  readonly shortcut: Shortcut;
  /** Runs an operation of a client that has been found out already; its errors are what the client may see. */
  run(params: Params, asking: Asking): Promise<ExecutionResult | AsyncIterable<ExecutionResult>>;
}

export async function createGateway(settings: Settings, reaches: Reaches, authenticator: Authenticator, log: Log): Promise<Gateway> {
  const supergraph = await readFile(SUPERGRAPH, 'utf8');
  const runtime = createGatewayRuntime({
    supergraph,
    unifiedGraphHandler,
    transports: subgraphTransports(reaches),
    graphqlEndpoint: '/graphql',
    graphiql: false,
    landingPage: false,
    logging: false,
    maskedErrors: false,
    subgraphErrors: false,
    requestId: false,
    cors: settings.allowedOrigins.length > 0 ? { origin: [...settings.allowedOrigins], methods: ['POST', 'GET'] } : false,
    plugins: () => [asking(authenticator, settings), endings(authenticator), limits(), answers(log), guardedSubscriptions()] as unknown as GatewayPlugin[],
  });
  // Before it listens: the first operation over a WebSocket would find no schema.
  const schema = await runtime.getSchema();
  const shortcut = new Shortcut(settings, schema, new FieldRooms(parse(supergraph)), reaches, authenticator);
  return {
    runtime,
    shortcut,
    async run(params, asking) {
      const { query, operationName, variables, extensions } = params;
      const isPlain = extensions == null || Object.keys(extensions).length === 0;
      const answered = isPlain ? await shortcut.run({ query, operationName: operationName ?? undefined, variables: variables ?? undefined }, asking) : undefined;
      if (answered) return answered;
      const request = new Request(`${asking.origin}/graphql`, { method: 'POST' });
      const context = { asking, bearer: undefined, params, request, waitUntil: runtime.waitUntil };
      return (await runtime.getResultForParams({ params: params as never, request }, context as never)) as ExecutionResult | AsyncIterable<ExecutionResult>;
    },
  };
}

/** Establishes who asks, once an operation. */
function asking(authenticator: Authenticator, settings: Settings): GatewayPlugin {
  return {
    async onContextBuilding({ context, extendContext }: { context: unknown; extendContext: (part: unknown) => void }) {
      const { request, asking: known } = context as Context;
      // A WebSocket has found out who asks, and looks after it as long as it is open.
      if (known) return;
      const requestId = crypto.randomUUID();
      const origin = settings.publicUrl ?? new URL(request.url).origin;
      extendContext({ asking: { asker: undefined, requestId, origin }, bearer: undefined });
      const bearer = await authenticator.authenticate(request.headers.get('authorization'), requestId);
      extendContext({ asking: { asker: bearer?.asker, requestId, origin }, bearer });
    },
  } as GatewayPlugin;
}

/** What may end a session or a key. A refresh token met twice ends its session. */
const ENDINGS: ReadonlySet<string> = new Set(['sessionRevoke', 'sessionRefresh', 'apiKeyRevoke']);

/** Has what was revoked through this gateway end at once, not when its memory does. */
function endings(authenticator: Authenticator): GatewayPlugin {
  return {
    onExecute({ args }: { args: { document: DocumentNode; operationName?: string | null } }) {
      const operation = getOperationAST(args.document, args.operationName);
      // A mutation may name its fields in a fragment.
      const mayEnd = operation?.operation === 'mutation' && operation.selectionSet.selections.some((selection) => selection.kind !== Kind.FIELD || ENDINGS.has(selection.name.value));
      return mayEnd ? { onExecuteDone: () => authenticator.forget() } : undefined;
    },
  } as unknown as GatewayPlugin;
}

/** Refuses documents that cost too much before anything of them runs. */
function limits(): GatewayPlugin {
  return {
    onParse({ setParseFn, parseFn }: { setParseFn: (parse: unknown) => void; parseFn: (source: unknown, options?: object) => unknown }) {
      setParseFn(limitTokens(parseFn));
    },
    onValidate({ addValidationRule }: { addValidationRule: (rule: unknown) => void }) {
      addValidationRule(limitsRule);
    },
  } as GatewayPlugin;
}

/** Gives every error its code and its request id, whatever made it. */
function answers(log: Log): GatewayPlugin {
  const maskAll = (result: ExecutionResult, requestId: string): ExecutionResult => (result.errors ? { ...result, errors: result.errors.map((error) => withStatus(maskError(error, requestId, log), error)) } : result);
  return {
    onExecutionResult({ result, setResult, context }: { result: unknown; setResult: (result: unknown) => void; context: Context }) {
      const requestId = context.asking?.requestId ?? crypto.randomUUID();
      if (isStream(result)) setResult(mapStream(result, (one) => maskAll(one, requestId)));
      else if (result) setResult(maskAll(result as ExecutionResult, requestId));
    },
    // What was refused before there was an operation: no JSON, a batch, a token that is not good.
    onResultProcess({ result, setResult }: { result: unknown; setResult: (result: unknown) => void }) {
      if (isStream(result) || !(result as ExecutionResult | undefined)?.errors?.some(({ extensions }) => !extensions?.['requestId'])) return;
      // Here even a client of plain JSON gets the status: there is no operation whose result could say it.
      const { errors = [] } = result as ExecutionResult;
      const requestId = crypto.randomUUID();
      setResult({ errors: errors.map((error) => withStatus(maskError(error, requestId, log), error, false)) });
    },
  } as unknown as GatewayPlugin;
}

/**
 * Keeps the HTTP status that the server put beside an error; it goes into the response's head, not into the answer. `spec`:
 * whether a client that accepts plain JSON gets 200 instead, as GraphQL over HTTP has it.
 */
function withStatus(masked: GraphQLError, { extensions }: GraphQLError, spec = true): GraphQLError {
  const given = extensions?.['http'] as { spec?: boolean } | undefined;
  const http = given && { ...given, spec: spec && given.spec === true };
  return http ? new GraphQLError(masked.message, { path: masked.path ?? null, nodes: masked.nodes ?? null, extensions: { ...masked.extensions, http } }) : masked;
}

/** Ends a subscription soon after its asker may no longer see it. */
function guardedSubscriptions(): GatewayPlugin {
  return {
    onSubscribe({ args }: { args: { contextValue: Context } }) {
      return {
        onSubscribeResult({ result, setResult }: { result: unknown; setResult: (result: unknown) => void }) {
          const { bearer } = args.contextValue;
          if (bearer && isStream(result)) setResult(guardSubscription(result, bearer));
        },
      };
    },
  } as unknown as GatewayPlugin;
}

function isStream(result: unknown): result is AsyncIterable<ExecutionResult> {
  return typeof result === 'object' && result !== null && Symbol.asyncIterator in result;
}
