import type { GraphQLFieldResolver } from 'graphql';
import { getMetadataStorage } from 'type-graphql';
import { invariant } from '../errors.js';
import type { Request } from './request.js';

type Resolve = GraphQLFieldResolver<unknown, Request, Record<string, unknown>>;
type Metadata = ReturnType<typeof getMetadataStorage>;
type Method = Metadata['queries'][number] | Metadata['fieldResolvers'][number];
type Parameter = NonNullable<Method['params']>[number];
type Instance = Readonly<Record<string, (...parameters: unknown[]) => unknown>>;

/**
 * Resolvers, by type and field, of the queries and fields whose methods take nothing but the parent, the request and
 * arguments as they are. type-graphql's own make an object of the parent's class for every field, and wait for the
 * validation of every argument; no room has use for either, and a page of customers asks for hundreds of fields. What
 * has a middleware, a role or an input object is left to type-graphql. The schema must have been built.
 */
export function plainResolvers(resolvers: readonly (new () => object)[]): ReadonlyMap<string, Readonly<Record<string, Resolve>>> {
  const metadata = getMetadataStorage();
  const instances = new Map<unknown, Instance>(resolvers.map((resolver) => [resolver, new resolver() as Instance]));
  const found = new Map<string, Record<string, Resolve>>();
  const add = (type: string, method: Method): void => {
    const instance = instances.get(method.target);
    if (!instance || method.middlewares?.length || method.roles) return;
    invariant(method.params, 'the schema is built first: only then a method knows its parameters');
    const takes = method.params.toSorted((one, other) => one.index - other.index).flatMap((parameter) => takeOf(parameter, metadata) ?? []);
    if (takes.length < method.params.length) return;
    found.set(type, { ...found.get(type), [method.schemaName]: (parent, given, request) => instance[method.methodName]!(...takes.map((take) => take(parent, given, request))) });
  };
  for (const query of metadata.queries) add('Query', query);
  for (const field of metadata.fieldResolvers) {
    const type = metadata.objectTypes.find(({ target }) => target === field.getObjectType?.());
    invariant(type, 'a field is resolved of an object type');
    add(type.name, field);
  }
  return found;
}

/** Takes one parameter of a method from what a field is resolved with. */
type Take = (parent: unknown, given: Record<string, unknown>, request: Request) => unknown;

function takeOf(parameter: Parameter, { inputTypes }: Metadata): Take | undefined {
  if (parameter.kind === 'context' && parameter.propertyName === undefined) return (_parent, _given, request) => request;
  if (parameter.kind === 'root' && parameter.propertyName === undefined) return (parent) => parent;
  if (parameter.kind !== 'arg' || inputTypes.some(({ target }) => target === parameter.getType())) return undefined;
  return (_parent, given) => given[parameter.name];
}
