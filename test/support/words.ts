/** The words of each language, those of later states among them, as an element has them a moment after its first paint. */
import english, { later as laterEnglish } from '../../src/web/i18n/en.ts';
import chinese, { later as laterChinese } from '../../src/web/i18n/zh.ts';

export const en = { ...english, ...laterEnglish };
export const zh = { ...chinese, ...laterChinese };
