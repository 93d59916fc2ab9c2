/**
 * Workspaces that a command leaves for whoever unpacks them: names, links and sizes made to reach
 * further than its own files. Refused or made harmless, and front stays small.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ensureImage,
  job,
  missingEngine,
  type RunnerProcess,
  run,
  startRunner,
} from './runner-process.ts'
import { frontBytes } from './traces.ts'
import { entry, jobOn, runWithFiles } from './with-files.ts'

const missing = await missingEngine()
const MB = 1024 * 1024

describe.skipIf(missing !== null)('what a command leaves behind', () => {
  let runner: RunnerProcess
  let bytesBefore = 0
  beforeAll(async () => {
    ensureImage()
    runner = await startRunner()
    await run(runner, job('true'))
    bytesBefore = frontBytes(runner)
  })
  afterAll(() => runner?.stop())

  const leave = (script: string, files: Readonly<Record<string, string>> = {}) =>
    runWithFiles(runner, jobOn(script, files), files)

  it.each([
    [
      'links out of the workspace',
      'ln -s / root; ln -s ../../etc/passwd p; ln -s a b; ln -s b a',
      4,
    ],
    ['a chain of links to a folder outside', 'ln -s /etc d1; ln -s d1 d2; ln -s d2/passwd f', 3],
    [
      'a socket, a pipe and a link to a device',
      `mkfifo pipe; ln -s /dev/zero zero
      python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('s')"`,
      3,
    ],
  ])('is no file where it is %s', async (_what, script, notKept) => {
    const ran = await leave(`${script}; echo x > kept`)
    expect(ran).toMatchObject({ stderr: '', exit: { code: 0 } })
    expect(ran.changes).toEqual({
      event: 'changes',
      put: [entry('kept', 'x\n')],
      delete: [],
      notKept,
    })
  })

  it('is not read through a link that took a folder’s place', async () => {
    const files = { 'd/passwd': 'own', 'd/other': 'own', e: 'own' }
    const ran = await leave('rm -r d e; ln -s /etc d; ln -s /etc/passwd e', files)
    expect(ran.changes).toMatchObject({ put: [], notKept: 2 })
    expect(ran.changes?.delete.toSorted()).toEqual(['d/other', 'd/passwd', 'e'])
  })

  it('cannot hold hard links to files outside, nor device nodes', async () => {
    const script =
      'ln /etc/passwd p || ln /tmp/x y || mknod n c 1 3 || mknod b b 254 0 || echo none'
    const ran = await leave(`: > /tmp/x; ${script}`)
    expect(ran.stdout).toBe('none\n')
    expect(ran.changes).toMatchObject({ put: [], notKept: 0 })
  })

  it('is a file by any name, and never an option of what packs it', async () => {
    const names = [
      '--checkpoint=1',
      '--checkpoint-action=exec=touch pwned',
      '-T',
      '--files-from=x',
      '-C',
      '--to-command=id',
      ' leading',
      'a "quoted" $(id) `id`',
      '*',
      '-',
      '...',
    ]
    const script = `python3 - <<'END'
for name in ${JSON.stringify(names)}: open('./' + name, 'w').write(name)
END`
    const ran = await leave(script)
    expect(ran.changes?.put.map(({ path }) => path).toSorted()).toEqual(names.toSorted())
  })

  it.each([
    [
      '1,000,000 files',
      `python3 - <<'END'
made = 0
for i in range(1000000):
    try: open(str(i), 'w').close(); made += 1
    except OSError: break
print(made)
END`,
      'WORKSPACE_TOO_LARGE',
    ],
    [
      'a sparse file of 10 GB',
      'trap "" XFSZ; truncate -s 10G sparse; truncate -s 256M sparse',
      'WORKSPACE_TOO_LARGE',
    ],
    [
      'paths of more than 4,096 bytes',
      'for i in {1..25}; do mkdir $(printf %0200d $i); cd 0*; done; echo x > f',
      /WORKSPACE_TOO_LARGE|CHANGES_REJECTED/,
    ],
    [
      '60 files of 5 MB',
      'for i in {1..60}; do head -c 4M /dev/zero > f$i; done; truncate -s 9M f*',
      'WORKSPACE_TOO_LARGE',
    ],
  ])('is refused whole, and said so: %s', async (_what, script, code) => {
    const files = { kept: 'of before' }
    const ran = await leave(script, files)
    expect(ran.error?.code).toMatch(code)
    expect(ran.changes).toBeNull()
    const growth = frontBytes(runner) - bytesBefore
    console.info(`${_what}: front grew by ${Math.round(growth / MB)} MB so far`)
    expect(growth).toBeLessThan(160 * MB)
    expect((await leave('cat kept', files)).stdout).toBe('of before')
  })

  it('is taken out at once though each of 15,000 folders was locked', async () => {
    const started = performance.now()
    const ran = await leave(`python3 - <<'END'
import os
for i in range(7500):
    os.makedirs('%d/inner' % i)
    os.chmod('%d/inner' % i, 0)
    os.chmod(str(i), 0)
os.chmod('7', 0o700)
open('7/f', 'w').close()
os.chmod('7', 0)
END`)
    expect(ran.changes?.put).toEqual([entry('7/f', '')])
    // A program for each of them took 20 s.
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  it('may be two names of one file, which become two files', async () => {
    const ran = await leave('echo x > a; ln a b; ln a c; echo y >> c')
    expect(ran.changes?.put).toEqual(['a', 'b', 'c'].map((path) => entry(path, 'x\ny\n')))
  })

  it('is readable though the workspace itself was locked away', async () => {
    const ran = await leave('echo x > f; mkdir d; echo y > d/g; chmod 000 d/g d f .')
    expect(ran.changes?.put).toEqual([entry('d/g', 'y\n', 0o600), entry('f', 'x\n', 0o600)])
  })
})
