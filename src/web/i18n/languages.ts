/** Which language the page speaks, and its words in it. */
import { en } from './en.ts';
import { zh } from './zh.ts';

/** Every sentence of the page; those with a number or a reason in them are functions. */
export type Words = Readonly<typeof en>;
export type Language = 'en' | 'zh';

export const LANGUAGES: Readonly<Record<Language, Words>> = { en, zh };

/** The first of the wanted language tags (`zh-CN`, `en`, …) that the page speaks; English where it speaks none. */
export function chooseLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const language = tag.toLowerCase().split('-')[0];
    if (language === 'zh' || language === 'en') return language;
  }
  return 'en';
}
