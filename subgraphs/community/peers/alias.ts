const NAMES = [
  'Alder', 'Amber', 'Aspen', 'Auburn', 'Basalt', 'Beech', 'Birch', 'Bramble', 'Brook', 'Cedar', 'Chalk', 'Cliff', 'Clover', 'Cobalt', 'Coral', 'Cypress',
  'Dune', 'Elm', 'Ember', 'Fern', 'Fjord', 'Flint', 'Garnet', 'Ginkgo', 'Glade', 'Granite', 'Grove', 'Hazel', 'Heath', 'Heron', 'Holly', 'Indigo',
  'Ivy', 'Jade', 'Juniper', 'Laurel', 'Lichen', 'Linden', 'Maple', 'Marble', 'Meadow', 'Mistral', 'Moss', 'Oak', 'Ochre', 'Olive', 'Onyx', 'Opal',
  'Pebble', 'Pine', 'Poplar', 'Quartz', 'Reed', 'Ridge', 'Rowan', 'Saffron', 'Sage', 'Slate', 'Sorrel', 'Spruce', 'Thistle', 'Topaz', 'Tundra', 'Willow',
] as const;

/** How many different aliases there are. */
export const ALIAS_COUNT = NAMES.length * 9000;

/**
 * The alias of a number below `ALIAS_COUNT`: a word and four digits, `Heron 4821`.
 * Claim: an alias says nothing about its firm, and two aliases of one firm have nothing in common. Why: its number is drawn
 * by lot for each side of each match, and from nothing else.
 */
export function aliasOf(index: number): string {
  return `${NAMES[Math.floor(index / 9000) % NAMES.length]} ${1000 + (index % 9000)}`;
}
