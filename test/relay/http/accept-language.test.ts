import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { acceptedLanguages } from '../../../src/relay/http/accept-language.ts';

const accepted = suite('http/accept-language');

accepted('languages are ordered by weight, and languages of the same weight as in the header', () => {
  assert.equal(acceptedLanguages('zh-CN,zh;q=0.9,en;q=0.8'), ['zh-CN', 'zh', 'en']);
  assert.equal(acceptedLanguages('en;q=0.5, de ; q=0.7 ,fr, it;q=1.0'), ['fr', 'it', 'de', 'en']);
});

accepted('leaves out languages with weight 0, the wildcard, and anything that cannot be parsed', () => {
  assert.equal(acceptedLanguages('zh;q=0, en;q=0.000, *, de;q=2, fr;q=x, toolonglanguage, a_b, it;level=1, ja;Q=0.1'), [
    'ja',
  ]);
  assert.equal(acceptedLanguages(''), []);
  assert.equal(acceptedLanguages(',;,=,,'), []);
});

accepted('returns at most 20 languages, whatever is sent', () => {
  assert.is(acceptedLanguages('en,'.repeat(5000)).length, 20);
  assert.equal(acceptedLanguages(`${' '.repeat(16_000)}x`), ['x']);
  assert.equal(acceptedLanguages(`en${'-abcdefgh'.repeat(2000)}`), []);
});

accepted.run();
