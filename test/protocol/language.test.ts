import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseLanguage } from '../../src/protocol/language.ts';

const choice = suite('choice of a language');
const SPOKEN = ['en', 'pt-br', 'zh', 'zh-hant'];

choice('takes the first wanted that is spoken', () => {
  assert.is(chooseLanguage(['fr-FR', 'zh', 'en'], SPOKEN), 'zh');
  assert.is(chooseLanguage(['de', 'en', 'zh'], SPOKEN), 'en');
});

choice('takes the language where its region or script is not spoken, and the narrower where it is', () => {
  assert.is(chooseLanguage(['zh-TW', 'en'], SPOKEN), 'zh');
  assert.is(chooseLanguage(['en-GB', 'zh'], SPOKEN), 'en');
  assert.is(chooseLanguage(['zh-Hant-TW'], SPOKEN), 'zh-hant');
  assert.is(chooseLanguage(['zh-Hans-CN-x-private'], SPOKEN), 'zh');
  assert.is(chooseLanguage(['pt-BR'], SPOKEN), 'pt-br');
});

choice('is no guess: a narrower language than the one wanted is another', () => {
  assert.is(chooseLanguage(['pt', 'zh'], SPOKEN), 'zh');
});

choice('does not mind empty tags, dashes, case, or none that is spoken', () => {
  assert.is(chooseLanguage(['', '-', '-zh', 'ZH-Hans'], SPOKEN), 'zh');
  assert.is(chooseLanguage(['zhx'], SPOKEN), 'en');
  assert.is(chooseLanguage(['constructor', '__proto__'], SPOKEN), 'en');
  assert.is(chooseLanguage([], SPOKEN), 'en');
});

choice.run();
