import type { Sector } from './payment-times.js';

/** A firm of the demo network, and who signs in for it. Every name is invented. */
export interface MemberFirm {
  readonly name: string;
  readonly sector: Sector;
  /** What its invoice numbers begin with. */
  readonly prefix: string;
  readonly owner: { readonly name: string; readonly email: string };
}

/** Everybody in the demo has it: the demo is for looking at, on a machine of one's own. */
export const DEMO_PASSWORD = 'ardoise-demo';

function firm(name: string, sector: Sector, prefix: string, owner: string, email: string): MemberFirm {
  return { name, sector, prefix, owner: { name: owner, email: `${email}.example` } };
}

export const MEMBER_FIRMS: readonly MemberFirm[] = [
  firm('Comptoir Rivelaine', 'trade', 'CR', 'Claire Rivelaine', 'claire@comptoir-rivelaine'),
  firm('Négoce Talavert', 'trade', 'NT', 'Thomas Talavert', 'thomas@negoce-talavert'),
  firm('Halles de Mirebeuf', 'trade', 'HM', 'Nadia Mirebeuf', 'nadia@halles-mirebeuf'),
  firm('Fournitures Océane Brisac', 'trade', 'FB', 'Yann Brisac', 'yann@fournitures-brisac'),
  firm('Quincaillerie Vernoux', 'trade', 'QV', 'Lucie Vernoux', 'lucie@quincaillerie-vernoux'),
  firm('Logiciels Pontamel', 'information', 'LP', 'Samir Pontamel', 'samir@logiciels-pontamel'),
  firm('Hébergement Nuage-Ouest', 'information', 'HN', 'Maëlle Corzac', 'maelle@nuage-ouest'),
  firm('Réseaux Saint-Aubrac', 'information', 'RA', 'Olivier Landrec', 'olivier@reseaux-saint-aubrac'),
  firm('Studio Papier-Lune', 'information', 'SP', 'Jeanne Marvel-Toury', 'jeanne@papier-lune'),
  firm('Cabinet Delmaure', 'services', 'CD', 'Hélène Delmaure', 'helene@cabinet-delmaure'),
  firm('Intérim Grandlieu', 'services', 'IG', 'Karim Grandlieu', 'karim@interim-grandlieu'),
  firm('Propreté Bellerive', 'services', 'PB', 'Sofia Bellerive', 'sofia@proprete-bellerive'),
  firm('Gardiennage Tourval', 'services', 'GT', 'Paul Tourval', 'paul@gardiennage-tourval'),
  firm('Formations Alizé-Conseil', 'services', 'FA', 'Inès Ravel-Doucet', 'ines@alize-conseil'),
];

/** Whose sign-ins are shown to a newcomer: one of each sector; the first two meet in the open conversation. */
export const SHOWN_FIRMS = ['Comptoir Rivelaine', 'Logiciels Pontamel', 'Cabinet Delmaure'] as const;
