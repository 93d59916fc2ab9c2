/**
 * The packages of an agent's image: what one may be called, in which order a list of them is hashed,
 * and what an agent keeps of them. Checked by form alone: whether there is such a package shows when
 * it is built.
 */
import { z } from 'zod'

/** Packages of one image. A tool box has ten; what needs more is an image of its own. */
export const MAX_PACKAGES = 64
/** npm's own bound; the others' names are shorter. */
const MAX_PACKAGE_NAME_CHARS = 214
const MAX_PACKAGE_VERSION_CHARS = 128

/**
 * A name or version becomes one argument of a package manager. So none begins with `-` (an option),
 * none is a URL, a path, a file, a range, an alias or another package's extra, and nothing in it is a
 * shell's. Each package has one spelling, so that no list holds it twice.
 */
const PACKAGE_SYNTAX = {
  // Debian policy 5.6.1; `bash-` would make apt-get remove bash.
  apt: { name: /^[a-z0-9][a-z0-9.+-]*[a-z0-9+.]$/, version: /^[A-Za-z0-9][A-Za-z0-9.+:~-]*$/ },
  // A name as PEP 503 normalizes it, without extras; PEP 440 without its lenient spellings.
  pip: {
    name: /^[a-z0-9]+(?:-[a-z0-9]+)*$/,
    version:
      /^(?:\d+!)?\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?(?:\.post\d+)?(?:\.dev\d+)?(?:\+[a-z0-9]+(?:\.[a-z0-9]+)*)?$/,
  },
  // One version of semver.org, no range and no tag; npm drops build metadata.
  npm: {
    name: /^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/,
    version:
      /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/,
  },
} as const
export type PackageManager = keyof typeof PACKAGE_SYNTAX

export const PACKAGE_MANAGERS = ['apt', 'pip', 'npm'] as const satisfies readonly PackageManager[]

const members = <Manager extends PackageManager>(manager: Manager) => {
  const { name, version } = PACKAGE_SYNTAX[manager]
  return {
    manager: z.literal(manager),
    name: z.string().max(MAX_PACKAGE_NAME_CHARS).regex(name, `is no package name for ${manager}`),
    version: z
      .string()
      .max(MAX_PACKAGE_VERSION_CHARS)
      .regex(version, `is no exact version for ${manager}`),
  }
}
const apt = members('apt')
const pip = members('pip')
const npm = members('npm')

/** What an admin asks for; without a version the build takes the newest and says which. */
export const packageSchema = z.discriminatedUnion('manager', [
  z.strictObject({ ...apt, version: apt.version.optional() }),
  z.strictObject({ ...pip, version: pip.version.optional() }),
  z.strictObject({ ...npm, version: npm.version.optional() }),
])
export type WirePackage = z.infer<typeof packageSchema>

export const pinnedPackageSchema = z.discriminatedUnion('manager', [
  z.strictObject(apt),
  z.strictObject(pip),
  z.strictObject(npm),
])
export type PinnedPackage = z.infer<typeof pinnedPackageSchema>

const provenance = { addedBy: z.string(), addedAt: z.number() }
/** As the agent keeps it: the version that was built, and who asked for it. */
const agentPackageSchema = z.discriminatedUnion('manager', [
  z.strictObject({ ...apt, ...provenance }),
  z.strictObject({ ...pip, ...provenance }),
  z.strictObject({ ...npm, ...provenance }),
])
export type AgentPackage = z.infer<typeof agentPackageSchema>

export type PackageName = Pick<WirePackage, 'manager' | 'name'>

/** By manager, then name, by code unit: the order of every list that is hashed. */
export const comparePackages = (a: PackageName, b: PackageName): number => {
  if (a.manager !== b.manager) return a.manager < b.manager ? -1 : 1
  return a.name === b.name ? 0 : a.name < b.name ? -1 : 1
}

const isOncePerPackage = (list: readonly PackageName[]): boolean =>
  new Set(list.map(({ manager, name }) => `${manager} ${name}`)).size === list.length

export const packagesSchema = z
  .array(packageSchema)
  .min(1)
  .max(MAX_PACKAGES)
  .refine(isOncePerPackage, 'names a package twice')

/** Which also leaves no room for a package twice. */
const isInOrder = (list: readonly PackageName[]): boolean =>
  list.every((at, i) => i === 0 || comparePackages(list[i - 1] ?? at, at) < 0)
const OUT_OF_ORDER = 'must be in order of manager and name, each package once'

export const pinnedPackagesSchema = z
  .array(pinnedPackageSchema)
  .min(1)
  .max(MAX_PACKAGES)
  .refine(isInOrder, OUT_OF_ORDER)

export const agentPackagesSchema = z
  .array(agentPackageSchema)
  .max(MAX_PACKAGES)
  .refine(isInOrder, OUT_OF_ORDER)

/** What is written of it in a list that is hashed. */
export const pinsOf = (packages: readonly PinnedPackage[]): readonly PinnedPackage[] =>
  packages.map(({ manager, name, version }) => ({ manager, name, version }) as PinnedPackage)

export const packageRows = (packages: readonly PinnedPackage[]) =>
  packages.map(({ manager, name, version }) => [manager, name, version])

/** One text per list of packages: its SHA-256 is part of the name of the tenant's image. */
export const packagesText = (packages: readonly PinnedPackage[]): string =>
  JSON.stringify(packageRows(packages))
