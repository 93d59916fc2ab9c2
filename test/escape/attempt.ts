/**
 * Makes one attempt: in the sandbox as every job is run, through the runner's wire; or, with flags
 * taken away, through the same launcher, supervisor and front in this process.
 */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBlobStore } from '../../sandbox-runner/src/front/blobs.ts'
import { createLauncherClient } from '../../sandbox-runner/src/front/launcher-client.ts'
import { supervise } from '../../sandbox-runner/src/front/supervise.ts'
import { createBuilds } from '../../sandbox-runner/src/launcher/builds.ts'
import { containerSpec, randomUids } from '../../sandbox-runner/src/launcher/container.ts'
import { createLauncher } from '../../sandbox-runner/src/launcher/launch.ts'
import { createLauncherServer } from '../../sandbox-runner/src/launcher/server.ts'
import { DEFAULT_SANDBOX_IMAGE } from '../../sandbox-runner/src/launcher/settings.ts'
import { readSupervisorText } from '../../sandbox-runner/src/launcher/supervisor-text.ts'
import type { ExecEvent, ExecRequest } from '../../src/isolation/contract.ts'
import {
  engine,
  job,
  type RunnerProcess,
  run,
  sha256,
  summarise,
} from '../runner/runner-process.ts'
import { askEngine } from '../runner/traces.ts'
import { FLAGS, type FlagName, weakenedEngine } from './flags.ts'
import { FIXTURE_LABEL, type HostFixtures, makeHostFixtures } from './host-fixtures.ts'
import { type Probe, parseVerdict, type Verdict } from './probe.ts'

const asset = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const PRELUDE = asset('./prelude.py')
const SECCOMP = JSON.stringify(JSON.parse(asset('../../sandbox-runner/seccomp.json')))
const SUPERVISOR = readSupervisorText()
export const IMAGE = process.env['EDGECLAW_SANDBOX_IMAGE'] || DEFAULT_SANDBOX_IMAGE

/** Small, so that what goes beyond a limit costs little. */
const LIMITS = { memoryMb: 64, cpus: 1, pids: 64, timeoutMs: 60_000, outputBytes: 65_536 }

function scriptOf({ attempt }: Probe): string {
  const body = attempt
    .trim()
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')
  return `python3 - <<'PROBE'\n${PRELUDE}\ndef attempt():\n${body}\n\njudge(attempt)\nPROBE`
}

const jobFor = (probe: Probe, env: Readonly<Record<string, string>>): ExecRequest =>
  job(scriptOf(probe), { env: { ...env }, profile: { limits: LIMITS } })

const verdictOf = (events: readonly ExecEvent[]): Verdict => {
  const { stdout, stderr, exit, error } = summarise(events)
  const end = error?.message ?? `code ${exit?.code}, signal ${exit?.signal}, ${stderr.slice(-200)}`
  return parseVerdict(stdout, `no verdict (${end.trim()})`)
}

/** As every job is run. */
export async function attemptInside(
  runner: RunnerProcess,
  probe: Probe,
  { env }: HostFixtures,
): Promise<Verdict> {
  return verdictOf((await run(runner, jobFor(probe, env))).events)
}

/** What the engine kept of a container’s output; empty without a log. */
async function logOf(container: string): Promise<string> {
  const path = `/containers/${container}/logs?stdout=1&stderr=1&tail=20`
  const { status, body } = await askEngine(path)
  return status === 200 ? body.toString('latin1') : ''
}

export async function createWeakening() {
  const folder = mkdtempSync(join(tmpdir(), 'edgeclaw-weakened-'))
  const blobs = await createBlobStore(join(folder, 'blobs'), 1_024 * 1_024)
  const host = await makeHostFixtures(engine, IMAGE, SECCOMP)
  let serial = 0
  const impossible = new Map<FlagName, string>()
  for (const flag of ['Privileged', 'CapAdd', 'CapAddResource'] as const) {
    const reason = await refusalOf(flag)
    if (reason !== null) impossible.set(flag, reason)
  }

  /** Some machines withhold powers from the engine itself, which then cannot hand them on to root. */
  async function refusalOf(flag: FlagName): Promise<string | null> {
    const labels = { [FIXTURE_LABEL]: 'trial' }
    const weak = weakenedEngine(engine, [flag, 'User'], host, async () => {})
    const options = {
      image: IMAGE,
      uids: randomUids(),
      limits: LIMITS,
      seccomp: SECCOMP,
      runtime: null,
      labels,
    }
    const id = await weak.createContainer(`edgeclaw-${randomUUID()}`, containerSpec(options))
    try {
      await weak.startContainer(id)
      return null
    } catch (error) {
      return error instanceof Error ? (error.message.split(': ').at(-2) ?? error.message) : ''
    } finally {
      await engine.removeContainer(id)
    }
  }

  async function attemptWithout(removed: readonly FlagName[], probe: Probe): Promise<Verdict> {
    for (const flag of removed) {
      const reason = impossible.get(flag)
      if (reason === undefined || !removed.includes('User')) continue
      const what = `${FLAGS[flag].title} cannot be taken away: ${reason}`
      return { outcome: 'impossible', reason: what }
    }
    let log = ''
    const shared = {
      engine: weakenedEngine(engine, removed, host, async (id) => {
        if (probe.countsIfLogged !== undefined) log ||= await logOf(id)
      }),
      owner: `escape-${randomUUID()}`,
      image: IMAGE,
      runtime: null,
      seccomp: SECCOMP,
      supervisor: SUPERVISOR,
    }
    const launcher = createLauncher({
      ...shared,
      allowedImages: [],
      maxContainers: 1,
      poolSize: 0,
      maxKept: 0,
      usualLimits: LIMITS,
    })
    const path = join(folder, `${++serial}.sock`)
    const server = createLauncherServer(launcher, createBuilds(shared))
    await new Promise<void>((resolve) => server.listen(path, resolve))
    const request = jobFor(probe, host.env)
    const events: ExecEvent[] = []
    try {
      const session = await createLauncherClient(path).run(
        {
          execId: request.execId,
          owner: sha256('escape'),
          holder: sha256('escape'),
          isOneShot: true,
          limits: LIMITS,
        },
        new AbortController().signal,
      )
      await supervise({
        request,
        tenant: 'ten_a',
        manifest: new Map(),
        held: new Map(),
        session,
        blobs,
        egress: null,
        onKept: () => {},
        onStart: () => {},
        emit: (event) => events.push(event),
        isCancelled: () => false,
      })
    } catch (error) {
      return { outcome: 'broken', reason: String(error) }
    } finally {
      await launcher.close()
      server.close()
    }
    const verdict = verdictOf(events)
    if (verdict.outcome !== 'escaped' || probe.countsIfLogged === undefined) return verdict
    return log.includes(probe.countsIfLogged)
      ? verdict
      : { outcome: 'stopped', reason: 'nothing is kept' }
  }

  return {
    host,
    attemptWithout,
    close: async () => {
      await host.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
export type Weakening = Awaited<ReturnType<typeof createWeakening>>
