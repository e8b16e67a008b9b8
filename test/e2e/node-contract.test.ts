/** Runs the contract against the relay on Node. */
import { contract } from '../contract.ts';
import { RelayProcess } from '../support/relay-process.ts';

const relay = new RelayProcess({ RATE: '0', MAX_PER_ADDRESS: '0' });

contract('node', {
  address: () => relay.host,
  before: async () => {
    await relay.start();
  },
  after: () => relay.dispose(),
}).run();
