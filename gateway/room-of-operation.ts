import { getOperationAST, Kind, OperationTypeNode, TypeInfo, visit, visitWithTypeInfo, type DirectiveNode, type DocumentNode, type GraphQLSchema } from 'graphql';
import { ROOMS, type RoomName } from '../src/rooms.js';

/** Which rooms can answer a field of a type by themselves, as the composed supergraph says it. */
export class FieldRooms {
  /** By type, then by field; the empty name stands for the type itself. */
  readonly #rooms = new Map<string, Map<string, ReadonlySet<RoomName>>>();

  /** `supergraph`: the composed schema with its join directives, parsed. */
  constructor(supergraph: DocumentNode) {
    for (const definition of supergraph.definitions) {
      if (!('name' in definition) || !definition.name || !('directives' in definition)) continue;
      const ofType = new Set(argumentsOf(definition.directives, 'join__type').flatMap((given) => roomNamed(given.get('graph'))));
      const fields = new Map<string, ReadonlySet<RoomName>>([['', ofType]]);
      if (definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION) {
        for (const field of definition.fields ?? []) {
          const joins = argumentsOf(field.directives, 'join__field');
          // A field that needs another room's, or has another type there, is the planner's business.
          const alone = joins.filter((given) => [...given.keys()].every((name) => name === 'graph'));
          fields.set(field.name.value, joins.length === 0 ? ofType : new Set(alone.flatMap((given) => roomNamed(given.get('graph')))));
        }
      }
      this.#rooms.set(definition.name.value, fields);
    }
  }

  find(type: string, field = ''): ReadonlySet<RoomName> {
    return this.#rooms.get(type)?.get(field) ?? new Set();
  }
}

function argumentsOf(directives: readonly DirectiveNode[] | undefined, name: string): Map<string, string>[] {
  return (directives ?? []).filter((directive) => directive.name.value === name)
    .map((directive) => new Map(directive.arguments?.map(({ name: { value }, value: given }) => [value, 'value' in given ? String(given.value) : ''])));
}

function roomNamed(graph: string | undefined): RoomName[] {
  return ROOMS.filter((room) => room.toUpperCase() === graph);
}

/** The gateway itself has to hear of what identity changes. */
const WITHOUT_SESSIONS: ReadonlySet<RoomName> = new Set(ROOMS.filter((room) => room !== 'identity'));

/**
 * The room that can answer the whole of a valid operation, so that its document can be handed to it as it is; `undefined` when
 * more than one is needed, or when the gateway itself has part in the answer: introspection, what may end a session, streamed parts.
 */
export function roomOfOperation(document: DocumentNode, operationName: string | undefined, schema: GraphQLSchema, rooms: FieldRooms): RoomName | undefined {
  const operation = getOperationAST(document, operationName);
  if (!operation) return undefined;
  let common: ReadonlySet<RoomName> = new Set(ROOMS);
  const keep = (those: ReadonlySet<RoomName>): void => {
    common = common.intersection(those);
  };
  const types = new TypeInfo(schema);
  visit(document, visitWithTypeInfo(types, {
    Field(field) {
      const name = field.name.value;
      const parent = types.getParentType();
      if (name !== '__typename') keep(parent ? rooms.find(parent.name, name) : new Set());
    },
    NamedType({ name: { value } }, _key, parent) {
      // A condition on a type that a room does not have is no valid document there.
      if (parent && 'kind' in parent && (parent.kind === Kind.INLINE_FRAGMENT || parent.kind === Kind.FRAGMENT_DEFINITION)) keep(rooms.find(value));
    },
    Directive({ name: { value } }) {
      if (value !== 'skip' && value !== 'include') keep(new Set());
    },
  }));
  if (operation.operation === OperationTypeNode.MUTATION) keep(WITHOUT_SESSIONS);
  return common.size === 1 ? [...common][0] : undefined;
}
