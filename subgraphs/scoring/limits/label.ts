/** What a code means to a person. */
export interface Label {
  readonly en: string;
  readonly fr: string;
}

/** A locale that begins with `fr` gets French, every other one English. */
export function inLanguage(label: Label, locale: string | null | undefined): string {
  return locale?.toLowerCase().startsWith('fr') ? label.fr : label.en;
}
