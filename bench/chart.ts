/** Results as an SVG chart: one panel for each work that people ask about, a bar for each server. */
import { PEERS, RELAY } from './peers.ts';
import { figureOf, type Results } from './results.ts';
import { round } from './table.ts';
import { WORKS } from './works.ts';

const SHOWN = ['fanout', 'lively', 'talk', 'idle'];
const WIDTH = 720;
const LABEL = 170;
const VALUE = 80;
const BAR = 18;
const STEP = 24;
const TITLE = 34;

/** An SVG document that is readable on a light and on a dark page. */
export function chart({ samples }: Results): string {
  const parts: string[] = [];
  let y = 0;
  for (const name of SHOWN) {
    const work = WORKS.find(other => other.name === name);
    const [measure] = work?.measures ?? [];
    const bars = PEERS.flatMap(peer => {
      const value = figureOf(samples, name, peer.name)?.median;
      return value === undefined ? [] : [{ ...peer, value }];
    });
    if (!work || !measure || bars.length === 0) continue;
    const better = measure.more ? 'more is better' : 'less is better';
    parts.push(text(0, y + 14, 'title', `${work.title}`));
    parts.push(text(0, y + 28, 'unit', `${measure.name}, ${measure.unit}; ${better}`));
    y += TITLE;
    const most = Math.max(...bars.map(({ value }) => value));
    for (const { name: peer, title, value } of bars.toSorted((a, b) =>
      measure.more ? b.value - a.value : a.value - b.value,
    )) {
      const width = Math.max(1, Math.round(((WIDTH - LABEL - VALUE) * value) / most));
      const own = peer === RELAY ? ' own' : '';
      parts.push(text(0, y + BAR - 4, `label${own}`, title));
      parts.push(`<rect class="bar${own}" x="${LABEL}" y="${y}" width="${width}" height="${BAR}" rx="2"/>`);
      parts.push(text(LABEL + width + 6, y + BAR - 4, 'label', round(value)));
      y += STEP;
    }
    y += STEP / 2;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" font-family="system-ui, sans-serif" font-size="13">
<style>
text { fill: #333 } .title, .own { font-weight: 600 } .unit { fill: #777; font-size: 11px }
.bar { fill: #b6bcc6 } .bar.own { fill: #d6336c }
@media (prefers-color-scheme: dark) { text { fill: #ddd } .unit { fill: #999 } .bar { fill: #5b626e } .bar.own { fill: #f06595 } }
</style>
${parts.join('\n')}
</svg>
`;
}

function text(x: number, y: number, kind: string, content: string): string {
  const safe = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text class="${kind}" x="${x}" y="${y}">${safe}</text>`;
}
