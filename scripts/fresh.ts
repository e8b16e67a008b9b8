/** Exits with 0 if `npm start` can run what is built, and with 1 if it must build first. It writes nothing. */
import { fileURLToPath } from 'node:url';
import { isBuilt } from './built.ts';

process.exitCode = isBuilt(fileURLToPath(new URL('..', import.meta.url))) ? 0 : 1;
