/** Makes suites run twice: with a log that answers at once, and with one that answers a turn later. */
import { suite } from 'uvu';
import { Rig } from './rig.ts';

export interface Twice {
  (title: string, test: () => void): void;
  run(): void;
}

export function twice(name: string): Twice {
  const atOnce = suite(name);
  const later = suite(`${name} (the log answers later)`);
  const add = (title: string, test: () => void) => {
    atOnce(title, test);
    later(title, () => {
      Rig.late = true;
      try {
        test();
      } finally {
        Rig.late = false;
      }
    });
  };
  return Object.assign(add, {
    run() {
      atOnce.run();
      later.run();
    },
  });
}
