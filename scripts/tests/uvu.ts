/**
 * Replaces `uvu` in the bundled tests with suites that also report what is running and note the errors that uvu drops.
 */
import { type Callback, type Test, suite as uvuSuite } from 'uvu';
import { tell } from './progress.ts';
import { hookErrors, suitesNotRun } from './suite-notes.ts';

/** uvu's `suite`. */
export function suite<T extends object>(name = '', context?: T): Test<T> {
  const made = uvuSuite(name, context);
  const { before, after, run } = made;
  const noting =
    (register: (hook: Callback<T>) => void) =>
    (hook: Callback<T>): void =>
      register(async state => {
        try {
          await hook(state);
        } catch (error) {
          hookErrors.push({ suite: name, error });
          throw error;
        }
      });

  before(() => tell({ type: 'test', suite: name, test: '' }));
  before.each(({ __test__ }) => tell({ type: 'test', suite: name, test: __test__ }));
  // uvu itself reports an error in before.each, as a failure of the test.
  made.before = Object.assign(noting(before), { each: before.each });
  made.after = Object.assign(noting(after), { each: noting(after.each) });
  suitesNotRun.set(made, name);
  made.run = () => {
    suitesNotRun.delete(made);
    run();
  };
  return made;
}
