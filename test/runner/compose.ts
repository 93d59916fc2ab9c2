/** compose.yml as Compose itself understands it, and as flags of `docker run`, none left out. */
import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'

const FILE = fileURLToPath(new URL('../../sandbox-runner/compose.yml', import.meta.url))

/** Either generation of Compose; null when there is none. */
const COMPOSE = ((): readonly string[] | null => {
  for (const command of [['docker', 'compose'], ['docker-compose']]) {
    const [program = '', ...args] = command
    if (spawnSync(program, [...args, 'version'], { stdio: 'ignore' }).status === 0) return command
  }
  return null
})()

export function missingCompose(): string | null {
  if (COMPOSE !== null) return null
  const reason = 'neither docker compose nor docker-compose is installed'
  if (process.env['CI'] || process.env['REQUIRE_ALL'] === '1') throw new Error(reason)
  console.warn(`skipped: ${reason}`)
  return reason
}

const volumeSchema = z.union([
  z.string(),
  z
    .object({ source: z.string(), target: z.string() })
    .transform(({ source, target }) => `${source}:${target}:rw`),
])
const portSchema = z.union([
  z.string(),
  z
    .object({ host_ip: z.string(), published: z.string(), target: z.number() })
    .transform((port) => `${port.host_ip}:${port.published}:${port.target}/tcp`),
])
/** Strict: a key that is not listed here would be left out of what is tried below. */
const serviceSchema = z.strictObject({
  image: z.string(),
  init: z.boolean(),
  restart: z.string(),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  cap_add: z.array(z.string()),
  security_opt: z.array(z.string()),
  mem_limit: z.string(),
  pids_limit: z.number(),
  tmpfs: z.array(z.string()),
  volumes: z.array(volumeSchema),
  /** Null: handed on where it is set. */
  environment: z.record(z.string(), z.string().nullable()),
  ports: z.array(portSchema),
  stop_grace_period: z.string().regex(/^\d+s$/),
  command: z.null().optional(),
  entrypoint: z.null().optional(),
  networks: z.strictObject({ default: z.null() }).optional(),
})
export type ComposeService = z.infer<typeof serviceSchema>

export function composeConfig(env: Readonly<Record<string, string>>): {
  readonly service: ComposeService | null
  readonly stderr: string
} {
  const [program = '', ...args] = COMPOSE ?? []
  const { status, stdout, stderr } = spawnSync(program, [...args, '-f', FILE, 'config'], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
  })
  if (status !== 0) return { service: null, stderr }
  const parsed = z.object({ services: z.strictObject({ runner: serviceSchema }) })
  return { service: parsed.parse(parse(stdout)).services.runner, stderr }
}

/** All of the service but its ports, which need a network that tests do not have. */
export function runFlags(
  service: ComposeService,
  sources: Readonly<Record<string, string>>,
): readonly string[] {
  return [
    ...(service.init ? ['--init'] : []),
    ...(service.read_only ? ['--read-only'] : []),
    ...service.cap_drop.flatMap((name) => ['--cap-drop', name]),
    ...service.cap_add.flatMap((name) => ['--cap-add', name]),
    ...service.security_opt.flatMap((option) => ['--security-opt', option]),
    ...service.tmpfs.flatMap((mount) => ['--tmpfs', mount]),
    ...service.volumes.flatMap((volume) => {
      const [source = '', ...rest] = volume.split(':')
      return ['--volume', [sources[source] ?? source, ...rest].join(':')]
    }),
    ...Object.entries(service.environment).flatMap(([name, value]) =>
      value === null ? [] : ['--env', `${name}=${value}`],
    ),
    '--restart',
    service.restart,
    '--memory',
    service.mem_limit,
    '--pids-limit',
    String(service.pids_limit),
  ]
}

export const docker = (...args: readonly string[]): string =>
  execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
