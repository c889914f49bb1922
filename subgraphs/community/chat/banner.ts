/** What every front end shows above every conversation (DISCLOSURE.md, "Peers and chat"), by language. */
const BANNERS = {
  en: 'Speak about facts of the past only: how this customer paid you. Do not speak about prices, about future terms, or about what either of you intends to do.',
  fr: 'Ne parlez que de faits passés : comment ce client vous a payés. Ne parlez ni de prix, ni de conditions à venir, ni de ce que l’un de vous a l’intention de faire.',
} as const;

/** The banner for a reader of this locale, a BCP 47 tag such as `fr-FR`; in English when there is none in its language. */
export function bannerFor(locale: string | null | undefined): string {
  const language = locale?.split(/[-_]/)[0]!.toLowerCase();
  return language === 'fr' ? BANNERS.fr : BANNERS.en;
}
