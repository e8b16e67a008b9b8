/**
 * The attacking program, a process of its own at the lowest priority. It reads an {@link Order} per line, and answers each
 * with a line: that it has begun, or what it has done.
 */
import { createInterface } from 'node:readline';
import { ATTACKS } from './attacks.ts';
import { Target, type TargetOptions } from './target.ts';

/** Begins an attack; with the attack's name left out, ends the present one. */
export type Order = (TargetOptions & { readonly attack: string }) | { readonly attack?: undefined };

let target: Target | undefined;
process.stdout.write('ready\n');

for await (const line of createInterface({ input: process.stdin })) {
  const order: Order = JSON.parse(line);
  if (order.attack === undefined) {
    process.stdout.write(`${JSON.stringify(target?.effort)}\n`);
    target?.stop();
  } else {
    target = new Target(order);
    void ATTACKS.find(({ name }) => name === order.attack)?.run(target);
    process.stdout.write('begun\n');
  }
}
process.exit(0);
