import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { element } from '../../../../src/web/browser/dom.ts';
import { type DomContext, useDom } from '../../../support/dom.ts';

const heart = suite<DomContext>('heart line');
useDom(heart);

/** A heart line in a shadow root, as in the chat window. */
async function mounted() {
  // Only a window has the style sheets that the module makes.
  const { default: mount } = await import('../../../../src/web/lazy/enhancements/heart-line.ts');
  const outer = element('div');
  const root = outer.attachShadow({ mode: 'open' });
  const host = element('div');
  root.append(host);
  document.body.replaceChildren(outer);
  return { root, host, line: mount({ host, element }) };
}

const beats = (host: Element) => host.querySelectorAll('.beat');

heart('draws a beat for each ping, until it has left the picture', async ({ dom }) => {
  const { host, line } = await mounted();
  assert.is(beats(host).length, 0);
  line.beat();
  line.beat();
  const [first, second] = beats(host);
  dom.fire(first, 'animationend');
  assert.equal([...beats(host)], [second]);
});

heart('keeps at most eight beats when there is no animation, the newest', async () => {
  const { host, line } = await mounted();
  for (let count = 0; count < 8; count++) line.beat();
  const [oldest] = beats(host);
  line.beat();
  assert.is(beats(host).length, 8);
  assert.not.ok([...beats(host)].includes(oldest as Element));
});

heart('brings its styles once, and leaves nothing on the page when disposed of', async () => {
  const { root, host, line } = await mounted();
  const { default: mount } = await import('../../../../src/web/lazy/enhancements/heart-line.ts');
  const again = mount({ host, element });
  assert.is(root.adoptedStyleSheets.length, 1);
  line.dispose();
  again.dispose();
  assert.is(host.childElementCount, 0);
});

heart.run();
