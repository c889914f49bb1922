import type { Dice } from './dice.js';

/** Names that sound French and belong to nobody: a trade, an invented family or place, a legal form. */

const TRADES = [
  'Ateliers', 'Boulangerie', 'Brasserie', 'Carrosserie', 'Charpentes', 'Clinique', 'Constructions', 'Distillerie', 'Emballages', 'Établissements',
  'Fonderie', 'Garages', 'Hôtels', 'Imprimerie', 'Laboratoires', 'Laiterie', 'Librairies', 'Logistique', 'Maison', 'Matériaux', 'Menuiserie',
  'Meubles', 'Minoterie', 'Optique', 'Papeteries', 'Pépinières', 'Pharmacies', 'Plasturgie', 'Produits', 'Résidences', 'Scierie', 'Textiles',
  'Tonnellerie', 'Transports', 'Travaux publics', 'Verrerie',
] as const;

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
