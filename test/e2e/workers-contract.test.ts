/** Runs the contract against the relay on Workers: a local workerd with persistent storage. */
import { contract } from '../contract.ts';
import { WorkersProcess } from '../support/workers-process.ts';

const relay = new WorkersProcess({ RATE: '0', MAX_PER_ADDRESS: '0' });

contract('workers', {
  address: () => relay.host,
  spread: 1000,
  textPong: true,
  before: async () => {
    await relay.start();
  },
  after: () => relay.dispose(),
}).run();
