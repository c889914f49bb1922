/** An enum object for type-graphql from a list of names; each name is its own value. */
export function enumOf<const Name extends string>(names: readonly Name[]): { readonly [Key in Name]: Key } {
  return Object.fromEntries(names.map((name) => [name, name])) as { readonly [Key in Name]: Key };
}
