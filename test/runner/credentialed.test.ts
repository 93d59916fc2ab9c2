/**
 * Registered binaries on the real engine: what runs beside a credential, what is left of it, and who
 * else can see it. Every trap is sprung once without the protection, so that its silence means
 * something.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseEngineAddress } from '../../sandbox-runner/src/launcher/engine.ts'
import type { GrantedBinary } from '../../src/domain/credentialed-binary.ts'
import type { CredentialedExec, SandboxPort } from '../../src/domain/ports/sandbox.ts'
import { ok } from '../../src/domain/result.ts'
import { CEILINGS } from '../../src/isolation/limits.ts'
import { createRunnerSandbox } from '../../src/isolation/runner-client.ts'
import { createSecretDictionary } from '../../src/output/secret-dictionary.ts'
import { execTool } from '../../src/tools/builtin/exec.ts'
import { hardeningOf } from '../../src/tools/credentialed/hardening/profiles.ts'
import { effectivePolicy } from '../../src/tools/policy.ts'
import { binary, policyOf } from '../support/credentialed.ts'
import { createMemoryWorkspace, type MemoryWorkspace } from '../support/memory-workspace.ts'
import { imageWith, removeImage } from './derived-image.ts'
import {
  containersOf,
  engine,
  ensureImage,
  missingEngine,
  type RunnerProcess,
  startRunner,
} from './runner-process.ts'

const missing = await missingEngine()

const SECRET = 'the-token-of-this-test-0123456789'
const ENV = { STOLEN_TOKEN: SECRET }

/** Read from the environment of a process that has it: the image's own tool, as a binary. */
const JQ = binary('jq')
const GIT = binary('git')
const SLEEP = binary('sleep')
/** Of the traps below: those that git springs without a terminal or a network. */
const ALL_SPRUNG = 'alias editor external filter fsmonitor hook ssh'.split(' ')

describe.skipIf(missing !== null)('a registered binary', () => {
  let runner: RunnerProcess
  let vendors: string | undefined
  let serial = 0
  beforeAll(async () => {
    ensureImage()
    vendors = imageWith(['aws', 'kubectl'])
    runner = await startRunner({
      env: { EDGECLAW_SANDBOX_IMAGES: vendors, EDGECLAW_RUNNER_KEEP: '0' },
    })
  })
  afterAll(async () => {
    await runner?.stop()
    if (vendors !== undefined) removeImage(vendors)
  })

  const sandboxOn = (workspace: MemoryWorkspace, image?: string): SandboxPort =>
    createRunnerSandbox({
      runners: [runner.endpoint],
      signKey: runner.signKey,
      fetch: (input, init) => fetch(input, init),
      workspace,
      tenant: 'ten_a',
      session: 'agent:main:ws:direct:credentialed',
      workspaceId: 'ten_a/agt_1/credentialed',
      access: 'rw',
      scope: 'session',
      limits: CEILINGS,
      now: Date.now,
      ...(image === undefined ? {} : { image }),
    })

  const signal = new AbortController().signal

  /** An ordinary command, with the guard off. */
  async function shell(workspace: MemoryWorkspace, command: string, image?: string) {
    const result = await sandboxOn(workspace, image).exec(
      { execId: `exec-${++serial}`, isResumed: false, command, cwd: '', hasSeenUntrusted: false },
      { signal, onSlow: () => {} },
    )
    if (!result.ok) throw new Error(result.error.message)
    return result.value
  }

  /** As a model calls it: judged, planned, opened, run. */
  async function call(
    workspace: MemoryWorkspace,
    command: string,
    binaries: readonly GrantedBinary[],
    image?: string,
  ): Promise<string> {
    const bound = execTool.bind({ command })
    if (!bound.ok) throw new Error(bound.error)
    const dictionary = createSecretDictionary()
    dictionary.register(SECRET)
    const outcome = await bound.value.run({
      callId: `exec-${++serial}`,
      isResumed: false,
      workspace,
      sandbox: sandboxOn(workspace, image),
      web: null,
      search: null,
      cron: null,
      channelFiles: null,
      subAgents: null,
      skills: null,
      sessions: null,
      callTool: async () => ({ content: 'there is none', isError: true }),
      mcp: null,
      custom: null,
      memory: null,
      hasSeenUntrusted: false,
      access: 'rw',
      policy: effectivePolicy({}),
      credentialed: policyOf(binaries),
      credentials: { open: async () => ok({ env: ENV, isIn: dictionary.contains }) },
      signal,
      onActivity: () => {},
    })
    return outcome.content
  }

  /** With the credential, and without any look at the workspace's files. */
  async function unchecked(
    workspace: MemoryWorkspace,
    argv: readonly [string, ...string[]],
    change: Partial<CredentialedExec> = {},
  ) {
    return sandboxOn(workspace).exec(
      {
        execId: `exec-${++serial}`,
        isResumed: false,
        command: argv.join(' '),
        cwd: '',
        hasSeenUntrusted: false,
        credentialed: {
          argv,
          env: { ...ENV, ...hardeningOf(argv[0]).env },
          hosts: [],
          admit: async () => null,
          isSecretIn: (text) => text.includes(SECRET),
          ...change,
        },
      },
      { signal, onSlow: () => {} },
    )
  }

  it('runs with its credential, a home of its own, and nothing else', async () => {
    const workspace = createMemoryWorkspace({ 'data.json': '{"a":1}' })
    expect(await call(workspace, 'jq -r .a data.json', [JQ])).toBe('1\n[exit code 0]')
    const seen = await call(
      workspace,
      `jq -n 'env | with_entries(select(.key | test("^GIT_") | not))'`,
      [JQ],
    )
    expect(JSON.parse(seen.replace('[exit code 0]', ''))).toEqual({
      ...ENV,
      PATH: '/usr/local/bin:/usr/bin:/bin',
      HOME: '/tmp',
      LANG: 'C.UTF-8',
      PAGER: 'cat',
      EDITOR: '/bin/false',
      VISUAL: '/bin/false',
      BROWSER: '/bin/false',
      SSH_ASKPASS: '/bin/false',
    })
    const ordinary = await shell(workspace, 'env | grep -c STOLEN; ls -A /tmp | wc -l')
    expect(ordinary.stdout).toBe('0\n0\n')
  })

  it('hands a shell’s characters on as they are', async () => {
    const workspace = createMemoryWorkspace()
    const content = await call(workspace, `jq -n '"$(id) | ; > x"'`, [JQ])
    expect(content).toBe('"$(id) | ; > x"\n[exit code 0]')
    expect(workspace.paths()).toEqual([])
  })

  it('is out of reach of a thief that an earlier command left running', async () => {
    const workspace = createMemoryWorkspace()
    const thief = `setsid bash -c '
      while :; do
        cat /proc/[0-9]*/environ 2>/dev/null | tr "\\0" "\\n" | grep ^STOLEN_ >> /workspace/loot
        sleep 0.02
      done' > /dev/null 2>&1 &`
    // Beside a process that has one, the thief gets it: this is what a warm container would mean.
    const warm = shell(workspace, `${thief} STOLEN_PROBE=decoy sleep 6`)
    await expect.poll(async () => (await containersOf(runner)).length).toBe(1)
    for (let i = 0; i < 3; i++) {
      expect(await call(workspace, 'jq -n env.STOLEN_TOKEN', [JQ])).toContain(SECRET)
    }
    await warm
    // Once more, after its command has ended.
    await call(workspace, 'jq -n env.STOLEN_TOKEN', [JQ])
    const after = await shell(workspace, 'sort -u loot')
    expect(after.stdout).toContain('STOLEN_PROBE=decoy')
    expect(after.stdout).not.toContain('STOLEN_TOKEN')
    expect(workspace.text('loot')).not.toContain(SECRET)
  })

  it('leaves its credential in nothing that the engine or the runner shows or keeps', async () => {
    const workspace = createMemoryWorkspace()
    const running = call(workspace, 'sleep 2', [SLEEP])
    let id = ''
    let execs: readonly string[] = []
    await expect
      .poll(async () => {
        id = (await containersOf(runner))[0]?.Id ?? ''
        const inspected = id === '' ? {} : ((await engine.inspectContainer(id)) as Inspected)
        execs = inspected.ExecIDs ?? []
        return execs.length
      })
      .toBe(1)
    const shown = [
      JSON.stringify(await engine.inspectContainer(id)),
      await askEngine(`/exec/${execs[0]}/json`),
    ]
    expect(shown[1]).toContain('/usr/bin/perl')
    await running
    const metrics = await (await fetch(`${runner.endpoint.url}/metrics`)).text()
    const logs = JSON.stringify(runner.logs())
    for (const text of [...shown, metrics, logs, ...filesBelow(runner.state)]) {
      expect(text).not.toContain(SECRET)
      expect(text).not.toContain('STOLEN_TOKEN')
    }
    expect(logs).toContain('exec_started')
    await expect.poll(async () => (await containersOf(runner)).length).toBe(0)
  })

  it('has every process that it leaves behind ended with its container', async () => {
    const workspace = createMemoryWorkspace()
    const left = await unchecked(workspace, ['/bin/bash', '-c', 'setsid sleep 60 & echo $!'])
    expect(left).toMatchObject({ ok: true, value: { exitCode: 0 } })
    await expect.poll(async () => (await containersOf(runner)).length).toBe(0)
  })

  it('takes no file back that holds the credential, and every other', async () => {
    const workspace = createMemoryWorkspace()
    const script = 'echo "$STOLEN_TOKEN" > kept'
    expect(await unchecked(workspace, ['/bin/bash', '-c', script])).toMatchObject({
      ok: false,
      error: { kind: 'workspace_rejected' },
    })
    const named = 'touch "$STOLEN_TOKEN"'
    expect(await unchecked(workspace, ['/bin/bash', '-c', named])).toMatchObject({ ok: false })
    expect(workspace.paths()).toEqual([])
    expect(await unchecked(workspace, ['/bin/bash', '-c', 'echo x > kept'])).toMatchObject({
      ok: true,
    })
    expect(workspace.paths()).toEqual(['kept'])
  })

  it('has a proxy when it has hosts, and nothing else either way', async () => {
    const workspace = createMemoryWorkspace()
    const script = 'cat /proc/net/dev | grep -vc "lo:\\|face\\|Inter"; env | grep -ic https_proxy'
    const without = await unchecked(workspace, ['/bin/bash', '-c', script])
    expect(without).toMatchObject({ ok: true, value: { stdout: '0\n0\n' } })
    const hosts = ['example.com']
    const reaching = await unchecked(workspace, ['/bin/bash', '-c', script], { hosts })
    expect(reaching).toMatchObject({ ok: true, value: { stdout: '0\n2\n' } })
    expect(await call(workspace, 'jq -n 1', [{ ...JQ, hosts }])).toContain('[exit code 0]')
    // A list that cannot be built as it stands is refused, not narrowed.
    const odd = await unchecked(workspace, ['/usr/bin/jq', '-n', '1'], { hosts: ['*.example.com'] })
    expect(odd).toMatchObject({ ok: false, error: { kind: 'refused' } })
  })

  /** Whoever runs leaves its name, and what it found in its environment. */
  const trap = (name: string, then = 'true'): string =>
    `sh -c 'echo ran >> /workspace/sprung-${name}; env | grep STOLEN >> /workspace/loot; ${then}'`

  /** One change in work, one commit behind, and a trap for every way in which git runs others. */
  const hostileRepository = `
    git init -q -b main . && git config user.email a@b.c && git config user.name a
    printf '*.txt filter=trap diff=trap\\n' > .gitattributes
    echo one > a.txt; git add . && git commit -qm one; echo two > a.txt
    git config core.fsmonitor "${trap('fsmonitor')} #"
    git config core.sshCommand "${trap('ssh')} #"
    git config core.pager "${trap('pager')} #"
    git config core.editor "${trap('editor')} #"
    git config credential.helper "!${trap('helper')} #"
    git config gpg.program /workspace/.git/hooks/pre-commit
    mkdir -p .git/hooks hooks
    for hook in pre-commit post-commit post-checkout pre-push post-index-change; do
      printf '#!/bin/bash\\necho ran >> /workspace/sprung-hook; env | grep STOLEN >> /workspace/loot\\n' > .git/hooks/$hook
      chmod +x .git/hooks/$hook
    done`
  const wildcards = `
    git config alias.st "!${trap('alias')} #"
    git config diff.external "${trap('external')} #"
    git config diff.trap.textconv "${trap('textconv')} #"
    git config filter.trap.clean "${trap('filter', 'cat')} #"
    git config filter.trap.smudge "${trap('filter', 'cat')} #"`
  const useAll = [
    'status',
    'diff',
    'log -p',
    'add -A',
    'commit -m two',
    'commit -a --amend',
    'checkout -b topic',
    'ls-remote ssh://nobody@nowhere.example/x',
    'fetch https://nowhere.example/x',
  ]
  const sprung = (workspace: MemoryWorkspace): readonly string[] =>
    workspace
      .paths()
      .filter((path) => path.startsWith('sprung-') || path === 'loot')
      .sort()

  const clear = (workspace: MemoryWorkspace): void => sprung(workspace).forEach(workspace.remove)

  it('springs, as an ordinary command, the traps of a hostile repository', async () => {
    const workspace = createMemoryWorkspace()
    await shell(workspace, `${hostileRepository}\n${wildcards}`)
    clear(workspace)
    const uses = useAll.map((args) => `git ${args}`).join('; ')
    await shell(workspace, `export STOLEN_X=decoy; ${uses}; git st`)
    expect(sprung(workspace)).toEqual(
      expect.arrayContaining(['loot', ...ALL_SPRUNG.map((name) => `sprung-${name}`)]),
    )
  })

  it('is refused in a repository whose configuration may run something', async () => {
    const workspace = createMemoryWorkspace()
    await shell(workspace, `${hostileRepository}\n${wildcards}`)
    clear(workspace)
    for (const args of useAll) {
      const content = await call(workspace, `git ${args}`, [GIT])
      expect(content, args).toMatch(/refused.*\.git\/config sets/)
    }
    expect(await call(workspace, 'git st', [GIT])).toContain('git was not run')
    expect(sprung(workspace)).toEqual([])
  })

  it('runs nothing of what has a fixed name even where the files were not looked at', async () => {
    const workspace = createMemoryWorkspace()
    await shell(workspace, hostileRepository)
    clear(workspace)
    for (const args of [...useAll, 'commit -S --allow-empty -m x']) {
      await unchecked(workspace, ['/usr/bin/git', ...args.split(' ')])
    }
    expect(sprung(workspace)).toEqual([])
    const log = await unchecked(workspace, ['/usr/bin/git', 'log', '--oneline'])
    expect(log.ok && log.value.stdout).toMatch(/two\n.*one\n/)
  })

  it('serves no local repository, whose hooks no setting reaches', async () => {
    const workspace = createMemoryWorkspace()
    await shell(
      workspace,
      `git init -q -b main a && cd a && git config user.email a@b.c && git config user.name a &&
       echo 1 > f && git add f && git commit -qm 1 && git init -q --bare ../b.git && git push -q ../b.git main &&
       printf '#!/bin/bash\\necho ran > /workspace/sprung-receive\\n' > ../b.git/hooks/pre-receive &&
       chmod +x ../b.git/hooks/pre-receive && echo 2 > f && git commit -qam 2`,
    )
    const pushed = await unchecked(workspace, [
      '/usr/bin/git',
      '-C',
      'a',
      'push',
      '../b.git',
      'main',
    ])
    expect(pushed.ok && pushed.value.stderr).toContain("transport 'file' not allowed")
    expect(sprung(workspace)).toEqual([])
    await shell(workspace, 'cd a && git push -q ../b.git main')
    expect(sprung(workspace)).toEqual(['sprung-receive'])
  })

  it('works in an honest repository', async () => {
    const workspace = createMemoryWorkspace()
    await shell(
      workspace,
      `git init -q -b main . && git config user.email a@b.c && git config user.name a &&
       echo 1 > f && git add f && git commit -qm one`,
    )
    await call(workspace, 'git mv f g', [GIT])
    expect(await call(workspace, `git commit -m 'two; three'`, [GIT])).toContain('[exit code 0]')
    const log = await call(workspace, 'git log --format=%s --name-only', [GIT])
    expect(log).toContain('two; three\n\ng\none\n\nf')
  })

  it('finds no settings of vendors’ tools in the workspace that name a program', async () => {
    const plugin = `{"users":[{"name":"u","user":{"exec":{"command":"/bin/bash","args":["-c","echo ran > /workspace/sprung-plugin; env | grep STOLEN >> /workspace/loot"]}}}]}`
    const files = {
      '.aws/config': `[profile x]\ncredential_process = ${trap('process')}\n`,
      '.kube/config': plugin,
    }
    const ordinary = createMemoryWorkspace(files)
    await shell(ordinary, 'export STOLEN_X=decoy; aws --profile x s3 ls; kubectl get pods', vendors)
    expect(sprung(ordinary)).toEqual(['loot', 'sprung-plugin', 'sprung-process'])

    const workspace = createMemoryWorkspace(files)
    const tools = ['aws', 'kubectl'].map((name) =>
      binary(name, { absolutePath: `/usr/local/bin/${name}` }),
    )
    expect(await call(workspace, 'aws --profile x s3 ls', tools, vendors)).toContain(
      'no such profile',
    )
    expect(await call(workspace, 'kubectl get pods', tools, vendors)).toContain('no configuration')
    expect(
      await call(workspace, 'kubectl --kubeconfig=.kube/config get pods', tools, vendors),
    ).toContain('kubectl was not run')
    expect(sprung(workspace)).toEqual([])
  })
})

interface Inspected {
  readonly ExecIDs?: readonly string[]
}

const askEngine = (path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const address = parseEngineAddress(process.env['DOCKER_HOST'])
    request({ ...address, path, headers: { host: 'docker' } }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        text += chunk
      })
      answer.on('end', () => resolve(text))
    })
      .on('error', reject)
      .end()
  })

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
