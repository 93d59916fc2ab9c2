/**
 * Decides where commands will run — a runner started here, runners named by the operator, or
 * nowhere — and what the gateway must know to reach it. Without an engine there is no fallback: the
 * exec tool is refused.
 */
import { resolve } from 'node:path'
import { publicRunnerKey } from '../../crypto/job-token.ts'
import { CliFailure } from '../failure.ts'
import { ROOT } from '../root.ts'
import { type EngineSearch, findEngine } from './engine.ts'
import { buildImage, type ImageBuild } from './image-build.ts'
import { DEFAULT_SANDBOX_IMAGE, type StartOptions } from './options.ts'
import { claimPort } from './port.ts'
import { type Runner, startRunner } from './runner.ts'
import type { State } from './state.ts'

const RUNNER_ENTRY = resolve(ROOT, 'sandbox-runner/src/main.ts')
const IMAGE_SCRIPT = resolve(ROOT, 'sandbox-runner/image/build')

/** One machine has one runner. */
const RUNNER_ID = 'local'

export interface SandboxHost {
  /** One line for the person who started it. */
  readonly summary: string
  readonly isOff: boolean
  /** EDGECLAW_RUNNERS and EDGECLAW_RUNNER_KEY, when there are runners. */
  readonly bindings: Readonly<Record<string, string>>
  readonly ready: Promise<void>
  /** To be called once the ready line is out: builds a missing image, telling its progress. */
  afterReady(): void
  stop(): Promise<void>
}

export interface SandboxOutput {
  onRunnerLine(line: string): void
  onRunnerTrouble(line: string): void
  onImageLine(line: string): void
}

const none = (summary: string): SandboxHost => ({
  summary,
  isOff: true,
  bindings: {},
  ready: Promise.resolve(),
  afterReady: () => undefined,
  stop: () => Promise.resolve(),
})

/**
 * The same port as last time where it is free: an exec whose outcome was not learnt before a restart
 * is asked for again at the address that it was sent to.
 */
async function runnerPort(state: State): Promise<number> {
  const last = state.readRunnerPort()
  if (last !== null) {
    const port = await claimPort('127.0.0.1', last).catch(() => null)
    if (port !== null) return port
  }
  return claimPort('127.0.0.1', 0)
}

export async function openSandbox(
  options: StartOptions,
  state: State,
  runnerKey: string,
  output: SandboxOutput,
  search: (env: NodeJS.ProcessEnv) => Promise<EngineSearch> = findEngine,
): Promise<SandboxHost> {
  if (options.runners !== null) {
    return {
      ...none(`${(JSON.parse(options.runners) as unknown[]).length} runner(s) of EDGECLAW_RUNNERS`),
      isOff: false,
      bindings: { EDGECLAW_RUNNERS: options.runners, EDGECLAW_RUNNER_KEY: runnerKey },
    }
  }
  if (!options.isRunnerWanted) return none('off, as asked: the exec tool is refused')
  const [found, port] = await Promise.all([search(process.env), runnerPort(state)])
  if (found.kind === 'missing') return none(`off, ${found.reason}: the exec tool is refused`)
  state.writeRunnerPort(port)
  const { engine } = found
  const hasImage = engine.hasImage(options.sandboxImage).catch(() => false)
  const url = `http://127.0.0.1:${port}`
  const publicJwk = await publicRunnerKey(runnerKey).catch((error: Error) => {
    throw new CliFailure(error.message)
  })
  const runner: Runner = startRunner({
    entry: RUNNER_ENTRY,
    port,
    audience: RUNNER_ID,
    publicKeys: [publicJwk],
    stateDir: state.runnerDir,
    dockerHost: engine.dockerHost,
    image: options.sandboxImage,
    onLine: output.onRunnerLine,
    onTrouble: output.onRunnerTrouble,
    onPid: (pid) => state.writePid('runner', pid),
  })
  const isImageHere = await hasImage
  // A name of one's own is one's own image: building ours under it would be a surprise.
  const isOurs = options.sandboxImage === DEFAULT_SANDBOX_IMAGE
  let imageBuild: ImageBuild | null = null
  return {
    summary: isImageHere
      ? `Docker, image ${options.sandboxImage}`
      : isOurs
        ? `Docker, image ${options.sandboxImage} is being built`
        : `Docker, but it has no image ${options.sandboxImage}: load it, and commands run`,
    isOff: false,
    bindings: {
      EDGECLAW_RUNNERS: JSON.stringify([{ url, keyId: RUNNER_ID }]),
      EDGECLAW_RUNNER_KEY: runnerKey,
    },
    ready: runner.ready,
    afterReady() {
      if (isImageHere || !isOurs) return
      imageBuild = buildImage({
        script: IMAGE_SCRIPT,
        image: options.sandboxImage,
        dockerHost: engine.dockerHost,
        onLine: output.onImageLine,
      })
    },
    async stop() {
      await Promise.all([runner.stop(), imageBuild?.stop()])
    },
  }
}
