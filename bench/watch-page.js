/** Runs in the page before the page's own script: times every frame, and every message from wire to paint. */

const arrived = new Map();
window.forget = () => {
  window.seen = { frames: [], painted: [] };
};
window.forget();

let last;
const frame = () => {
  const now = performance.now();
  if (last !== undefined) window.seen.frames.push(now - last);
  last = now;
  requestAnimationFrame(frame);
};
requestAnimationFrame(frame);

const Bare = WebSocket;
window.WebSocket = class extends Bare {
  constructor(url, protocols) {
    super(url, protocols);
    // Called before the page's own listener, which is added later.
    this.addEventListener('message', ({ data }) => {
      const seq = /^\{"seq":(\d+),"type":"normal"/.exec(String(data))?.[1];
      if (seq !== undefined) arrived.set(seq, performance.now());
    });
  }
};

const observer = new MutationObserver(changes => {
  const seqs = changes
    .flatMap(({ addedNodes }) => [...addedNodes])
    .flatMap(node => (node instanceof HTMLElement && node.dataset.seq !== undefined ? [node.dataset.seq] : []));
  if (seqs.length === 0) return;
  // A row is added in an animation frame; a message posted there arrives once that frame has been painted.
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    const now = performance.now();
    for (const seq of seqs) {
      const then = arrived.get(seq);
      arrived.delete(seq);
      if (then !== undefined) window.seen.painted.push(now - then);
    }
    port1.close();
  };
  port2.postMessage(0);
});
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (options) {
  const root = attach.call(this, options);
  observer.observe(root, { childList: true, subtree: true });
  return root;
};
