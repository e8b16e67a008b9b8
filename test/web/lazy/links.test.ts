import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { element } from '../../../src/web/browser/dom.ts';
import addLinks from '../../../src/web/lazy/links.ts';
import { type DomContext, useDom } from '../../support/dom.ts';

const links = suite<DomContext>('lazy/links');
useDom(links);

links('isolates each link, so that an override before it cannot turn its address round (UAX #9)', () => {
  const content = document.createTextNode('\u202ehttps://evil.example/moc.knab and https://a.example/x');
  const text = element('div', {}, content);
  const before = text.textContent;
  addLinks(content, element);
  assert.is(text.textContent, before);
  const made = [...text.querySelectorAll('a')];
  assert.equal(
    made.map(link => [link.getAttribute('href'), link.dir, link.target]),
    [
      ['https://evil.example/moc.knab', 'ltr', '_blank'],
      ['https://a.example/x', 'ltr', '_blank'],
    ],
  );
  for (const link of made) assert.match(link.rel, /noopener noreferrer nofollow ugc/);
});

links.run();
