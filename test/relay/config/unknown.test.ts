import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { unknownVariables } from '../../../src/relay/config/unknown.ts';
import { NOT_BUILT_YET, VARIABLES } from '../../../src/relay/config/variables.ts';

const unknown = suite('config: unknown variables');

unknown('finds a variable that is misspelled or written in another case', () => {
  const cases: [string, string][] = [
    ['HISTROY', 'HISTORY'],
    ['HISTRY', 'HISTORY'],
    ['HISTORYS', 'HISTORY'],
    ['history', 'HISTORY'],
    ['Max_Connections', 'MAX_CONNECTIONS'],
    ['MAX-CONNECTIONS', 'MAX_CONNECTIONS'],
    ['MAXCONECTIONS', 'MAX_CONNECTIONS'],
    ['ORIGIN', 'ORIGINS'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['PROT', 'PORT'],
    ['HEARTLINE_DATA', 'DATA'],
    ['SECRETS', 'SECRET'],
    ['TRUST_PROXIES', 'TRUST_PROXY'],
    ['TRUSTED_PROXIES', 'TRUST_PROXY'],
    ['DATA_DIR', 'DATA'],
    ['DATA_FILE', 'DATA'],
    ['HEARTLINE_DATA_PATH', 'DATA'],
    ['ALLOWED_ORIGINS', 'ORIGINS'],
    ['RATE_LIMIT', 'RATE'],
  ];
  for (const [name, like] of cases) assert.equal(unknownVariables({ [name]: '5' }), [{ name, like }]);
});

unknown('finds nothing wrong with our own variables, nor with those of other programs', () => {
  const names = [...Object.values(VARIABLES).map(({ name }) => name), ...NOT_BUILT_YET];
  const others = `PATH HOME HOSTNAME HOSTTYPE USER LOGNAME SHELL SHLVL TERM LANG LANGUAGE LC_ALL PWD OLDPWD EDITOR MAIL
    DISPLAY TZ TMPDIR HISTFILE HISTSIZE HISTCONTROL LS_COLORS SSH_TTY XDG_RUNTIME_DIR INVOCATION_ID JOURNAL_STREAM
    NODE NODE_ENV NODE_OPTIONS NODE_VERSION npm_config_cache npm_lifecycle_event npm_package_version INIT_CWD COLOR CI
    KUBERNETES_PORT KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT DATABASE_URL HTTP_PROXY no_proxy _
    PM2_HOME DYNO ROOMS ASSETS DEBUG VERSION`.split(/\s+/);
  assert.equal(unknownVariables(Object.fromEntries([...names, ...others].map(name => [name, '1']))), []);
});

unknown('looks at no name that is too long to be one of ours', () => {
  assert.equal(unknownVariables({ ['HISTORY'.repeat(10_000)]: '1' }), []);
});

unknown.run();
