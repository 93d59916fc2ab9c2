/**
 * After a command only what the kernel told of is looked at. Whatever a command does to its files, and by
 * whichever of their names, what is reported makes of the files before exactly those that stand there.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RANDOM_STEPS_FILES, randomSteps } from './random-steps.ts'
import {
  containersOf,
  ensureImage,
  job,
  missingEngine,
  type Ran,
  type RunnerProcess,
  sha256,
  startRunner,
} from './runner-process.ts'
import { type Files, jobOn, runWithFiles } from './with-files.ts'

const missing = await missingEngine()
const RUNS = 150

/** By path: hash and mode, which is what a workspace knows of a file. */
type Known = Record<string, string>
const known = (content: string, mode: number): string =>
  `${sha256(Buffer.from(content, 'latin1'))} ${mode.toString(8)}`

function applied(before: Files, { changes }: Ran): Known {
  const after: Known = Object.fromEntries(
    Object.entries(before).map(([path, content]) => [path, known(content, 0o644)]),
  )
  for (const path of changes?.delete ?? []) {
    if (!(path in after)) throw new Error(`${path} is said to be gone and never was there`)
    delete after[path]
  }
  for (const { path, sha256: hash, mode } of changes?.put ?? []) {
    after[path] = `${hash} ${mode.toString(8)}`
  }
  return after
}

describe.skipIf(missing !== null)('what a command did to its files', () => {
  let runner: RunnerProcess
  beforeAll(async () => {
    ensureImage()
    runner = await startRunner()
  })
  afterAll(() => runner?.stop())

  it('is told whole, whatever it did by whichever name', async () => {
    const session = 'agent:main:ws:direct:steps'
    const wrong: unknown[] = []
    for (let seed = 1; seed <= RUNS; seed += 1) {
      const request = jobOn(randomSteps(seed), RANDOM_STEPS_FILES)
      const ran = await runWithFiles(runner, request, RANDOM_STEPS_FILES, { session })
      expect(ran.exit, `seed ${seed}: ${ran.stderr}`).toMatchObject({ code: 0 })
      const found = JSON.parse(ran.stdout) as Record<string, [string, number]>
      const truth = Object.fromEntries(
        Object.entries(found).map(([path, [content, mode]]) => [path, known(content, mode)]),
      )
      const told = applied(RANDOM_STEPS_FILES, ran)
      const isSame = Object.keys({ ...truth, ...told }).every((path) => truth[path] === told[path])
      if (!isSame) wrong.push({ seed, truth, told })
    }
    expect(wrong).toEqual([])
  })

  it.each([
    ['and is gone again', 'rm other'],
    ['and is now the name of another file', 'mv b other; rm other'],
    ['and another file took its place', 'mv b other'],
  ])(
    'is told of a file that was written under a second name, which came %s',
    async (_how, then) => {
      const files = { a: 'before', b: 'b' }
      const script = `ln a other; printf 'after!' 1<> other; ${then}; cat a`
      const ran = await runWithFiles(runner, jobOn(script, files), files)
      expect(ran.stdout).toBe('after!')
      expect(ran.changes?.put.map(({ path }) => path)).toContain('a')
    },
  )

  it('leaves the container to its holder, links and empty folders swept out of it', async () => {
    const session = 'agent:main:ws:direct:swept'
    const files = { 'dir/a': 'a', b: 'b' }
    const first = await runWithFiles(
      runner,
      jobOn('rm dir/a; ln -s /etc dir/link; mkfifo pipe', files),
      files,
      { session },
    )
    expect(first.changes).toMatchObject({ put: [], delete: ['dir/a'], notKept: 2 })
    const ids = (await containersOf(runner)).map(({ Id }) => Id)
    const left = { b: 'b' }
    const second = await runWithFiles(runner, jobOn('find . -mindepth 1', left), left, { session })
    expect(second.stdout).toBe('./b\n')
    expect((await containersOf(runner)).map(({ Id }) => Id)).toEqual(expect.arrayContaining(ids))
    expect((await runWithFiles(runner, job('find . -mindepth 1'), {}, { session })).stdout).toBe('')
  })
})
