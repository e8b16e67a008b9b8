/** The works, one per row of the table: how readers and senders behave, the measures, and the relay's targets. */
import type { LoadReport } from './load.ts';
import { RELAY } from './peers.ts';

/** A figure of one run; less is better unless `more` is set. */
export interface Measure {
  readonly name: string;
  readonly unit: string;
  readonly more?: boolean;
  readonly of: (report: LoadReport) => number;
}

/** A bound on one of the relay's measures, relative to another server's, or to its own in another work. */
export interface Target {
  readonly than: string;
  /** The highest ratio; for a measure of which more is better, the lowest. */
  readonly ratio: number;
  /** The index of the measure, if it is not the first one. */
  readonly measure?: number;
}

export interface Work {
  readonly name: string;
  readonly title: string;
  /** Arguments of the load generator; `{path}` is the path of the server's endpoint. */
  readonly load: readonly string[];
  /** The first one is compared with the targets. */
  readonly measures: readonly Measure[];
  readonly targets: readonly Target[];
  /** The servers that it applies to, if not all: only the relay has rooms, and a log to resume from. */
  readonly peers?: readonly string[];
  /** Variables of the relay that replace its usual ones. */
  readonly env?: Readonly<Record<string, string>>;
  /** How to compare two versions of the relay in this work, if at all. */
  readonly pairs?: Pairs;
}

export interface Pairs {
  /** Arguments of the load generator that replace the work's own. */
  readonly load: readonly string[];
  /** Less is better in each of them. */
  readonly measures: readonly Measure[];
  /** Whether garbage is collected before memory is read. */
  readonly collect?: boolean;
}

export type PairedWork = Work & { readonly pairs: Pairs };

const CPU: Measure = {
  name: 'CPU per delivered message',
  unit: 'µs',
  of: report => report.serverCpuUs / sum(report, group => group.delivered),
};
const DELIVERED: Measure = {
  name: 'delivered',
  unit: '/s',
  more: true,
  of: report => sum(report, group => group.delivered) / report.seconds,
};
const TO_LAST: Measure = { name: 'to the last reader, p50', unit: 'ms', of: report => ms(first(report).last.p50) };
const TO_LAST_P99: Measure = { name: 'p99', unit: 'ms', of: report => ms(first(report).last.p99) };
const AT_ONCE: Measure = {
  name: 'messages at once',
  unit: 'a read',
  more: true,
  of: report => sum(report, group => group.delivered) / report.reads,
};
const ECHO_P99: Measure = { name: 'to the echo, p99', unit: 'ms', of: report => ms(first(report).echo.p99) };
const EACH_P99: Measure = { name: 'to each reader, p99', unit: 'ms', of: report => ms(first(report).each.p99) };
const SMALL_P99: Measure = { name: 'p99 in the small rooms', unit: 'ms', of: report => ms(first(report).each.p99) };

const MEMORY: Measure = {
  name: 'resident memory per connection',
  unit: 'kB',
  of: report => (report.rssAfterKb - report.rssBeforeKb) / report.connections,
};
const STORM_P99: Measure = { name: 'p99 of the live in storms', unit: 'ms', of: report => ms(report.storm.each.p99) };
const STORM_CPU: Measure = {
  name: 'CPU per delivered message in storms',
  unit: 'µs',
  of: report => report.storm.cpuUs / report.storm.delivered,
};

const SMALL = 'name=small,path={path}small-,rooms=199,readers=5,senders=5,rate=1,watched=1';
const FLOOD = 'name=flood,path={path}flood,readers=10000,senders=8,window=4';

/** Rates that nobody reaches, so that the gate counts every frame as it does with the defaults. */
const GATED = { RATE: '1000000', BURST: '1000000' };

/** Until then V8 compiles hot functions, which takes 5 % of the core's time. */
const COMPILED = 'warm=8';

const FANOUT: Work = {
  name: 'fanout',
  title: '1,000 readers, 8 of them talking, 4 messages under way each',
  load: ['name=room,path={path},readers=1000,senders=8,window=4', COMPILED],
  measures: [CPU, AT_ONCE, DELIVERED, TO_LAST, TO_LAST_P99],
  targets: [
    { than: 'ws', ratio: 1 / 20 },
    { than: 'uws', ratio: 1 },
    { than: 'bun', ratio: 1 },
    { than: 'control', ratio: 1.5 },
  ],
};

export const WORKS: readonly Work[] = [
  { ...FANOUT, pairs: { load: ['seconds=6'], measures: [CPU] } },
  {
    ...FANOUT,
    name: 'long',
    title: "the same, the others' frames as long as the relay's",
    load: [...FANOUT.load, 'long=1'],
    targets: FANOUT.targets.filter(({ than }) => than !== 'ws'),
    peers: [RELAY, 'uws', 'bun', 'control'],
  },
  {
    name: 'single',
    title: '1,000 readers, one of them talking, one message under way',
    load: ['name=room,path={path},readers=1000,senders=1,window=1', COMPILED],
    measures: [CPU, DELIVERED, TO_LAST, TO_LAST_P99],
    targets: [
      { than: 'ws', ratio: 0.9 },
      { than: 'control', ratio: 1.5 },
    ],
    pairs: { load: ['seconds=6'], measures: [CPU] },
  },
  {
    name: 'talk',
    title: '32 people, all of them talking, 64 messages under way each: what a full queue costs',
    load: ['name=room,path={path},readers=32,senders=32,window=64'],
    measures: [DELIVERED, CPU, AT_ONCE, TO_LAST, TO_LAST_P99],
    targets: [
      { than: 'ws', ratio: 8 },
      { than: 'socketio', ratio: 8 },
      { than: 'uws', ratio: 0.5 },
    ],
    pairs: { load: ['warm=4', 'seconds=6'], measures: [CPU] },
  },
  {
    name: 'lively',
    title: '32 people, all of them talking, one message of 60 letters under way each',
    load: ['name=room,path={path},readers=32,senders=32,window=1', 'bytes=60', 'warm=6'],
    measures: [DELIVERED, ECHO_P99, CPU, AT_ONCE],
    targets: [
      { than: 'ws', ratio: 10 },
      { than: 'uws', ratio: 0.6 },
      { than: 'uws', ratio: 2, measure: 1 },
    ],
    env: GATED,
    pairs: { load: ['seconds=4'], measures: [CPU, ECHO_P99] },
  },
  {
    name: 'lively30',
    title: '30 such rooms, each person talking once a second',
    load: ['name=room,path={path},rooms=30,readers=32,senders=32,rate=32', 'bytes=60', 'warm=6'],
    measures: [CPU, EACH_P99],
    targets: [{ than: 'ws-rooms', ratio: 0.5 }],
    peers: [RELAY, 'ws-rooms'],
    env: GATED,
    pairs: { load: ['seconds=4'], measures: [CPU, EACH_P99] },
  },
  {
    name: 'last',
    title: '10,000 readers, one message a second',
    load: ['name=room,path={path},readers=10000,senders=1,rate=1', 'seconds=8'],
    measures: [TO_LAST, CPU],
    targets: [{ than: 'control', ratio: 1.5 }],
  },
  {
    name: 'idle',
    title: '10,000 idle connections',
    // Gives V8 time to collect the garbage of so many upgrades, which it does after a while without work.
    load: ['name=room,path={path},readers=10000,senders=0', 'seconds=25'],
    measures: [MEMORY],
    targets: [{ than: 'ws', ratio: 1.3 }],
    // Whether V8 collects it at all depends on its last collection: after 40 s, one run in two kept twice as much.
    pairs: { load: ['warm=0', 'seconds=2'], measures: [MEMORY], collect: true },
  },
  {
    name: 'rooms',
    title: '199 rooms of 5, a message a second in each',
    load: [SMALL, 'seconds=8'],
    measures: [SMALL_P99],
    targets: [],
    peers: [RELAY],
  },
  {
    name: 'flood',
    title: 'the same, beside a room of 10,000 in which 8 talk, 4 messages under way each',
    load: [SMALL, FLOOD, 'seconds=8', 'warm=4'],
    measures: [SMALL_P99, { ...DELIVERED, name: 'delivered in all' }],
    targets: [{ than: 'rooms', ratio: 3 }],
    peers: [RELAY],
  },
  {
    name: 'storm',
    title: '50 live readers of 20 messages a second, while 1,000 return at once, 200 messages behind',
    load: ['name=live,path={path},readers=50,senders=50,rate=20,watched=1', 'storm=1000', 'back=200', 'seconds=8'],
    measures: [
      STORM_P99,
      { name: 'p99 without', unit: 'ms', of: report => ms(first(report).each.p99) },
      { name: 'until all are back', unit: 'ms', of: report => ms(report.storm.length.p50) },
    ],
    targets: [],
    pairs: { load: ['warm=2'], measures: [STORM_CPU, STORM_P99] },
    peers: [RELAY],
  },
];

function first({ groups: [group] }: LoadReport): LoadReport['groups'][number] {
  if (!group) throw new Error('the load generator reported no group');
  return group;
}

function sum({ groups }: LoadReport, of: (group: LoadReport['groups'][number]) => number): number {
  return groups.reduce((total, group) => total + of(group), 0);
}

function ms(us: number): number {
  return us / 1000;
}
