import { SHOWN_FIRMS } from './member-firms.js';

/** One line of the demo's open conversation. */
export interface DemoMessage {
  readonly from: (typeof SHOWN_FIRMS)[number];
  /** How long before the load it was sent. */
  readonly minutesAgo: number;
  readonly body: string;
}

const [TRADE, SOFTWARE] = SHOWN_FIRMS;

/** Whom the conversation joins: the first one begins it. */
export const TALKING_FIRMS = [TRADE, SOFTWARE] as const;

const DAY = 24 * 60;

/** Two members talk about a customer they share: facts about the past, no prices, no intentions, as the charter asks. */
export const DEMO_MESSAGES: readonly DemoMessage[] = [
  { from: TRADE, minutesAgo: 6 * DAY + 95, body: 'Bonjour, nous partageons ce client. Chez nous ses règlements ont ralenti ces derniers mois. Et chez vous ?' },
  { from: SOFTWARE, minutesAgo: 6 * DAY + 20, body: 'Bonjour ! Même constat. Nos factures d’il y a six mois ont été réglées avec deux semaines de retard, les dernières avec un mois.' },
  { from: TRADE, minutesAgo: 6 * DAY + 12, body: 'Merci. Avez-vous eu des litiges ouverts sur ces factures ?' },
  { from: SOFTWARE, minutesAgo: 5 * DAY + 300, body: 'Un seul, sur une livraison partielle. Il a été clos par un avoir.' },
  { from: TRADE, minutesAgo: 5 * DAY + 280, body: 'Same here: one credit note half a year ago, nothing since.' },
  { from: SOFTWARE, minutesAgo: 5 * DAY + 270, body: 'Happy to go on in English. Last quarter they paid by transfer, always towards the end of the month.' },
  { from: TRADE, minutesAgo: 4 * DAY + 30, body: 'That matches ours. They did answer every reminder, within two or three days.' },
  { from: SOFTWARE, minutesAgo: 3 * DAY + 410, body: 'We had two part payments last quarter, each about half of the invoice. The rest came three weeks later.' },
  { from: TRADE, minutesAgo: 3 * DAY + 395, body: 'One part payment here too, last month.' },
  { from: SOFTWARE, minutesAgo: DAY + 200, body: 'Leur comptable a changé entre-temps, nous l’avons appris en relançant.' },
  { from: TRADE, minutesAgo: DAY + 150, body: 'Cela explique les justificatifs demandés deux fois. Merci, c’est utile.' },
  { from: SOFTWARE, minutesAgo: 240, body: 'Avec plaisir. La facture la plus ancienne a finalement été soldée hier.' },
];
