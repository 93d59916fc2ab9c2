import { describe, expect, it } from 'vitest'
import { checkBinary, checkEnvironment } from '../../../../src/tools/credentialed/registration.ts'
import { secretValues } from '../../../../src/tools/credentialed/secret-values.ts'

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

const check = (absolutePath: string, fields: Partial<Parameters<typeof checkBinary>[0]> = {}) =>
  checkBinary({
    name: absolutePath.split('/').at(-1) ?? '',
    absolutePath,
    denyArgs: [],
    denyVerbose: [],
    hosts: [],
    ...fields,
  }).ok

describe('checkBinary', () => {
  it.each([
    '/usr/bin/gh',
    '/usr/local/bin/aws',
    '/bin/git',
    '/opt/google/bin/gcloud',
    '/usr/bin/jq',
  ])('lets %s be registered', (path) => {
    expect(check(path)).toBe(true)
  })

  it.each(
    words(`
    gh ./gh /workspace/gh /tmp/gh /proc/self/exe /usr/bin/../../tmp/gh /usr/bin /usr/bin/
    /usr//bin/gh /srv/x/gh /var/tmp/gh /usr/bin/gh;id /run/gh
  `),
  )('refuses the path %s', (path) => {
    expect(check(path, { name: 'gh' })).toBe(false)
  })

  it.each(
    words(`
    /bin/bash /bin/sh /usr/bin/env /usr/bin/xargs /usr/bin/python3.11 /usr/bin/perl
    /usr/bin/node /usr/bin/timeout /usr/bin/sudo /usr/bin/vim /usr/bin/make /usr/bin/ssh
    /usr/bin/find /usr/bin/npx /usr/bin/printenv /usr/bin/rg /usr/bin/sqlite3 /usr/lib/git-core/git-push
  `),
  )('refuses %s, which runs what it is told', (path) => {
    expect(check(path, { name: 'x' })).toBe(false)
  })

  it('refuses a name that is a shell’s, patterns that deny nothing, hosts that are none', () => {
    expect(check('/usr/bin/gh', { name: 'bash' })).toBe(false)
    expect(check('/usr/bin/gh', { name: 'g h' })).toBe(false)
    expect(check('/usr/bin/gh', { denyArgs: ['*'] })).toBe(false)
    expect(check('/usr/bin/gh', { denyVerbose: [''] })).toBe(false)
    expect(check('/usr/bin/gh', { denyArgs: ['repo delete'] })).toBe(true)
    for (const host of ['*', 'https://x.y', 'x.y:443', 'localhost', 'X.Y', '-a.b', 'a..b']) {
      expect(check('/usr/bin/gh', { hosts: [host] }), host).toBe(false)
    }
    expect(check('/usr/bin/gh', { hosts: ['api.github.com'] })).toBe(true)
  })
})

describe('checkEnvironment', () => {
  const checkEnv = (env: Record<string, string>, path = '/usr/bin/gh') =>
    checkEnvironment(path, env).ok

  it('lets tokens and settings in', () => {
    expect(checkEnv({ GH_TOKEN: 'ghp_0123456789', GH_HOST: 'x.y' })).toBe(true)
    expect(checkEnv({ AWS_ACCESS_KEY_ID: 'AKIA1234', AWS_REGION: 'x' }, '/usr/bin/aws')).toBe(true)
    expect(checkEnv({ PGPASSWORD: 'long enough', PGPORT: '5432' }, '/usr/bin/psql')).toBe(true)
  })

  it.each(
    words(`
    PATH HOME LD_PRELOAD LD_LIBRARY_PATH BASH_ENV ENV NODE_OPTIONS PYTHONPATH
    PYTHONSTARTUP PERL5OPT RUBYOPT GIT_SSH_COMMAND GIT_CONFIG_COUNT GIT_DIR HTTPS_PROXY
    https_proxy ALL_PROXY SSL_CERT_FILE KUBECONFIG NPM_CONFIG_USERCONFIG
    JAVA_TOOL_OPTIONS GCONV_PATH PAGER GH_PAGER EDITOR XDG_CONFIG_HOME EDGECLAW_TOKEN
  `),
  )('refuses %s, which decides what runs', (name) => {
    expect(checkEnv({ [name]: 'some value' })).toBe(false)
  })

  it('refuses what the binary’s own profile pins', () => {
    expect(checkEnv({ AWS_CONFIG_FILE: '/workspace/x' }, '/usr/bin/aws')).toBe(false)
    expect(checkEnv({ PSQLRC: '/workspace/x' }, '/usr/bin/psql')).toBe(false)
    expect(checkEnv({ GH_CONFIG_DIR: '/workspace/x' })).toBe(false)
  })

  it('refuses a secret too short to be scrubbed, no variable at all, and names that are none', () => {
    expect(checkEnv({ GH_TOKEN: 'short' })).toBe(false)
    expect(checkEnv({})).toBe(false)
    expect(checkEnv({ 'A=B': 'x' })).toBe(false)
    expect(checkEnv({ A: '' })).toBe(false)
    expect(checkEnv({ A: 'a\0b' })).toBe(false)
  })

  it('never says a value', () => {
    const checked = checkEnvironment('/usr/bin/gh', { PATH: 'hunter2hunter2' })
    expect(JSON.stringify(checked)).not.toContain('hunter2')
  })
})

describe('secretValues', () => {
  it('holds what could be told without the rest', () => {
    const key = JSON.stringify({
      type: 'x',
      nested: { private_key: 'p'.repeat(20) },
      url: 'https://example.com/token',
    })
    const values = secretValues({ DB: 'postgres://u:p%40ss-word@h/d', KEY: key, T: 'token-value' })
    expect(values).toContain('token-value')
    expect(values).toContain('p%40ss-word')
    expect(values).toContain('p@ss-word')
    expect(values).toContain('p'.repeat(20))
    expect(values).toContain(key)
    expect(values).not.toContain('x')
    expect(values).not.toContain('https://example.com/token')
  })
})
