import { describe, expect, it } from 'vitest'
import { EGRESS_PROXY_PORT } from '../../../../src/isolation/contract.ts'
import {
  checkGitFiles,
  configPaths,
  findHarmfulKey,
} from '../../../../src/tools/credentialed/hardening/git-config.ts'
import { hardeningOf } from '../../../../src/tools/credentialed/hardening/profiles.ts'

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

const argsOf = (program: string, line: string) =>
  hardeningOf(`/usr/bin/${program}`).checkArgs(line === '' ? [] : line.split(' '))

describe('the arguments of a binary that is known', () => {
  it.each([
    'status',
    'log --oneline -5',
    '-C sub diff --stat',
    '--no-pager show HEAD',
    'commit -m x',
    'push origin main',
    'clone --depth 1 https://example.com/a.git',
    'checkout -b topic',
    '--version',
    '',
  ])('lets git %s through', (line) => {
    expect(argsOf('git', line)).toBeNull()
  })

  it.each([
    '-c core.pager=x log',
    '-c alias.x=!id x',
    '--config-env=core.pager=X log',
    '--exec-path=/workspace/x status',
    '--git-dir=x status',
    '-p log',
    '--paginate log',
    'bisect run ./x',
    'rebase -x ./x HEAD~1',
    'submodule foreach ./x',
    'filter-branch --tree-filter ./x',
    'difftool -x ./x',
    'mergetool',
    'remote-ext x ./x',
    'remote-fd 1',
    'hook run pre-commit',
    'credential fill',
    'send-email --sendmail-cmd=./x',
    'daemon',
    'instaweb',
    'help log',
    'unknown-alias',
    'grep -O./x a',
    'grep -iO./x a',
    'grep -3O./x a',
    'grep -e -- -O./x',
    'grep --open-files-in-pager=./x a',
    'fetch --upload-pack=./x a',
    'fetch --upl=./x a',
    'ls-remote --exec=./x a',
    'clone -u ./x a b',
    'clone -qu./x a b',
    'clone -c core.fsmonitor=./x a b',
    'clone --conf core.fsmonitor=./x a',
    'clone -4c filter.x.smudge=./x a b',
    'clone --server-option -- -c filter.x.smudge=./x a b',
    'ls-remote --up=./x a',
    'push --ex=./x a',
    'pull -4s./x a',
    'clone --template=./x a',
    'push --receive-pack=./x a',
    'push --exec ./x a',
    'archive --remote=a --exec=./x HEAD',
    'init --template=./x',
  ])('keeps git %s from running something else', (line) => {
    expect(argsOf('git', line)).not.toBeNull()
  })

  it.each([
    ['gh', 'alias set x !id'],
    ['gh', 'extension exec x'],
    ['gh', '-R a/b auth token'],
    ['gh', 'pr view --web'],
    ['gh', 'copilot -p x'],
    ['gh', 'repo clone a/b -- -c filter.x.smudge=./x'],
    ['gh', 'repo fork a/b --clone -- --template=x'],
    ['gh', 'api user --jq env.GH_TOKEN|explode'],
    ['gh', 'api user --jq=$ENV|keys'],
    ['gh', 'api user -iq [env[]|@base32]'],
    ['aws', 'configure set x y'],
    ['aws', '--region x configure list'],
    ['aws', `x --cli-input-json file:///p\${AWS_PAGER}roc/self/environ`],
    ['aws', 'x --body=fileb://$HOME/x'],
    ['aws', 'opsworks register --override-ssh ./x'],
    ['aws', 'deploy install --config-file x'],
    ['kubectl', '--kubeconfig=/workspace/k get pods'],
    ['kubectl', '--kubeconfig /workspace/k get pods'],
    ['kubectl', 'config view'],
    ['kubectl', 'edit pod/x'],
    ['kubectl', 'apply -k .'],
    ['psql', '-c \\! sh'],
    ['psql', '-f x.sql'],
    ['psql', '-qf x.sql'],
    ['psql', '-1f x.sql'],
    ['psql', '-X0fx.sql'],
    ['psql', '--lo=x'],
    ['psql', '-o|sh'],
    ['psql', '--file=x'],
    ['npm', 'run build'],
    ['npm', 'install'],
    ['npm', 'exec x'],
    ['npm', 'publish --ignore-scripts=false'],
    ['npm', '--userconfig x publish'],
    ['npm', 'publish --userc=x'],
    ['npm', 'publish --script-s=/bin/sh'],
    ['npm', 'publish --no-ignore-script'],
    ['npm', 'publish --no-no-no-ignore-scripts'],
    ['npm', 'publish --No-ignore-scripts'],
    ['npm', 'publish -C x'],
    ['npm', 'publish --reg https://thief.example'],
    ['npm', `publish --tag=\${NPM_TOKEN}`],
    ['psql-16', '-f x.sql'],
    ['gcloud', 'auth print-access-token'],
    ['gcloud', 'compute ssh x'],
  ])('keeps %s %s from running something else', (program, line) => {
    expect(argsOf(program, line)).not.toBeNull()
  })

  it.each([
    ['gh', 'pr list'],
    ['aws', 's3 ls'],
    ['aws', 'x --cli-input-json file://job.json'],
    ['kubectl', 'get pods -n x'],
    ['psql', '-c select'],
    ['npm', 'publish'],
    ['npm', 'publish --access public --tag=next --dry-run'],
    ['gh', 'api repos/a/b/environments --jq .environments[].name'],
    ['gh', 'issue list --label env'],
    ['gcloud', 'projects list'],
    ['jq', '-n env'],
  ])('lets %s %s through', (program, line) => {
    expect(argsOf(program, line)).toBeNull()
  })

  it('pins configuration, editors and pagers for every binary, and its own for each', () => {
    expect(hardeningOf('/opt/tool/bin/unknown').env).toMatchObject({
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_ALLOW_PROTOCOL: 'https',
      PAGER: 'cat',
      EDITOR: '/bin/false',
    })
    expect(hardeningOf('/usr/local/bin/aws').env).toMatchObject({
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    })
    expect(hardeningOf('/usr/bin/kubectl').env['KUBECONFIG']).toBe('/dev/null')
    expect(hardeningOf('/usr/bin/psql').env['PSQLRC']).toBe('/dev/null')
    expect(hardeningOf('/usr/bin/npm').env['NPM_CONFIG_USERCONFIG']).toBe('/dev/null')
  })

  it('leads git and psql to where the runner listens', () => {
    const git = hardeningOf('/usr/bin/git').env
    const index = Object.keys(git)
      .find((name) => git[name] === 'http.proxy')
      ?.slice(-2)
    expect(git[`GIT_CONFIG_VALUE_${index}`]).toBe(`http://127.0.0.1:${EGRESS_PROXY_PORT}`)
    expect(hardeningOf('/usr/bin/psql')).toMatchObject({
      port: 5_432,
      env: { PGHOSTADDR: '127.0.0.1' },
    })
  })
})

const PLAIN = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = false
; a comment
[remote "origin"]
\turl = https://example.com/a.git
\tfetch = +refs/heads/*:refs/remotes/origin/*
[branch "main"]
\tremote = origin
\tmerge = refs/heads/main
[user]
\tname = A B
`

describe('a workspace’s git configuration', () => {
  it('may say where things are', () => {
    expect(findHarmfulKey(PLAIN)).toBeNull()
    expect(findHarmfulKey(PLAIN.replaceAll('\n', '\r\n'))).toBeNull()
  })

  it.each([
    ['core', 'fsmonitor'],
    ['core', 'sshCommand'],
    ['core', 'hooksPath'],
    ['core', 'pager'],
    ['core', 'editor'],
    ['core', 'gitProxy'],
    ['core', 'alternateRefsCommand'],
    ['core', 'worktree'],
    ['sequence', 'editor'],
    ['alias', 'st'],
    ['pager', 'log'],
    ['diff', 'external'],
    ['diff "x"', 'command'],
    ['diff "x"', 'textconv'],
    ['merge "x"', 'driver'],
    ['mergetool "x"', 'cmd'],
    ['difftool "x"', 'cmd'],
    ['filter "x"', 'clean'],
    ['filter "x"', 'smudge'],
    ['filter "x"', 'process'],
    ['gpg', 'program'],
    ['gpg "ssh"', 'program'],
    ['credential', 'helper'],
    ['credential "https://x"', 'helper'],
    ['http', 'proxy'],
    ['http "https://x"', 'proxy'],
    ['http', 'sslVerify'],
    ['remote "x"', 'uploadpack'],
    ['remote "x"', 'receivepack'],
    ['remote "x"', 'vcs'],
    ['remote "x"', 'proxy'],
    ['url "ext::x"', 'insteadOf'],
    ['include', 'path'],
    ['includeIf "gitdir:x"', 'path'],
    ['protocol "ext"', 'allow'],
    ['protocol', 'allow'],
    ['submodule "x"', 'update'],
    ['trailer "x"', 'command'],
    ['tar "x"', 'command'],
    ['interactive', 'diffFilter'],
    ['uploadpack', 'packObjectsHook'],
    ['extensions', 'worktreeConfig'],
    ['extensions', 'partialClone'],
    ['browser "x"', 'cmd'],
    ['some-new-section', 'anything'],
  ])('may not set [%s] %s', (section, key) => {
    expect(findHarmfulKey(`${PLAIN}[${section}]\n\t${key} = x\n`)).not.toBeNull()
    expect(findHarmfulKey(`[${section.toUpperCase()}]\n${key.toUpperCase()}=x`)).not.toBeNull()
    expect(findHarmfulKey(`[${section}]${key}=x`)).not.toBeNull()
  })

  it.each([
    ['a continued line', '[user]\n\tname = x\\\n[alias]\n\tx = y\n'],
    ['a key before any section', 'x = y\n'],
    ['a section and a key on one line', '[core] bare = false\n'],
    ['a carriage return inside', '[user]\n\tname = x\r[alias]\r\tx = y\n'],
    ['a form feed', '[user]\f\n'],
    ['a byte order mark', '\ufeff[alias]\n'],
    ['what is no configuration', '<html>\n'],
    ['a subsection that is not closed', '[branch "x]\n'],
  ])('may not hold %s', (_, text) => {
    expect(findHarmfulKey(text)).not.toBeNull()
  })

  it('is looked for wherever git finds a repository', () => {
    const found = configPaths(
      words(`
      .git/HEAD .git/config .git/refs/heads/main .git/config.worktree .git/modules/x/HEAD
      .git/modules/x/config bare/HEAD bare/config common/objects/ab/cd common/refs/x
      common/config executable/objects executable/refs executable/config config HEAD
      refs/inner/HEAD refs/inner/config .aws/config src/config .kube/config
    `),
    )
    expect([...found].sort()).toEqual(
      words(`
      .git/config .git/config.worktree .git/modules/x/config bare/config common/config
      config executable/config refs/inner/config
    `),
    )
  })

  it('refuses what cannot be read, and names the file', async () => {
    const paths = ['.git/HEAD', '.git/config']
    expect(await checkGitFiles({ paths, read: async () => PLAIN })).toBeNull()
    expect(await checkGitFiles({ paths, read: async () => null })).toContain('.git/config')
    expect(await checkGitFiles({ paths, read: async () => '[alias]\nx = !id' })).toContain(
      'alias.x',
    )
    expect(await checkGitFiles({ paths: ['a'], read: async () => null })).toBeNull()
  })
})

it('refuses npm a project’s own .npmrc', async () => {
  const { checkFiles } = hardeningOf('/usr/bin/npm')
  const read = async () => ''
  expect(await checkFiles?.({ paths: ['a/.npmrc'], read })).toContain('a/.npmrc')
  expect(await checkFiles?.({ paths: ['package.json'], read })).toBeNull()
})
