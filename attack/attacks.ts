/** All attacks. To add one, add it to a file of attacks/; the name must be its own. */
import type { Attack } from './attack.ts';
import { CONNECTIONS } from './attacks/connections.ts';
import { FRAMES } from './attacks/frames.ts';
import { HTTP } from './attacks/http.ts';
import { READERS } from './attacks/readers.ts';

export const ATTACKS: readonly Attack[] = [...FRAMES, ...HTTP, ...CONNECTIONS, ...READERS];
