import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { acceptedLanguages } from '../../../src/relay/http/accept-language.ts';

const accepted = suite('accept-language');

accepted('are in the order of their weights, and of the header where these are equal', () => {
  assert.equal(acceptedLanguages('zh-CN,zh;q=0.9,en;q=0.8'), ['zh-CN', 'zh', 'en']);
  assert.equal(acceptedLanguages('en;q=0.5, de ; q=0.7 ,fr, it;q=1.0'), ['fr', 'it', 'de', 'en']);
});

accepted('are without what is refused, any, or not to be read', () => {
  assert.equal(acceptedLanguages('zh;q=0, en;q=0.000, *, de;q=2, fr;q=x, toolonglanguage, a_b, it;level=1, ja;Q=0.1'), [
    'ja',
  ]);
  assert.equal(acceptedLanguages(''), []);
  assert.equal(acceptedLanguages(',;,=,,'), []);
});

accepted('are at most 20, whatever is sent', () => {
  assert.is(acceptedLanguages('en,'.repeat(5000)).length, 20);
  assert.equal(acceptedLanguages(`${' '.repeat(16_000)}x`), ['x']);
  assert.equal(acceptedLanguages(`en${'-abcdefgh'.repeat(2000)}`), []);
});

accepted.run();
