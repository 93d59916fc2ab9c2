/**
 * The image of one tenant's list of packages: its name follows from the two, so that no request can
 * name another tenant's. Its labels say the same in full, and on what it stands.
 */
import type { Engine } from './engine.ts'

const REPOSITORY = 'edgeclaw-packages'
export const TENANT_LABEL = 'edgeclaw.tenant'
export const PACKAGES_LABEL = 'edgeclaw.packages'
export const BASE_LABEL = 'edgeclaw.base'

export interface PackagesImage {
  /** SHA-256 of the tenant. */
  readonly owner: string
  /** SHA-256 of the list with every version. */
  readonly packages: string
}

export const imageTag = ({ owner, packages }: PackagesImage): string =>
  `${owner.slice(0, 16)}-${packages.slice(0, 32)}`

export const imageName = (image: PackagesImage): string => `${REPOSITORY}:${imageTag(image)}`

export const imageLabels = ({ owner, packages }: PackagesImage, baseId: string) => ({
  [TENANT_LABEL]: owner,
  [PACKAGES_LABEL]: packages,
  [BASE_LABEL]: baseId,
})

export { REPOSITORY as PACKAGES_REPOSITORY }

/** Its id; null when it is not there, or stands on another base than the one that holds now. */
export async function findPackagesImage(
  engine: Engine,
  image: PackagesImage,
  baseId: string,
): Promise<string | null> {
  const found = await engine.inspectImage(imageName(image))
  if (found === null) return null
  const expected = Object.entries(imageLabels(image, baseId))
  return expected.every(([name, value]) => found.labels[name] === value) ? found.id : null
}
