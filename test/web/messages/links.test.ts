import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { splitLinks } from '../../../src/web/messages/links.ts';

const links = suite('links');

const found = (text: string) => splitLinks(text).flatMap(part => (part.href === undefined ? [] : [part.text]));

links('are found among words', () => {
  assert.equal(splitLinks('see https://a.example/b?c=d#e now'), [
    { text: 'see ' },
    { text: 'https://a.example/b?c=d#e', href: 'https://a.example/b?c=d#e' },
    { text: ' now' },
  ]);
});

links('end before the punctuation of the sentence, in English and Chinese', () => {
  assert.equal(found('At https://a.example/x.'), ['https://a.example/x']);
  assert.equal(found('(https://a.example/x), really?'), ['https://a.example/x']);
  assert.equal(found('https://a.example/wiki/X_(y)'), ['https://a.example/wiki/X_(y)']);
  assert.equal(found('见https://a.example/x。好的'), ['https://a.example/x']);
  assert.equal(found('“https://a.example/大厅”！'), ['https://a.example/大厅']);
});

links('are made only of http and https addresses', () => {
  for (const text of [
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://a.example',
    'file:///etc',
    'https://',
    'http:// a',
  ]) {
    assert.equal(found(text), [], text);
  }
});

links('show the address to which they lead', () => {
  const [part] = splitLinks('https://a.example@b.example/');
  assert.is(part?.text, 'https://a.example@b.example/');
});

links('and the text between them join to the whole text again', () => {
  for (const text of [
    '',
    'a',
    'https://a.example',
    ' https://a.example,https://b.example ',
    'http://[x',
    '\n\nhttp://a.example\n',
  ]) {
    assert.is(
      splitLinks(text)
        .map(part => part.text)
        .join(''),
      text,
    );
  }
});

links('are found quickly in much punctuation', () => {
  const started = performance.now();
  splitLinks(`https://a.example/${'.)'.repeat(2000)}`);
  assert.ok(performance.now() - started < 500);
});

links.run();
