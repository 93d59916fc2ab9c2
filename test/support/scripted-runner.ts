/**
 * A sandbox-runner in memory, behind a `fetch`: it speaks the wire with the real schemas, builds what
 * its index holds, and runs every command to the same end once its image is there. Runs anywhere.
 */
import { sha256Hex } from '../../src/crypto/digest.ts'
import type { Fetch } from '../../src/domain/model.ts'
import {
  comparePackages,
  ERROR_STATUS,
  type ExecRequest,
  execRequestSchema,
  type ImageBuildEvent,
  imageBuildRequestSchema,
  type JobClaims,
  jobClaimsSchema,
  type PinnedPackage,
  type Profile,
  packagesText,
  profileText,
  type RunnerErrorCode,
  type WirePackage,
} from '../../src/isolation/contract.ts'

export interface ScriptedRunner {
  readonly fetch: Fetch
  /** Builds that were asked for, each with whose they are. */
  readonly builds: { readonly tenant: string; readonly packages: readonly WirePackage[] }[]
  /** Commands that were asked for while their image was missing, and those that ran. */
  readonly missed: Profile[]
  readonly ran: Profile[]
  /** Newest version of what can be installed. */
  index: Readonly<Record<string, string>>
  /** Plays the build instead: events, an error answer, or a promise of either. */
  onBuild: (packages: readonly WirePackage[]) => Scripted | null | Promise<Scripted | null>
  /** Loses all its images. */
  forget(): void
}

export type Scripted =
  | readonly ImageBuildEvent[]
  | { readonly refused: RunnerErrorCode; readonly retryAfterMs?: number }

const HEALTH = {
  status: 'ok',
  instance: 'scripted',
  engine: { isReachable: true, version: '1' },
  image: { name: 'edgeclaw-sandbox:bookworm-slim', state: 'present' },
  capacity: { running: 0, max: 8 },
  isUserNamespaceRemapped: false,
  runtime: 'runc',
}

const refuse = (code: RunnerErrorCode, retryAfterMs?: number): Response =>
  Response.json(
    { error: { code, message: `scripted ${code}`, ...(retryAfterMs ? { retryAfterMs } : {}) } },
    { status: ERROR_STATUS[code] },
  )

const stream = (events: readonly object[]): Response =>
  new Response(events.map((event) => `${JSON.stringify(event)}\n`).join(''))

/** Of the job token, which the real runner verifies: that is tested where there is one. */
function claimsOf(init: RequestInit | undefined): JobClaims {
  const token = new Headers(init?.headers).get('authorization')?.slice('Bearer '.length) ?? ''
  const payload = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')
  return jobClaimsSchema.parse(JSON.parse(atob(payload)))
}

export function createScriptedRunner(index: Readonly<Record<string, string>> = {}): ScriptedRunner {
  const images = new Set<string>()
  const imageOf = (tenant: string, packages: readonly PinnedPackage[]): string =>
    `${tenant} ${packagesText(packages)}`

  async function build(init: RequestInit | undefined): Promise<Response> {
    const { tenant } = claimsOf(init)
    const parsed = imageBuildRequestSchema.safeParse(JSON.parse(String(init?.body)))
    if (!parsed.success) return refuse('INVALID_JOB')
    const { packages } = parsed.data
    runner.builds.push({ tenant, packages })
    const scripted = await runner.onBuild(packages)
    if (scripted !== null && 'refused' in scripted) {
      return refuse(scripted.refused, scripted.retryAfterMs)
    }
    if (scripted !== null) return stream(scripted)
    const pinned = packages
      .map((wanted) => {
        const version = wanted.version ?? runner.index[`${wanted.manager}:${wanted.name}`]
        return { ...wanted, version } as PinnedPackage
      })
      .sort(comparePackages)
    const absent = pinned.find(({ manager, name }) => !runner.index[`${manager}:${name}`])
    if (absent !== undefined) {
      const message = `there is no package ${absent.name}`
      return stream([{ event: 'error', code: 'BUILD_FAILED', message }])
    }
    images.add(imageOf(tenant, pinned))
    return stream([
      ...pinned.map(({ name }) => ({ event: 'progress', line: `Setting up ${name}` })),
      { event: 'built', packages: pinned, imageId: 'sha256:scripted' },
    ])
  }

  async function exec(init: RequestInit | undefined): Promise<Response> {
    const { tenant } = claimsOf(init)
    const job: ExecRequest = execRequestSchema.parse(JSON.parse(String(init?.body)))
    const { profile, workspace } = job
    if (job.profileHash !== (await sha256Hex(profileText(profile)))) return refuse('INVALID_JOB')
    if (profile.packages !== undefined && !images.has(imageOf(tenant, profile.packages))) {
      runner.missed.push(profile)
      return refuse('IMAGE_MISSING', 1_000)
    }
    runner.ran.push(profile)
    return stream([
      { event: 'started', root: workspace?.root ?? null },
      { event: 'stdout', b64: btoa('scripted output') },
      { event: 'exit', code: 0, signal: null, oom: false, timedOut: false, durationMs: 1 },
    ])
  }

  const runner: ScriptedRunner = {
    builds: [],
    missed: [],
    ran: [],
    index,
    onBuild: () => null,
    forget: () => images.clear(),
    fetch: async (input, init) => {
      const { pathname } = new URL(String(input))
      if (pathname === '/health') return Response.json(HEALTH)
      if (pathname === '/v1/images') return build(init)
      if (pathname === '/v1/exec') return exec(init)
      return refuse('NOT_FOUND')
    },
  }
  return runner
}
