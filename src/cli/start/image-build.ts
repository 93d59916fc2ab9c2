/**
 * Builds a missing sandbox image beside the running gateway. An exec waits meanwhile: the runner
 * answers IMAGE_MISSING until the image is there, and the gateway tells the caller so.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { stopChild } from '../processes.ts'

/** Enough to see that it goes on, few enough to leave the terminal to what one came for. */
const PROGRESS_EVERY_MS = 5_000

/** It removes a half-made file system of 200 MB; the whole stop must fit into five seconds. */
const STOP_GRACE_MS = 3_500

export interface ImageBuild {
  /** True when the image was made. */
  readonly done: Promise<boolean>
  stop(): Promise<void>
}

export interface ImageBuildOptions {
  /** sandbox-runner/image/build */
  readonly script: string
  readonly image: string
  readonly dockerHost: string
  onLine(line: string): void
  readonly progressEveryMs?: number
}

export function buildImage(options: ImageBuildOptions): ImageBuild {
  const { script, image, dockerHost, onLine, progressEveryMs = PROGRESS_EVERY_MS } = options
  if (!existsSync(script)) {
    onLine(`cannot be built: ${script} is missing`)
    return { done: Promise.resolve(false), stop: () => Promise.resolve() }
  }
  const began = performance.now()
  // A group of its own: the script starts debootstrap and docker, which must end with it.
  const child = spawn(script, [], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DOCKER_HOST: dockerHost, EDGECLAW_SANDBOX_IMAGE: image },
  })
  let last = ''
  let isStopped = false
  let shownAt = Number.NEGATIVE_INFINITY
  createInterface({ input: child.stdout }).on('line', (line) => {
    const now = performance.now()
    if (now - shownAt < progressEveryMs) return
    shownAt = now
    // The script names itself and counts seconds for whoever runs it by hand.
    onLine(line.replace(/^sandbox image: /, '').replace(/^[A-Z]: /, ''))
  })
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line.trim() !== '') last = line
  })
  const done = new Promise<boolean>((resolve) => {
    child.on('error', (error) => {
      onLine(`cannot be built: ${error.message}`)
      resolve(false)
    })
    child.on('close', (code) => {
      const seconds = ((performance.now() - began) / 1000).toFixed(0)
      if (code === 0) onLine(`ready after ${seconds} s`)
      else if (!isStopped) onLine(`failed (exit ${code}): ${last || 'no reason was given'}`)
      resolve(code === 0)
    })
  })
  return {
    done,
    async stop() {
      isStopped = true
      await stopChild(child, STOP_GRACE_MS, { isGroup: true })
    },
  }
}
