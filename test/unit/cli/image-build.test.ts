import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isAlive } from '../../../src/cli/processes.ts'
import { buildImage } from '../../../src/cli/start/image-build.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'edgeclaw-image-build-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function start(body: string, progressEveryMs = 0) {
  const script = join(dir, 'build')
  writeFileSync(script, `#!/bin/sh\n${body}\n`)
  chmodSync(script, 0o755)
  const lines: string[] = []
  const said = Promise.withResolvers<void>()
  const build = buildImage({
    script,
    image: 'image:1',
    dockerHost: 'unix:///d.sock',
    progressEveryMs,
    onLine: (line) => {
      lines.push(line)
      said.resolve()
    },
  })
  return { build, lines, said: said.promise }
}

describe('buildImage', () => {
  it('tells progress and the end, and hands over engine and name', async () => {
    const { build, lines } = start(
      'echo "sandbox image: $EDGECLAW_SANDBOX_IMAGE on $DOCKER_HOST (0 s)"',
    )
    expect(await build.done).toBe(true)
    expect(lines).toEqual(['image:1 on unix:///d.sock (0 s)', 'ready after 0 s'])
  })

  it('shows one line of many that come at once', async () => {
    const { build, lines } = start('echo a; echo b; echo c', 60_000)
    await build.done
    expect(lines).toEqual(['a', 'ready after 0 s'])
  })

  it('tells the last reason when it fails', async () => {
    const { build, lines } = start('echo first >&2; echo "no space left" >&2; exit 4')
    expect(await build.done).toBe(false)
    expect(lines).toEqual(['failed (exit 4): no space left'])
  })

  it('tells that the script is missing', async () => {
    const lines: string[] = []
    const onLine = (line: string) => void lines.push(line)
    const script = join(dir, 'none')
    const build = buildImage({ script, image: 'i', dockerHost: 'd', onLine })
    expect(await build.done).toBe(false)
    expect(lines).toEqual([`cannot be built: ${script} is missing`])
  })

  it('ends with all that the script started when it is stopped, without a complaint', async () => {
    const pidFile = join(dir, 'pid')
    const { build, lines, said } = start(`sleep 600 & echo $! > ${pidFile}; echo started; wait`)
    await said
    expect(existsSync(pidFile)).toBe(true)
    await build.stop()
    expect(await build.done).toBe(false)
    expect(lines).toEqual(['started'])
    // An orphan that has been killed may stay listed until init has looked at it.
    const pid = Number(readFileSync(pidFile, 'utf8'))
    const isGone = !isAlive(pid) || /\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    expect(isGone).toBe(true)
  })
})
