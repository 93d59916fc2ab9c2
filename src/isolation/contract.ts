/**
 * The wire between gateway and sandbox-runner, parsed by both ends with the same schemas. Nothing
 * here acts, and nothing is platform-specific: the runner imports this file as it is.
 *
 * Every request but `GET /health` and `GET /metrics` carries `authorization: Bearer <job token>`,
 * an EdDSA JWT (`jobClaimsSchema`). Bodies are JSON unless said otherwise.
 *
 *   POST   /v1/exec                 ExecRequest → NDJSON of ExecEvent (a blank line is a keep-alive)
 *   POST   /v1/exec?from=OFFSET     the same body → the recorded stream from that byte on; never starts
 *   GET    /v1/exec/{execId}        {execId, state}: preparing, running, ended or unknown_outcome
 *   DELETE /v1/exec/{execId}        TERM, 3 s, KILL; an unknown id is barred; 204
 *   PUT    /v1/exec/{execId}/manifest   {entries}: the answer to `need{manifest:true}`; 204
 *   PUT    /v1/blobs/{sha256}       raw bytes: the answer to `need{sha256}`; 204
 *   GET    /v1/blobs/{sha256}       raw bytes of a changed file
 *   POST   /v1/images               ImageBuildRequest → NDJSON of ImageBuildEvent (blank: keep-alive)
 *   POST   /v1/fetch                FetchRequest → FetchAnswer
 */
import { z } from 'zod'
import { packageRows, packagesSchema, pinnedPackagesSchema } from '../domain/sandbox-package.ts'

/** The runner knows this file alone, and packages are one thing at both ends of the wire. */
export {
  comparePackages,
  MAX_PACKAGES,
  type PackageManager,
  type PinnedPackage,
  packageSchema,
  packagesSchema,
  packagesText,
  pinnedPackageSchema,
  pinnedPackagesSchema,
  type WirePackage,
} from '../domain/sandbox-package.ts'

/** Manifest delta, script, stdin and environment; far above any real job. */
export const MAX_EXEC_BODY_BYTES = 8 * 1024 * 1024
/** 10,000 entries with paths at their longest would be 11 MB; real ones are 132 bytes each. */
export const MAX_MANIFEST_BODY_BYTES = 16 * 1024 * 1024
/** The largest file that a workspace holds. */
export const MAX_BLOB_BYTES = 10 * 1024 * 1024
export const MAX_WORKSPACE_BYTES = 256 * 1024 * 1024
export const MAX_WORKSPACE_FILES = 10_000
/** Linux refuses a longer single argument (MAX_ARG_STRLEN, 128 KiB with its terminator). */
export const MAX_SCRIPT_BYTES = 120_000
export const MAX_STDIN_BYTES = 1024 * 1024
/** A manifest up to this many entries travels with the job: cheaper than asking for it. */
export const INLINE_MANIFEST_ENTRIES = 200
/** A token is for one request that is sent at once; a captured one is useless a minute later. */
export const JOB_TOKEN_SECONDS = 60
export const JOB_TOKEN_ISSUER = 'edgeclaw-gateway'
/** How long an exec's outcome can be asked for again. */
export const RECORD_TTL_MS = 10 * 60_000
/** Between TERM and KILL. */
export const KILL_GRACE_MS = 3_000

const MAX_PATH_BYTES = 1_024
const MAX_SEGMENT_BYTES = 255
const utf8 = new TextEncoder()

/**
 * Relative, `/`-separated, plain: no empty, `.` or `..` segment, no backslash, no control character,
 * no lone surrogate, and no U+FFFD, which is what an undecodable name turns into.
 */
export function isWorkspacePath(path: string): boolean {
  if (path === '' || utf8.encode(path).length > MAX_PATH_BYTES) return false
  if (/[\\\ufffd\p{Cc}]/u.test(path) || !path.isWellFormed()) return false
  return path
    .split('/')
    .every(
      (part) =>
        part !== '' &&
        part !== '.' &&
        part !== '..' &&
        utf8.encode(part).length <= MAX_SEGMENT_BYTES,
    )
}

const noNul = (text: string): boolean => !text.includes('\0')
const byteLength = (max: number) => (text: string) => utf8.encode(text).length <= max

export const execIdSchema = z.string().regex(/^[A-Za-z0-9_.:-]{1,128}$/)
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/)
export const workspacePathSchema = z.string().refine(isWorkspacePath, 'not a workspace path')

export const manifestEntrySchema = z.strictObject({
  path: workspacePathSchema,
  sha256: sha256Schema,
  size: z.number().int().min(0).max(MAX_BLOB_BYTES),
  mode: z.number().int().min(0).max(0o777),
})
export type WireManifestEntry = z.infer<typeof manifestEntrySchema>

export const manifestBodySchema = z.strictObject({
  entries: z.array(manifestEntrySchema).max(MAX_WORKSPACE_FILES),
})

/**
 * `root` and `base` name states of the workspace and are opaque to the runner. A runner that holds
 * `base` applies `delta`; one that holds `root` needs nothing; any other asks for the manifest,
 * unless it came along.
 */
export const workspaceSchema = z.strictObject({
  id: z.string().min(1).max(600),
  root: z.string().min(1).max(128),
  base: z.string().min(1).max(128).optional(),
  delta: z
    .strictObject({
      put: z.array(manifestEntrySchema).max(MAX_WORKSPACE_FILES),
      delete: z.array(workspacePathSchema).max(MAX_WORKSPACE_FILES),
    })
    .optional(),
  manifest: z.array(manifestEntrySchema).max(MAX_WORKSPACE_FILES).optional(),
})

/** Ceilings; a job may only stay below them. */
export const limitsSchema = z.strictObject({
  memoryMb: z.number().int().min(16).max(512),
  cpus: z.number().min(0.1).max(1),
  pids: z.number().int().min(8).max(128),
  timeoutMs: z.number().int().min(100).max(300_000),
  outputBytes: z.number().int().min(1_024).max(1_048_576),
})
export type WireLimits = z.infer<typeof limitsSchema>

/** Where the runner's proxy is found inside a container that has an allow list. */
export const EGRESS_PROXY_PORT = 3_128
const HOST_LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
/** `host`, reached at 443, or `host:port`; in lower case, without a trailing dot. */
export const egressHostSchema = z
  .string()
  .max(259)
  .regex(new RegExp(`^${HOST_LABEL}(?:\\.${HOST_LABEL})*(?::[1-9]\\d{0,4})?$`))

export const networkSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  /**
   * Hosts reachable through the runner's checking proxy, by one-shot jobs. For programs that know no
   * proxy, what connects to a listed port on loopback is connected to its host.
   */
  z.strictObject({
    kind: z.literal('allowlist'),
    hosts: z.array(egressHostSchema).min(1).max(64),
  }),
])

/** What a job was approved under, apart from its command: part of the container's identity. */
export const profileSchema = z
  .strictObject({
    image: z.string().min(1).max(200).optional(),
    /** On top of the runner's own image; of the tenant's images the one with exactly these. */
    packages: pinnedPackagesSchema.optional(),
    access: z.enum(['none', 'ro', 'rw']),
    scope: z.enum(['session', 'agent', 'shared']),
    network: networkSchema,
    /** Never a container that ran something before, never one that will. */
    isOneShot: z.boolean(),
    limits: limitsSchema,
  })
  .refine(
    ({ image, packages }) => image === undefined || packages === undefined,
    'packages go on top of the runner’s own image, never of another',
  )
export type Profile = z.infer<typeof profileSchema>

/** One text per profile, whatever the order of its keys: `profileHash` is its SHA-256. */
export const profileText = (profile: Profile): string =>
  JSON.stringify([
    profile.image ?? null,
    profile.access,
    profile.scope,
    profile.network.kind === 'none' ? null : [...profile.network.hosts].sort(),
    profile.isOneShot,
    profile.limits.memoryMb,
    profile.limits.cpus,
    profile.limits.pids,
    profile.limits.timeoutMs,
    profile.limits.outputBytes,
    // Absent, it leaves no trace: such a profile's text is what it was before there were packages.
    ...(profile.packages === undefined ? [] : [packageRows(profile.packages)]),
  ])

export const commandSchema = z.discriminatedUnion('kind', [
  /** Runs as `/bin/bash --noprofile --norc -c SCRIPT` and never by another interpreter. */
  z.strictObject({
    kind: z.literal('script'),
    script: z.string().refine(noNul).refine(byteLength(MAX_SCRIPT_BYTES), 'script is too long'),
  }),
  z.strictObject({
    kind: z.literal('argv'),
    argv: z
      .array(z.string().refine(noNul).refine(byteLength(MAX_SCRIPT_BYTES)))
      .min(1)
      .max(1_000),
  }),
])

export const execRequestSchema = z.strictObject({
  execId: execIdSchema,
  /** Null exactly when `profile.access` is `none`. */
  workspace: workspaceSchema.nullable(),
  profile: profileSchema,
  profileHash: sha256Schema,
  /**
   * Whose container may be used again for this job, within tenant and scope (and session, where that is
   * the scope): the user with the agent, or the user alone. Never two users under one name.
   */
  holder: z.string().min(1).max(1_000),
  command: commandSchema,
  /** Workspace-relative; empty for the workspace itself. */
  cwd: z.union([z.literal(''), workspacePathSchema]),
  /** On top of PATH, HOME (the workspace; an empty folder for one-shot) and LANG, set by the runner. */
  env: z.record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/),
    z.string().max(32_768).refine(noNul),
  ),
  stdin: z.string().refine(byteLength(MAX_STDIN_BYTES), 'stdin is too long').optional(),
})
export type ExecRequest = z.infer<typeof execRequestSchema>

export const ERROR_STATUS = {
  UNAUTHENTICATED: 401,
  INVALID_JOB: 400,
  NOT_FOUND: 404,
  /** The same exec id with another body. */
  CONFLICT: 409,
  WORKSPACE_TOO_LARGE: 413,
  /** With `retryAfterMs`. */
  CAPACITY: 429,
  /** The sandbox image is not there (yet). */
  IMAGE_MISSING: 503,
  ENGINE_UNAVAILABLE: 503,
  TIMEOUT: 504,
  CANCELLED: 409,
  /** The command ended, and what it left cannot be kept: odd names, damaged archive. Nothing is. */
  CHANGES_REJECTED: 422,
  /** The job had started before the runner was restarted: it may or may not have happened. */
  OUTCOME_UNKNOWN: 410,
  /** The address or name may not be reached. */
  FETCH_REFUSED: 403,
  FETCH_FAILED: 502,
  /** A package that is not there or does not install: asked again, it fails again. */
  BUILD_FAILED: 422,
} as const
export type RunnerErrorCode = keyof typeof ERROR_STATUS
export const runnerErrorCodeSchema = z.enum(
  Object.keys(ERROR_STATUS) as [RunnerErrorCode, ...RunnerErrorCode[]],
)

const errorShape = {
  code: runnerErrorCodeSchema,
  message: z.string(),
  retryAfterMs: z.number().int().min(0).optional(),
}
/** Body of every answer that is no success. */
export const errorBodySchema = z.object({ error: z.object(errorShape) })

export const changesSchema = z.object({
  put: z.array(manifestEntrySchema).max(MAX_WORKSPACE_FILES),
  delete: z.array(workspacePathSchema).max(MAX_WORKSPACE_FILES),
  /** Symbolic links, sockets, pipes and devices: a workspace holds plain files only. */
  notKept: z.number().int().min(0),
})
export type WireChanges = z.infer<typeof changesSchema>

/** A stream ends with exactly one `exit` or `error`. `started` stands before anything can happen. */
export const execEventSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('need'),
    manifest: z.boolean(),
    sha256: z.array(sha256Schema).max(MAX_WORKSPACE_FILES),
  }),
  /** `root`: the state of the workspace that the job works on, for the commit of its changes. */
  z.object({ event: z.literal('started'), root: z.string().nullable() }),
  z.object({ event: z.literal('stdout'), b64: z.string() }),
  z.object({ event: z.literal('stderr'), b64: z.string() }),
  z.object({ event: z.literal('truncated'), stream: z.enum(['stdout', 'stderr']) }),
  z.object({ event: z.literal('changes'), ...changesSchema.shape }),
  z.object({
    event: z.literal('exit'),
    code: z.number().int().nullable(),
    signal: z.string().nullable(),
    oom: z.boolean(),
    timedOut: z.boolean(),
    durationMs: z.number(),
  }),
  z.object({ event: z.literal('error'), ...errorShape }),
])
export type ExecEvent = z.infer<typeof execEventSchema>
/** One NDJSON line is below this: 64 KiB of output in base64, or 10,000 changed paths. */
export const MAX_EVENT_LINE_BYTES = 16 * 1024 * 1024

export const healthSchema = z.object({
  status: z.enum(['ok', 'degraded']),
  /** New with every start of the process: tells a restarted runner from one that never heard. */
  instance: z.string(),
  engine: z.object({ isReachable: z.boolean(), version: z.string().nullable() }),
  image: z.object({ name: z.string(), state: z.enum(['present', 'missing', 'unknown']) }),
  capacity: z.object({ running: z.number().int(), max: z.number().int() }),
  isUserNamespaceRemapped: z.boolean(),
  runtime: z.string(),
})
export type Health = z.infer<typeof healthSchema>

/** Sixty-four packages with names and versions at their longest are half of this. */
export const MAX_IMAGE_BODY_BYTES = 64 * 1024
/** From the request to `built`; a build that takes longer is ended by the runner as TIMEOUT. */
export const MAX_IMAGE_BUILD_MS = 10 * 60_000
const MAX_PROGRESS_CHARS = 500

/**
 * Has the tenant's image with exactly these packages on the runner: at once when it is there, by
 * joining the build of the same list when one runs, else by a build. A pinned list is built as it is
 * or not at all. A build goes on when whoever asked is gone. Like a job it is bound by its token to
 * the tenant, and no tenant's image is another's.
 */
export const imageBuildRequestSchema = z.strictObject({ packages: packagesSchema })
export type ImageBuildRequest = z.infer<typeof imageBuildRequestSchema>

/**
 * The stream ends with exactly one `built` or `error`. CAPACITY (too many builds) and IMAGE_MISSING
 * (the runner's own image is not there yet) come with `retryAfterMs`, BUILD_FAILED is final.
 */
export const imageBuildEventSchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('progress'),
    /** Written by packages that nobody read: plain text of one line, cut and cleaned by the runner. */
    line: z
      .string()
      .max(MAX_PROGRESS_CHARS)
      .regex(/^\P{Cc}*$/u),
  }),
  /** What was asked for; a version that was asked for is told as it was asked for, the rest as found. */
  z.object({
    event: z.literal('built'),
    packages: pinnedPackagesSchema,
    imageId: z.string().min(1).max(200),
  }),
  z.object({ event: z.literal('error'), ...errorShape }),
])
export type ImageBuildEvent = z.infer<typeof imageBuildEventSchema>

/** The runner fetches what the gateway may not resolve by itself; answers are capped, never streamed. */
export const MAX_FETCH_BYTES = 10 * 1024 * 1024
/** As long as a call of an MCP server's tool may take. */
export const MAX_FETCH_MS = 60_000
export const MAX_FETCH_REDIRECTS = 3

export const fetchRequestSchema = z.strictObject({
  url: z.string().min(1).max(8_192),
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']),
  /** Dropped with the body when a redirect leads to another origin. */
  headers: z.record(z.string().regex(/^[A-Za-z0-9-]{1,64}$/), z.string().max(8_192)),
  bodyB64: z.string().max(1_400_000).optional(),
  maxBytes: z.number().int().min(1).max(MAX_FETCH_BYTES),
  timeoutMs: z.number().int().min(1).max(MAX_FETCH_MS),
  maxRedirects: z.number().int().min(0).max(MAX_FETCH_REDIRECTS),
})
export type FetchRequest = z.infer<typeof fetchRequestSchema>

export const fetchAnswerSchema = z.object({
  /** Where the last redirect led. */
  url: z.string(),
  status: z.number().int(),
  /** Lower-case names; a repeated header's values in one list. */
  headers: z.array(z.tuple([z.string(), z.string()])),
  bodyB64: z.string(),
  isTruncated: z.boolean(),
})
export type FetchAnswer = z.infer<typeof fetchAnswerSchema>

/** `htu` is path and query: behind a tunnel a runner does not know its public host, `aud` names it. */
export const jobClaimsSchema = z.object({
  iss: z.literal(JOB_TOKEN_ISSUER),
  aud: z.string(),
  exp: z.number().int(),
  iat: z.number().int(),
  jti: z.string().min(16).max(64),
  htm: z.string(),
  htu: z.string(),
  tenant: z.string().min(1).max(64),
  session: z.string().min(1).max(600),
  exec: execIdSchema,
  bodySha256: sha256Schema,
})
export type JobClaims = z.infer<typeof jobClaimsSchema>
