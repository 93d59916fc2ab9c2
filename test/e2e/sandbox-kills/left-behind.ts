/** What a stopped gateway must not leave on its machine, looked for where it would be. */
import { request } from 'node:http'
import { createEngine, parseEngineAddress } from '../../../sandbox-runner/src/launcher/engine.ts'
import { commandLineOf, listProcesses } from '../../../src/cli/processes.ts'

const address = parseEngineAddress(process.env['DOCKER_HOST'])
const engine = createEngine(address)

export const containersOf = async (owner: string): Promise<readonly string[]> =>
  (await engine.listContainers(`edgeclaw.runner=${owner}`)).map(({ Id }) => Id)

export const removeContainers = async (ids: readonly string[]): Promise<void> => {
  await Promise.all(ids.map((id) => engine.removeContainer(id)))
}

export async function volumes(): Promise<readonly string[]> {
  const text = await new Promise<string>((resolve, reject) => {
    const outgoing = request({ ...address, path: '/volumes', headers: { host: 'docker' } })
    outgoing.on('error', reject)
    outgoing.on('response', (answer) => {
      answer.toArray().then((chunks) => resolve(Buffer.concat(chunks).toString('utf8')), reject)
    })
    outgoing.end()
  })
  const { Volumes } = JSON.parse(text) as { Volumes: readonly { Name: string }[] | null }
  return (Volumes ?? []).map(({ Name }) => Name)
}

/** The engine's processes are this machine's, so that one can see what still runs in a sandbox. */
export const commandsWith = (text: string): readonly string[] =>
  listProcesses()
    .map(({ pid }) => commandLineOf(pid))
    .filter((line) => line.includes(text))
