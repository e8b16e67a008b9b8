/** The relay's routes without a runtime. Fakes of the runtime's parts record how they were called. */
import { type Context, Hono } from 'hono';
import { Fence } from '../../src/relay/access/fence.ts';
import { Gate, type GateConfig, type GateRequest } from '../../src/relay/access/gate.ts';
import type { Config } from '../../src/relay/config.ts';
import { type AppOptions, addRoutes } from '../../src/relay/http/app.ts';
import type { AppEnv } from '../../src/relay/http/room-route.ts';

export interface Seen {
  /** `DIALECT ROOM ADDRESS` of each upgrade. */
  readonly upgrades: string[];
  /** The arguments of each call that reads the log. */
  readonly history: unknown[];
  /** The requests that the gate was asked about. */
  readonly requests: GateRequest[];
  readonly reports: unknown[];
}

export interface TestApp {
  readonly app: Hono<AppEnv>;
  readonly gate: Gate;
  readonly seen: Seen;
}

export const ADDRESS = '192.0.2.1';

export function makeApp(
  rules: Partial<GateConfig & Pick<Config, 'embedOrigins'>> = {},
  more: Partial<AppOptions> = {},
  fence = new Fence(),
): TestApp {
  const seen: Seen = { upgrades: [], history: [], requests: [], reports: [] };
  const config = { origins: '*', publicOrigin: undefined, embedOrigins: undefined, ...rules } as const;
  const gate = new Gate({ rate: 0, burst: 1, maxConnections: 0, maxPerAddress: 0, ...config }, { fence });
  const app = new Hono<AppEnv>();
  addRoutes(app, {
    config,
    gate: {
      request(request) {
        seen.requests.push(request);
        return gate.request(request);
      },
      get draining() {
        return gate.draining;
      },
    },
    addressOf: () => ADDRESS,
    isHandshake,
    upgrade: dialect => async (c, next) => {
      if (!isHandshake(c)) return next();
      seen.upgrades.push(`${dialect.name} ${c.get('room')} ${c.get('address')}`);
      return new Response();
    },
    asset: (c, path) => (/^\/(index|embed)\.html$/.test(path) ? c.html('<p>page') : undefined),
    languages: () => [],
    history: (...args) => {
      seen.history.push(args);
      return { epoch: 'E', head: 2, payloads: ['{"seq":1}', '{"seq":2}'] };
    },
    begin: () => undefined,
    failing: () => undefined,
    report: error => seen.reports.push(error),
    ...more,
  });
  return { app, gate, seen };
}

function isHandshake(c: Context): boolean {
  return c.req.header('Upgrade') === 'websocket';
}

/** Returns the error in a response that must contain one. */
export async function errorOf(response: Response): Promise<{ code: unknown; message: unknown; retryMs?: unknown }> {
  const { error }: { error: { code: unknown; message: unknown; retryMs?: unknown } } = await response.json();
  return error;
}

export async function codeOf(response: Response): Promise<unknown> {
  return (await errorOf(response)).code;
}

export const UPGRADE = { headers: { Upgrade: 'websocket' } };
