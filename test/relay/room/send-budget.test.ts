import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SendBudget } from '../../../src/relay/room/send-budget.ts';

const budget = suite('budget');
const waiting = (...bytes: number[]) => bytes.map(buffered => ({ buffered }));

budget('leaves every reader the whole bound within the budget', () => {
  const bytes = new SendBudget(1000_000, 10_000_000);
  bytes.weigh(waiting(900_000, 900_000));
  assert.is(bytes.bound, 1000_000);
});

budget('lowers the bound when too much waits in total, so the fullest fall behind first, and raises it again', () => {
  const bytes = new SendBudget(1_000_000, 2_000_000);
  bytes.weigh(waiting(900_000, 600_000, 600_000));
  assert.is(bytes.bound, 500_000);
  bytes.weigh(waiting(400_000, 400_000, 400_000));
  assert.is(bytes.bound, 500_000, 'neither over the budget nor well under it');
  bytes.weigh(waiting(400_000));
  assert.is(bytes.bound, 1_000_000);
  bytes.weigh(waiting());
  assert.is(bytes.bound, 1_000_000);
});

budget('never lowers the bound so far that no reader could be live', () => {
  const bytes = new SendBudget(1_000_000, 10);
  for (let i = 0; i < 50; i++) bytes.weigh(waiting(1_000_000));
  assert.is(bytes.bound, 65_536);
});

budget.run();
