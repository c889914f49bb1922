import type { Dice } from './dice.js';

/** Names that sound French and belong to nobody: a trade, an invented family or place, a legal form. */

const TRADES = [
  'Ateliers', 'Boulangerie', 'Brasserie', 'Carrosserie', 'Charpentes', 'Clinique', 'Constructions', 'Distillerie', 'Emballages', 'Établissements',
  'Fonderie', 'Garages', 'Hôtels', 'Imprimerie', 'Laboratoires', 'Laiterie', 'Librairies', 'Logistique', 'Maison', 'Matériaux', 'Menuiserie',
  'Meubles', 'Minoterie', 'Optique', 'Papeteries', 'Pépinières', 'Pharmacies', 'Plasturgie', 'Produits', 'Résidences', 'Scierie', 'Textiles',
  'Tonnellerie', 'Transports', 'Travaux publics', 'Verrerie',
] as const;

/** The sectors of trades that say what a company does (NACE Rev. 2). */
const SECTOR_BY_TRADE: Readonly<Partial<Record<(typeof TRADES)[number], string>>> = {
  Boulangerie: '10.71', Brasserie: '11.05', Carrosserie: '29.20', Charpentes: '16.23', Clinique: '86.10', Constructions: '41.20', Distillerie: '11.01', Emballages: '17.21',
  Fonderie: '24.51', Garages: '45.20', Hôtels: '55.10', Imprimerie: '18.12', Laboratoires: '72.19', Laiterie: '10.51', Librairies: '47.61', Logistique: '52.10', Matériaux: '46.73',
  Menuiserie: '43.32', Meubles: '31.09', Minoterie: '10.61', Optique: '47.78', Papeteries: '17.12', Pépinières: '01.30', Pharmacies: '47.73', Plasturgie: '22.29', Résidences: '55.20',
  Scierie: '16.10', Textiles: '13.20', Tonnellerie: '16.24', Transports: '49.41', 'Travaux publics': '42.11', Verrerie: '23.13',
};

const ROOTS = [
  'Valombre', 'Kerdrac', 'Sauvergne', 'Lestrac', 'Montfaye', 'Aubrelle', 'Castanède', 'Brémoire', 'Dorvalle', 'Escarnel', 'Fontrive', 'Garlaban',
  'Hautecombre', 'Isserval', 'Jonquay', 'Lanvaudec', 'Marsanque', 'Noirval', 'Orzelle', 'Pierrelune', 'Quintrec', 'Roquebel', 'Sérignole',
  'Tourmaline', 'Ubrac', 'Vauquelune', 'Ybarelle', 'Belcastre', 'Courmontel', 'Drézenay', 'Fauvernoux', 'Grandrive',
] as const;

const FORMS = ['SAS', 'SARL', 'SA', 'SCOP'] as const;

const FIRST_NAMES = ['Aline', 'Bruno', 'Chloé', 'Damien', 'Élodie', 'Farid', 'Gaëlle', 'Hugo', 'Inès', 'Jérôme', 'Karine', 'Loïc'] as const;

/** A company's name that `taken` does not hold yet, and now does. */
export function makeCompanyName(dice: Dice, taken: Set<string>): string {
  for (;;) {
    const name = `${dice.pick(TRADES)} ${dice.pick(ROOTS)}`;
    if (taken.has(name)) continue;
    taken.add(name);
    return `${name} ${dice.pickByWeight([[FORMS[0], 5], [FORMS[1], 4], [FORMS[2], 2], [FORMS[3], 1]])}`;
  }
}

/** The sector of a company by its name; null when the name does not say. */
export function sectorOf(name: string): string | null {
  const trade = TRADES.find((word) => name.startsWith(`${word} `));
  return (trade && SECTOR_BY_TRADE[trade]) ?? null;
}

/** A sole trader: somebody's own name, no register. */
export function makeSoleTraderName(dice: Dice): string {
  return `${dice.pick(FIRST_NAMES)} ${dice.pick(ROOTS)}, artisan`;
}

/** The name as one of the company's suppliers happens to write it. */
export function notedName(dice: Dice, name: string): string {
  return dice.pickByWeight([
    [name, 6],
    [name.toUpperCase(), 2],
    [name.replace(/ (SAS|SARL|SA|SCOP)$/, ''), 2],
  ]);
}
