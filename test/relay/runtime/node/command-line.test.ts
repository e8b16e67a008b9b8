import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { answerArguments } from '../../../../src/relay/runtime/node/command-line.ts';

const commandLine = suite('node: command line');
const version = () => '1.2.3';

commandLine('without arguments the relay starts', () => {
  assert.is(answerArguments([], version), undefined);
});

commandLine('prints its help and its version', () => {
  assert.equal(answerArguments(['--version'], version), { text: '1.2.3\n', status: 0 });
  const help = answerArguments(['--help'], version);
  assert.is(help?.status, 0);
  assert.match(help?.text ?? '', /^Usage: /);
});

commandLine('refuses any other argument in one line', () => {
  for (const argument of ['--port', '8000', '-h', '', 'a\nb', '--help=x']) {
    const answer = answerArguments([argument], version);
    assert.is(answer?.status, 2);
    assert.match(answer?.text ?? '', /^heartline: "[^\n]*" is not an argument[^\n]*\n$/);
  }
});

commandLine.run();
