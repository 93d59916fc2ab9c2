/** Asks a runner for images as the gateway does, and takes away what a test has made. */
import { randomUUID } from 'node:crypto'
import { BUILD_LABEL } from '../../sandbox-runner/src/launcher/builds.ts'
import { imageName } from '../../sandbox-runner/src/launcher/packages-image.ts'
import {
  type ImageBuildEvent,
  imageBuildEventSchema,
  type PinnedPackage,
  packagesText,
} from '../../src/isolation/contract.ts'
import { engine, job, type RunnerAddress, send, sha256 } from './runner-process.ts'

export async function build(
  runner: RunnerAddress,
  packages: readonly unknown[],
  tenant: string,
): Promise<{ status: number; events: readonly ImageBuildEvent[]; last: ImageBuildEvent | null }> {
  const body = JSON.stringify({ packages })
  const exec = `image-${sha256(body).slice(0, 40)}`
  const response = await send(runner, 'POST', '/v1/images', exec, body, { tenant })
  const text = await response.text()
  if (!response.ok) return { status: response.status, events: [], last: null }
  const events = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => imageBuildEventSchema.parse(JSON.parse(line)))
  return { status: response.status, events, last: events.at(-1) ?? null }
}

export const built = (event: ImageBuildEvent | null): readonly PinnedPackage[] => {
  if (event?.event !== 'built') throw new Error(JSON.stringify(event))
  return event.packages
}

export const withPackages = (packages: readonly PinnedPackage[], script: string) =>
  job(script, { profile: { packages: [...packages] } })

export const nameOf = (tenant: string, packages: readonly PinnedPackage[]): string =>
  imageName({ owner: sha256(tenant), packages: sha256(packagesText(packages)) })

export const buildsOf = ({ owner }: { readonly owner: string }) =>
  engine.listContainers(`${BUILD_LABEL}=${owner}`)

/** Of this test alone: its images go when it ends. */
export const used = new Map<string, readonly PinnedPackage[]>()
export const tenantFor = (): string => `ten_${randomUUID().slice(0, 12)}`

export async function removeImages(): Promise<void> {
  for (const [tenant, packages] of used) {
    await engine.removeImage(nameOf(tenant, packages)).catch(() => {})
  }
  used.clear()
}
