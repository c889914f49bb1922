import { buildClientSchema, getIntrospectionQuery, getNamedType, isEnumType, isInputObjectType, isInterfaceType, isListType, isNonNullType, isObjectType, isRequiredArgument, isRequiredInputField, isUnionType, type GraphQLField, type GraphQLInputType, type GraphQLNamedType, type GraphQLOutputType, type GraphQLSchema, type IntrospectionQuery } from 'graphql';
import { dataOf, type Door } from './door.js';
import type { DoorWorld } from './world.js';

/** The schema as a client gets it by asking for it. */
export async function askSchema(world: DoorWorld, door: Door): Promise<GraphQLSchema> {
  return buildClientSchema(await dataOf<IntrospectionQuery>(door(world.eve, getIntrospectionQuery({ descriptions: false }))));
}

/** A field of a root type that somewhere takes an id. */
export interface IdField {
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly name: string;
  /** A document with the one variable `$id`, which stands wherever the field takes an id. */
  readonly document: string;
}

/** Ids that a client makes up itself. */
const OWN_WORDS = new Set(['clientId']);

/** Every field of the API that takes the id of an object, each as an operation whose other values are good enough to be let in. */
export function idFieldsOf(schema: GraphQLSchema): readonly IdField[] {
  const roots = [['query', schema.getQueryType()], ['mutation', schema.getMutationType()], ['subscription', schema.getSubscriptionType()]] as const;
  return roots.flatMap(([kind, root]) =>
    Object.values(root?.getFields() ?? {}).flatMap((field) => {
      const given = field.args.filter((arg) => isRequiredArgument(arg) || takesId(arg.name, arg.type, new Set())).map((arg) => `${arg.name}: ${literalOf(arg.name, arg.type)}`);
      const text = given.join(', ');
      if (!text.includes('$id')) return [];
      return [{ kind, name: field.name, document: `${kind} ($id: ID!) { ${field.name}(${text}) ${selectionOf(field.type, 3)} }` }];
    }),
  );
}

function takesId(name: string, type: GraphQLInputType, open: ReadonlySet<string>): boolean {
  const named = getNamedType(type);
  if (named.name === 'ID') return !OWN_WORDS.has(name);
  if (!isInputObjectType(named) || open.has(named.name)) return false;
  return Object.values(named.getFields()).some((field) => takesId(field.name, field.type, new Set([...open, named.name])));
}

/** A value that a field accepts: `$id` for an id, else the plainest there is. */
function literalOf(name: string, type: GraphQLInputType): string {
  if (isNonNullType(type)) return literalOf(name, type.ofType);
  if (isListType(type)) return `[${literalOf(name, type.ofType)}]`;
  const named = getNamedType(type);
  if (isEnumType(named)) return named.getValues()[0]!.name;
  if (isInputObjectType(named)) {
    const fields = Object.values(named.getFields());
    const ids = fields.filter((field) => takesId(field.name, field.type, new Set([named.name])));
    // Of alternatives one is given.
    const chosen = named.isOneOf ? ids.slice(0, 1) : fields.filter((field) => isRequiredInputField(field) || ids.includes(field));
    return `{ ${chosen.map((field) => `${field.name}: ${literalOf(field.name, field.type)}`).join(', ')} }`;
  }
  if (named.name === 'ID') return OWN_WORDS.has(name) ? '"a-word-of-mine"' : '$id';
  if (named.name === 'Int') return '1';
  if (named.name === 'Float') return '1.0';
  if (named.name === 'Boolean') return 'true';
  if (named.name === 'Date') return '"2026-11-30"';
  if (named.name === 'DateTime') return '"2026-11-30T12:00:00Z"';
  if (name === 'currency') return '"EUR"';
  if (/amount|value/i.test(name)) return '"1.00"';
  return '"x"';
}

/** Everything that can be asked of a type without arguments, so many levels deep. */
export function selectionOf(type: GraphQLOutputType | GraphQLNamedType, levels: number): string {
  const named = getNamedType(type as GraphQLOutputType);
  if (isUnionType(named) || isInterfaceType(named)) return '{ __typename }';
  if (!isObjectType(named)) return '';
  const fields = Object.values(named.getFields()).filter((field: GraphQLField<unknown, unknown>) => !field.args.some((arg) => isRequiredArgument(arg)) && (levels > 1 || !isObjectType(getNamedType(field.type))));
  return `{ __typename ${fields.map((field) => `${field.name} ${selectionOf(field.type, levels - 1)}`).join(' ')} }`;
}
