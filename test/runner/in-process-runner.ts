/**
 * Launcher and front in this process, on the real engine, for what a test must hold in its hands: name
 * answers, the address check, log lines. The shipped runner has no switch for any of these.
 */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuthenticator } from '../../sandbox-runner/src/front/authenticate.ts'
import { createBlobStore } from '../../sandbox-runner/src/front/blobs.ts'
import type { BuildSettings } from '../../sandbox-runner/src/front/build-settings.ts'
import { createHeldWorkspaces } from '../../sandbox-runner/src/front/held-workspaces.ts'
import { createLauncherClient } from '../../sandbox-runner/src/front/launcher-client.ts'
import { createManifestCache } from '../../sandbox-runner/src/front/manifests.ts'
import { createMetrics } from '../../sandbox-runner/src/front/metrics.ts'
import { createRecords } from '../../sandbox-runner/src/front/records.ts'
import type { AddressPolicy } from '../../sandbox-runner/src/front/resolve.ts'
import { createFront } from '../../sandbox-runner/src/front/server.ts'
import { createBuilds } from '../../sandbox-runner/src/launcher/builds.ts'
import { USUAL_LIMITS } from '../../sandbox-runner/src/launcher/container.ts'
import { createLauncher } from '../../sandbox-runner/src/launcher/launch.ts'
import { createLauncherServer } from '../../sandbox-runner/src/launcher/server.ts'
import { DEFAULT_SANDBOX_IMAGE } from '../../sandbox-runner/src/launcher/settings.ts'
import { readSupervisorText } from '../../sandbox-runner/src/launcher/supervisor-text.ts'
import { generateRunnerKey, importRunnerKey } from '../../src/crypto/job-token.ts'
import { engine, type RunnerAddress } from './runner-process.ts'

const SECCOMP = new URL('../../sandbox-runner/seccomp.json', import.meta.url)

export const baseImage = (): string =>
  process.env['EDGECLAW_SANDBOX_IMAGE'] || DEFAULT_SANDBOX_IMAGE

export interface InProcessRunner extends RunnerAddress {
  readonly owner: string
  readonly stop: () => Promise<void>
}

const listen = (server: Server, where: string | number): Promise<void> =>
  new Promise((resolve) => {
    if (typeof where === 'string') server.listen(where, resolve)
    else server.listen(where, '127.0.0.1', resolve)
  })

export interface InProcessOptions {
  readonly addresses: AddressPolicy
  readonly builds?: Partial<BuildSettings>
  readonly buildTimeoutMs?: number
  readonly maxDiskBytes?: number
  readonly image?: string
}

export async function startInProcess(options: InProcessOptions): Promise<InProcessRunner> {
  const { addresses } = options
  const folder = mkdtempSync(join(tmpdir(), 'edgeclaw-in-process-'))
  const owner = randomUUID().replaceAll('-', '')
  const keyId = `runner-${owner}`
  const key = await generateRunnerKey()
  const image = options.image ?? baseImage()
  const shared = {
    engine,
    owner,
    image,
    runtime: null,
    seccomp: JSON.stringify(JSON.parse(readFileSync(SECCOMP, 'utf8'))),
    supervisor: readSupervisorText(),
  }
  const { maxDiskBytes } = options
  const builds = createBuilds({
    ...shared,
    ...(maxDiskBytes === undefined ? {} : { maxDiskBytes }),
  })
  const launcher = createLauncher({
    ...shared,
    allowedImages: [],
    maxContainers: 8,
    poolSize: 0,
    maxKept: 2,
    usualLimits: USUAL_LIMITS,
  })
  const launcherServer = createLauncherServer(launcher, builds)
  const path = join(folder, 'launcher.sock')
  await listen(launcherServer, path)
  const records = createRecords(join(folder, 'started.log'), Date.now)
  const front = createFront({
    authenticate: await createAuthenticator({
      publicKeys: [{ ...key.publicJwk, kid: key.publicJwk.kid ?? '' }],
      audience: keyId,
      nowMs: Date.now,
    }),
    blobs: await createBlobStore(join(folder, 'blobs'), 64 * 1024 * 1024),
    manifests: createManifestCache(),
    held: createHeldWorkspaces(),
    records,
    launcher: createLauncherClient(path),
    metrics: createMetrics(),
    maxExecs: 8,
    instance: owner,
    imageName: image,
    addresses,
    builds: { hosts: [], apt: '', pip: '', npm: null, certificates: '', ...options.builds },
    ...(options.buildTimeoutMs === undefined ? {} : { buildTimeoutMs: options.buildTimeoutMs }),
    tls: null,
  })
  await listen(front, 0)
  const address = front.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    owner,
    endpoint: { url: `http://127.0.0.1:${port}`, keyId },
    signKey: await importRunnerKey(JSON.stringify(key.privateJwk)),
    stop: async () => {
      records.cancelAll()
      front.close()
      front.closeAllConnections()
      launcherServer.close()
      await builds.close()
      await launcher.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
