/**
 * `/v1/images`: has a tenant's image with a list of packages made, once however many ask, and tells
 * all of them how it goes. What it installs comes from the operator's registries through the proxy
 * and no other way; what a build says is text of strangers.
 */
import type { ServerResponse } from 'node:http'
import { isMetadataAddress } from '../../../src/egress/address.ts'
import {
  type ImageBuildEvent,
  type JobClaims,
  MAX_IMAGE_BUILD_MS,
  type PinnedPackage,
  packagesText,
  pinnedPackagesSchema,
  type WirePackage,
} from '../../../src/isolation/contract.ts'
import { errorKind, log } from '../log.ts'
import type { BlobStore } from './blobs.ts'
import { sha256Of } from './body.ts'
import type { BuildSettings } from './build-settings.ts'
import { createBuildTurns } from './build-turns.ts'
import { install } from './install.ts'
import { createJobEgress } from './job-egress.ts'
import type { LauncherClient, Session } from './launcher-client.ts'
import { Refusal } from './refusal.ts'
import type { AddressPolicy } from './resolve.ts'

/** Room for a large toolchain, and an end for a mirror that never stops. */
const EGRESS_LIMITS = { maxBytes: 1_024 * 1_024 * 1_024, maxConnections: 5_000 }
const BUSY_RETRY_MS = 5_000
/** Of a build's time, for what comes after the installation: the last step and the engine, 60 s each. */
const KEEPING_MS = 2 * 60_000
const MAX_INSTALL_MS = MAX_IMAGE_BUILD_MS - KEEPING_MS
const MIN_INSTALL_MS = 1_000
const KEEP_ALIVE_MS = 15_000
/** Of one build; what says more has said enough. */
const MAX_LINES = 2_000

export interface BuildDependencies {
  readonly builds: BuildSettings
  readonly addresses: AddressPolicy
  readonly blobs: BlobStore
  readonly launcher: LauncherClient
  /** Up to the end of the installation; shorter only in tests. */
  readonly buildTimeoutMs?: number
}

interface Build {
  readonly tenant: string
  readonly lines: ImageBuildEvent[]
  readonly listeners: Set<ServerResponse>
}

export function createImageBuilds(options: BuildDependencies) {
  const { builds: settings, launcher } = options
  const running = new Map<string, Build>()
  const turns = createBuildTurns()

  const write = (response: ServerResponse, event: ImageBuildEvent): void => {
    if (response.writable) response.write(`${JSON.stringify(event)}\n`)
  }

  function attach(build: Build, response: ServerResponse): void {
    begin(response)
    for (const event of build.lines) write(response, event)
    build.listeners.add(response)
    const timer = setInterval(() => {
      if (response.writable) response.write('\n')
    }, KEEP_ALIVE_MS)
    response.on('close', () => {
      clearInterval(timer)
      build.listeners.delete(response)
    })
  }

  const begin = (response: ServerResponse): void => {
    response.writeHead(200, {
      'content-type': 'application/x-ndjson',
      'cache-control': 'no-store',
    })
  }

  async function takePlace(tenant: string): Promise<Session> {
    try {
      const session = await launcher.build(sha256Of(tenant))
      turns.begin(tenant)
      return session
    } catch (error) {
      if (error instanceof Refusal && error.code === 'CAPACITY') {
        turns.refuse(tenant, performance.now())
      }
      throw error
    }
  }

  async function build(
    { tenant, exec }: JobClaims,
    packages: readonly WirePackage[],
    onLine: (line: string) => void,
  ): Promise<ImageBuildEvent> {
    const startedAt = performance.now()
    const session = await takePlace(tenant)
    try {
      const fields = { build: exec }
      const egress = createJobEgress({
        hosts: settings.hosts,
        forwards: new Map(),
        allowsPlainHttp: true,
        limits: EGRESS_LIMITS,
        // The operator's own hosts may be anywhere in the operator's network.
        addresses: {
          resolve: options.addresses.resolve,
          isAllowedAddress: (ip) => !isMetadataAddress(ip),
        },
        send: session.send,
        fields,
      })
      const pinned = await install({
        packages,
        settings,
        session,
        egress,
        blobs: options.blobs,
        timeoutMs: Math.max(
          Math.round((options.buildTimeoutMs ?? MAX_INSTALL_MS) - (performance.now() - startedAt)),
          MIN_INSTALL_MS,
        ),
        onLine,
      })
      const hash = sha256Of(packagesText(pinned))
      const imageId = await launcher.commit({ sandbox: session.sandbox, packages: hash })
      return { event: 'built', packages: [...pinned], imageId }
    } finally {
      session.close()
      turns.end(tenant, { startedAt, endedAt: performance.now() })
    }
  }

  function start(claims: JobClaims, key: string, packages: readonly WirePackage[]): Build {
    const one: Build = { tenant: claims.tenant, lines: [], listeners: new Set() }
    running.set(key, one)
    const tell = (event: ImageBuildEvent): void => {
      if (event.event === 'progress' && one.lines.length >= MAX_LINES) return
      one.lines.push(event)
      for (const response of one.listeners) write(response, event)
    }
    const startedAt = performance.now()
    build(claims, packages, (line) => tell({ event: 'progress', line }))
      .catch((error: unknown): ImageBuildEvent => {
        if (!(error instanceof Refusal)) log('build_failed', { error: errorKind(error) })
        const refusal =
          error instanceof Refusal
            ? error
            : new Refusal('ENGINE_UNAVAILABLE', 'the runner failed to build the image')
        return { event: 'error', ...refusal.toWire() }
      })
      .then((event) => {
        running.delete(key)
        tell(event)
        for (const response of one.listeners) response.end()
        const ms = Math.round(performance.now() - startedAt)
        const code = event.event === 'error' ? event.code : null
        log('build_ended', { build: claims.exec, code, ms })
      })
      .catch(() => {})
    return one
  }

  async function find(tenant: string, packages: readonly PinnedPackage[]): Promise<string | null> {
    return launcher.findImage({
      owner: sha256Of(tenant),
      packages: sha256Of(packagesText(packages)),
    })
  }

  return {
    async handle(
      claims: JobClaims,
      packages: readonly WirePackage[],
      response: ServerResponse,
    ): Promise<void> {
      const { tenant } = claims
      const pinned = pinnedPackagesSchema.safeParse(packages)
      const imageId = pinned.success ? await find(tenant, pinned.data) : null
      if (pinned.success && imageId !== null) {
        begin(response)
        write(response, { event: 'built', packages: pinned.data, imageId })
        response.end()
        return
      }
      if (settings.hosts.length === 0) {
        throw new Refusal(
          'INVALID_JOB',
          'this runner builds no images: EDGECLAW_BUILD_HOSTS lists no registries',
        )
      }
      if (settings.npm === null && packages.some(({ manager }) => manager === 'npm')) {
        throw new Refusal('BUILD_FAILED', 'this runner has no npm registry: EDGECLAW_BUILD_NPM')
      }
      const key = sha256Of(JSON.stringify([tenant, packages]))
      const known = running.get(key)
      if (known !== undefined) {
        attach(known, response)
        return
      }
      if ([...running.values()].some((one) => one.tenant === tenant)) {
        throw new Refusal('CAPACITY', 'another image of this tenant is being built', {
          retryAfterMs: BUSY_RETRY_MS,
        })
      }
      const retryAfterMs = Math.ceil(turns.waitMs(tenant, performance.now()))
      if (retryAfterMs > 0) {
        throw new Refusal('CAPACITY', 'images of other tenants wait to be built', { retryAfterMs })
      }
      attach(start(claims, key, packages), response)
    },
  }
}
