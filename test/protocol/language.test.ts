import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseLanguage } from '../../src/protocol/language.ts';

const choice = suite('choice of a language');
const SUPPORTED = ['en', 'pt-br', 'zh', 'zh-hant'];

choice('chooses the first wanted language that is supported', () => {
  assert.is(chooseLanguage(['fr-FR', 'zh', 'en'], SUPPORTED), 'zh');
  assert.is(chooseLanguage(['de', 'en', 'zh'], SUPPORTED), 'en');
});

choice('falls back to the language if its region or script is not supported, and else chooses the narrower tag', () => {
  assert.is(chooseLanguage(['zh-TW', 'en'], SUPPORTED), 'zh');
  assert.is(chooseLanguage(['en-GB', 'zh'], SUPPORTED), 'en');
  assert.is(chooseLanguage(['zh-Hant-TW'], SUPPORTED), 'zh-hant');
  assert.is(chooseLanguage(['zh-Hans-CN-x-private'], SUPPORTED), 'zh');
  assert.is(chooseLanguage(['pt-BR'], SUPPORTED), 'pt-br');
});

choice('does not choose a narrower tag than the wanted one', () => {
  assert.is(chooseLanguage(['pt', 'zh'], SUPPORTED), 'zh');
});

choice('ignores empty tags, stray dashes and case, and falls back to English', () => {
  assert.is(chooseLanguage(['', '-', '-zh', 'ZH-Hans'], SUPPORTED), 'zh');
  assert.is(chooseLanguage(['zhx'], SUPPORTED), 'en');
  assert.is(chooseLanguage(['constructor', '__proto__'], SUPPORTED), 'en');
  assert.is(chooseLanguage([], SUPPORTED), 'en');
});

choice.run();
