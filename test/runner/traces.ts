/** What a runner and its containers leave on the machine: looked for from outside, by id. */
import { readdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { parseEngineAddress } from '../../sandbox-runner/src/launcher/engine.ts'
import { containersOf, type RunnerProcess } from './runner-process.ts'

/** Parts of the engine's API that the launcher has no use for. */
export const askEngine = (path: string): Promise<{ status: number; body: Buffer }> =>
  new Promise((resolve, reject) => {
    const address = parseEngineAddress(process.env['DOCKER_HOST'])
    const outgoing = request({ ...address, path, headers: { host: 'docker' } }, async (answer) => {
      const chunks: Buffer[] = []
      for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk)
      resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) })
    })
    outgoing.on('error', reject)
    outgoing.end()
  })

export async function volumes(): Promise<readonly string[]> {
  const { body } = await askEngine('/volumes')
  const { Volumes } = JSON.parse(body.toString()) as { Volumes: { Name: string }[] | null }
  return (Volumes ?? []).map(({ Name }) => Name).sort()
}

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    // The process has ended meanwhile.
    return ''
  }
}

/** Processes in, or kept for, any of these containers; the engine's shims name theirs. */
export function processesOf(containers: Iterable<string>): readonly string[] {
  const ids = [...containers]
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    const text = textOf(`/proc/${pid}/cgroup`) + textOf(`/proc/${pid}/cmdline`)
    return ids.some((id) => text.includes(id))
  })
}

/** Remembers the containers that a runner has, each time it is told to look. */
export function watchContainers(runner: RunnerProcess) {
  const seen = new Set<string>()
  const look = async (): Promise<void> => {
    for (const { Id } of await containersOf(runner)) seen.add(Id)
  }
  return { seen, look }
}

/** Resident memory of the runner's front, in bytes. */
export function frontBytes({ child }: RunnerProcess): number {
  const children = textOf(`/proc/${child.pid}/task/${child.pid}/children`).trim().split(' ')
  const front = children.find((pid) => textOf(`/proc/${pid}/cmdline`).includes('/front/'))
  return Number(/VmRSS:\s+(\d+) kB/.exec(textOf(`/proc/${front}/status`))?.[1] ?? 0) * 1_024
}
