import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Kind, parse, print, type DocumentNode, type InputValueDefinitionNode } from 'graphql';
import { ROOMS } from '../../src/rooms.js';
import { SUBGRAPHS } from '../../subgraphs/all.js';
import { ROOT } from './sources.js';

/** The contract with the front ends. Where it does not lie beside the checkout, its test is skipped. */
const CONTRACT = join(ROOT, '..', 'shared', 'contract.graphql');
const withContract = existsSync(CONTRACT) ? test : test.skip;

/** What the contract names and is still to come. A name here that exists by now is reported: the list only shrinks. */
const STILL_TO_COME: ReadonlySet<string> = new Set([
  'AdmissionStep.SECOND_FACTOR',
]);

/** A schema as one line a fact: `Type.field` → its arguments with defaults and its type; `extend type` is merged. */
function factsOf(document: DocumentNode): Map<string, string> {
  const facts = new Map<string, string>();
  const written = ({ type, defaultValue }: InputValueDefinitionNode): string => print(type) + (defaultValue ? ` = ${print(defaultValue)}` : '');
  for (const definition of document.definitions) {
    switch (definition.kind) {
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.OBJECT_TYPE_EXTENSION:
        facts.set(definition.name.value, 'type');
        for (const field of definition.fields ?? []) {
          const name = `${definition.name.value}.${field.name.value}`;
          facts.set(name, print(field.type));
          for (const argument of field.arguments ?? []) facts.set(`${name}(${argument.name.value})`, written(argument));
        }
        break;
      case Kind.INPUT_OBJECT_TYPE_DEFINITION:
        facts.set(definition.name.value, ['input', ...(definition.directives ?? []).map(print)].join(' '));
        for (const field of definition.fields ?? []) facts.set(`${definition.name.value}.${field.name.value}`, written(field));
        break;
      case Kind.ENUM_TYPE_DEFINITION:
        facts.set(definition.name.value, 'enum');
        for (const value of definition.values ?? []) facts.set(`${definition.name.value}.${value.name.value}`, 'value');
        break;
      case Kind.UNION_TYPE_DEFINITION:
        facts.set(definition.name.value, `union ${(definition.types ?? []).map(print).toSorted().join(' | ')}`);
        break;
      case Kind.SCALAR_TYPE_DEFINITION:
        facts.set(definition.name.value, 'scalar');
        break;
      default:
    }
  }
  return facts;
}

/** Whether `fact`, or the type or field it is part of, is in `list`. */
function isIn(fact: string, list: ReadonlySet<string>): boolean {
  return list.has(fact) || list.has(fact.replace(/\(.*/, '')) || list.has(fact.split('.')[0]!);
}

/** Where the API says otherwise than the contract, lacks a part of it, or holds what the list says is still to come. */
function differences(contract: DocumentNode, api: DocumentNode, toCome: ReadonlySet<string>): string[] {
  const promised = factsOf(contract);
  const given = factsOf(api);
  const found: string[] = [];
  for (const [name, fact] of promised) {
    const ours = given.get(name);
    if (ours === undefined) {
      if (!isIn(name, toCome)) found.push(`${name}: ${fact} is missing`);
    } else if (ours !== fact) found.push(`${name}: the contract says ${fact}, the API says ${ours}`);
  }
  for (const [name, fact] of given) {
    // An argument or an input field that must be given breaks every client that does not know it.
    const owner = name.includes('(') ? name.replace(/\(.*/, '') : name.split('.')[0]!;
    const mustBeGiven = (name.includes('(') || promised.get(owner)?.startsWith('input')) && name !== owner && fact.endsWith('!');
    if (!promised.has(name) && promised.has(owner) && mustBeGiven) found.push(`${name}: ${fact} is demanded, the contract does not know it`);
  }
  for (const name of toCome) if (given.has(name)) found.push(`${name} exists: it is not still to come`);
  return found;
}

withContract('every name, argument and nullability is what the contract says (skipped without shared/contract.graphql)', async () => {
  const [contract, api] = await Promise.all([CONTRACT, join(ROOT, 'schema', 'api.graphql')].map(async (file) => parse(await readFile(file, 'utf8'))));
  const found = differences(contract!, api!, STILL_TO_COME);
  // A room that is not served yet is missing as a whole.
  const isWhole = SUBGRAPHS.length === ROOMS.length;
  expect(isWhole ? found : found.filter((line) => !line.endsWith(' is missing'))).toEqual([]);
});

test('every way to break the contract is found', () => {
  const contract = parse(`
    type Query { a(x: Int = 50, y: ID): String! b: Int later: Later }
    extend type Query { c: [Int!]! }
    type Later { id: ID! }
    input In @oneOf { x: ID y: Int! = 1 }
    enum Side { LEFT RIGHT }
    union Either = Query | Later
    scalar Day
  `);
  const api = parse(`
    type Query { a(x: Int = 20, z: Int!, free: Int): String c: [Int]! new(must: Int!): Int }
    input In { x: ID y: Int! = 1 must: Int! may: Int }
    enum Side { LEFT UP }
    union Either = Query
    scalar Day
    type Early { id: ID! }
  `);
  expect(differences(contract, api, new Set(['Query.later', 'Later', 'Early']))).toEqual([
    'Query.a: the contract says String!, the API says String',
    'Query.a(x): the contract says Int = 50, the API says Int = 20',
    'Query.a(y): ID is missing',
    'Query.b: Int is missing',
    'Query.c: the contract says [Int!]!, the API says [Int]!',
    'In: the contract says input @oneOf, the API says input',
    'Side.RIGHT: value is missing',
    'Either: the contract says union Later | Query, the API says union Query',
    'Query.a(z): Int! is demanded, the contract does not know it',
    'In.must: Int! is demanded, the contract does not know it',
    'Early exists: it is not still to come',
  ]);
});
