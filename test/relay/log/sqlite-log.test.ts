import { suite } from 'uvu';
import { memoryDatabase } from '../../support/memory-database.ts';
import { CASES } from './cases.ts';

const log = suite('sqlite-log');

for (const [name, run] of Object.entries(CASES)) log(name, () => run(memoryDatabase()));

log.run();
