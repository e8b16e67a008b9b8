import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createScrollAnchor,
  FOLLOW_PX,
  isNearEnd,
  type ScrollAnchor,
} from '../../../src/web/messages/scroll-anchor.ts';
import { type Dom, type DomContext, useDom } from '../../support/dom.ts';
import { Layout } from '../../support/layout.ts';

const anchor = suite<DomContext>('scroll anchor');
useDom(anchor);

/** A scroller with a hundred rows, each of 20 px in 200, and an anchor that follows its end. */
class Rig {
  readonly scroller = document.createElement('div');
  readonly content = document.createElement('ol');
  readonly layout: Layout;
  readonly anchor: ScrollAnchor;
  /** How often the reader has scrolled, as the anchor tells it. */
  moves = 0;

  constructor(dom: Dom) {
    document.body.replaceChildren(this.scroller);
    this.scroller.append(this.content);
    this.add(100);
    this.layout = new Layout(dom, this.scroller);
    this.anchor = createScrollAnchor(this.scroller, this.content, { moved: () => this.moves++ });
    this.anchor.toEnd();
  }

  add(count: number, place: 'append' | 'prepend' = 'append'): void {
    this.content[place](...Array.from({ length: count }, () => document.createElement('li')));
  }
}

anchor('follows the end, until the reader scrolls away', ({ dom }) => {
  const rig = new Rig(dom);
  rig.add(10);
  rig.anchor.restore();
  assert.ok(rig.layout.isAtEnd);
  rig.layout.scrollTo(1000);
  assert.not.ok(rig.anchor.following);
  assert.is(rig.moves, 1);
  rig.add(10);
  rig.anchor.restore();
  assert.is(rig.scroller.scrollTop, 1000);
});

anchor('follows again once the reader is near the end', ({ dom }) => {
  const rig = new Rig(dom);
  const end = rig.scroller.scrollTop;
  rig.layout.scrollTo(end - FOLLOW_PX - 1);
  assert.not.ok(rig.anchor.following);
  rig.layout.scrollTo(end - FOLLOW_PX);
  assert.ok(rig.anchor.following);
});

anchor('follows the end although rows get other heights, to which the browser scrolls', ({ dom }) => {
  const rig = new Rig(dom);
  for (const height of [30, 10]) {
    const { scrollTop } = rig.scroller;
    rig.layout.rowHeight = height;
    rig.layout.scrollTo(scrollTop);
    assert.ok(rig.anchor.following, `${height}`);
    rig.anchor.restore();
    assert.ok(rig.layout.isAtEnd);
  }
});

anchor('lets nothing undo scrolling, whatever has scrolled', ({ dom }) => {
  const rig = new Rig(dom);
  rig.layout.scrollTo(500);
  assert.not.ok(rig.anchor.following);
  assert.is(rig.moves, 1);
  rig.add(10);
  rig.anchor.restore();
  assert.is(rig.scroller.scrollTop, 500);
  rig.layout.scrollTo(100_000);
  assert.ok(rig.anchor.following);
  rig.add(10);
  rig.anchor.restore();
  assert.ok(rig.layout.isAtEnd);
});

anchor('does not take its own scrolling for that of the reader', ({ dom }) => {
  const rig = new Rig(dom);
  rig.layout.scrollTo(500);
  rig.add(30, 'prepend');
  rig.anchor.restore();
  dom.fire(rig.scroller, 'scroll');
  rig.anchor.toEnd();
  dom.fire(rig.scroller, 'scroll');
  assert.is(rig.moves, 1);
});

anchor('keeps the topmost visible row in place when rows are inserted before it', ({ dom }) => {
  const rig = new Rig(dom);
  rig.layout.scrollTo(1010);
  const { topRow } = rig.layout;
  rig.add(30, 'prepend');
  rig.anchor.restore();
  assert.is(rig.layout.topRow, topRow);
  assert.is(rig.scroller.scrollTop, 1610);
});

anchor('restores the position when the content or the window changes its size', ({ dom }) => {
  const rig = new Rig(dom);
  rig.layout.rowHeight = 40;
  dom.resize();
  assert.ok(rig.layout.isAtEnd);
});

anchor('does not scroll when its row was removed', ({ dom }) => {
  const rig = new Rig(dom);
  rig.layout.scrollTo(1010);
  rig.layout.topRow?.remove();
  rig.anchor.restore();
  assert.is(rig.scroller.scrollTop, 1010);
});

anchor('keeps the next row in place after its row was removed', ({ dom }) => {
  const rig = new Rig(dom);
  rig.layout.scrollTo(1010);
  rig.layout.topRow?.remove();
  rig.anchor.restore();
  const { topRow } = rig.layout;
  rig.add(30, 'prepend');
  rig.anchor.restore();
  assert.is(rig.layout.topRow, topRow);
});

anchor('stops following when told to, and goes to the end when told to', ({ dom }) => {
  const rig = new Rig(dom);
  const top = rig.scroller.scrollTop;
  rig.anchor.hold();
  rig.add(10);
  rig.anchor.restore();
  assert.is(rig.scroller.scrollTop, top);
  rig.anchor.toEnd();
  assert.ok(rig.layout.isAtEnd);
  assert.ok(rig.anchor.following);
});

anchor('stops watching sizes once disposed of', ({ dom }) => {
  const rig = new Rig(dom);
  rig.anchor.dispose();
  assert.equal(dom.leftovers, []);
});

const end = suite('end of a scroller');

end('is near within the bound, and where nothing scrolls', () => {
  const box = { scrollHeight: 1000, clientHeight: 400 };
  assert.ok(isNearEnd({ ...box, scrollTop: 600 }));
  assert.ok(isNearEnd({ ...box, scrollTop: 600 - FOLLOW_PX }));
  assert.not.ok(isNearEnd({ ...box, scrollTop: 599 - FOLLOW_PX }));
  assert.ok(isNearEnd({ scrollHeight: 300, clientHeight: 400, scrollTop: 0 }));
});

anchor.run();
end.run();
