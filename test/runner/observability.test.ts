/** What an operator sees of a runner: real figures, and never a word of what was run. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parsePrometheusText, seriesValue } from '../support/prometheus-text.ts'
import {
  ensureImage,
  job,
  missingEngine,
  postExec,
  type RunnerProcess,
  run,
  send,
  sha256,
  startRunner,
} from './runner-process.ts'
import { jobOn, runWithFiles } from './with-files.ts'

const missing = await missingEngine()
const CANARY = 'kanari'
const name = (rest: string): string => `edgeclaw_runner_${rest}`

describe.skipIf(missing !== null)('what a runner tells its operator', () => {
  let runner: RunnerProcess
  beforeAll(async () => {
    ensureImage()
    runner = await startRunner()
  })
  afterAll(() => runner?.stop())

  const scrape = async () => {
    const response = await fetch(`${runner.endpoint.url}/metrics`)
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    return response.text()
  }

  it('counts and times what ran, what was refused and what was fetched', async () => {
    const files = { 'a.txt': 'aaaa', 'b.txt': 'bbbb' }
    await runWithFiles(runner, jobOn('cat a.txt; echo 12 >&2; echo new > c.txt', files), files)
    // In another session, whose container does not hold the files already.
    const other = { session: 'agent:main:ws:direct:other' }
    await runWithFiles(runner, jobOn('kill -SEGV $$', files, 'ro'), files, other)
    const slow = { memoryMb: 512, cpus: 1, pids: 128, timeoutMs: 300, outputBytes: 1_048_576 }
    await run(runner, job('sleep 20', { profile: { limits: slow } }))
    const unfit = { ...job('true'), profileHash: sha256('another') }
    expect((await postExec(runner, unfit)).status).toBe(400)
    expect((await fetch(`${runner.endpoint.url}/v1/exec`, { method: 'POST' })).status).toBe(401)
    const inside = {
      url: 'http://127.0.0.1/',
      method: 'GET',
      headers: {},
      maxBytes: 1,
      timeoutMs: 1_000,
      maxRedirects: 0,
    }
    const fetched = await send(runner, 'POST', '/v1/fetch', 'f', JSON.stringify(inside))
    expect(fetched.status).toBe(403)

    const families = parsePrometheusText(await scrape())
    const value = (series: string) => seriesValue(families, name(series))
    expect(value('execs_started_total')).toBe(3)
    expect(value('execs_ended_total{reason="exited"}')).toBe(1)
    expect(value('execs_ended_total{reason="signal"}')).toBe(1)
    expect(value('execs_ended_total{reason="timed_out"}')).toBe(1)
    expect(value('requests_refused_total{code="INVALID_JOB"}')).toBe(1)
    expect(value('requests_refused_total{code="UNAUTHENTICATED"}')).toBe(1)
    expect(value('fetches_total{outcome="FETCH_REFUSED"}')).toBe(1)
    expect(value('blob_lookups_total{result="miss"}')).toBe(2)
    expect(value('blob_lookups_total{result="hit"}')).toBe(2)
    expect(value('bytes_total{kind="blobs_received"}')).toBe(8)
    expect(value('bytes_total{kind="changes"}')).toBe(4)
    expect(value('bytes_total{kind="stdout"}')).toBe(4)
    expect(value('bytes_total{kind="stderr"}')).toBe(3)
    expect(value('blob_cache_bytes')).toBe(12)
    expect(value('execs_running')).toBe(0)
    expect(value('well')).toBe(1)
    expect(value('exec_prepare_seconds_count')).toBe(3)
    expect(value('exec_changes_seconds_count')).toBe(1)
    expect(value('exec_command_seconds_sum')).toBeGreaterThanOrEqual(0.3)
    expect(value('exec_seconds_sum')).toBeGreaterThan(value('exec_command_seconds_sum') ?? 0)
  })

  it('says nothing of commands, paths, contents, variables, addresses or people', async () => {
    const files = { [`${CANARY}-path/f`]: `${CANARY}-content` }
    const request = {
      ...jobOn(
        `cat ${CANARY}-path/f; echo ${CANARY}-script $${CANARY}_NAME; cat
         echo x > ${CANARY}-new; ln -s ${CANARY}-target link; echo ${CANARY}-error >&2`,
        files,
        'rw',
        `${CANARY}-workspace`,
      ),
      env: { [`${CANARY}_NAME`]: `${CANARY}-value` },
      stdin: `${CANARY}-stdin`,
    }
    const caller = { tenant: `${CANARY}-tenant`, session: `${CANARY}-session` }
    const ran = await runWithFiles(runner, request, files, caller)
    for (const what of ['content', 'script', 'value', 'stdin']) {
      expect(ran.stdout).toContain(`${CANARY}-${what}`)
    }
    expect(ran.changes?.put.map(({ path }) => path)).toEqual([`${CANARY}-new`])

    // What goes wrong says no more: names that cannot be kept, unfit jobs, foreign tokens and paths.
    const odd = jobOn(`touch $'${CANARY}\\x01'`, {})
    expect((await run(runner, odd, caller)).error?.message).toContain(CANARY)
    const argv = [`/bin/${CANARY}-program`, `${CANARY}-argument`]
    await run(runner, job('', { command: { kind: 'argv', argv } }), caller)
    const unfit = { ...job('true'), [`${CANARY}-key`]: `${CANARY}-unknown` }
    const refused = await postExec(runner, unfit, caller)
    expect(await refused.text()).toContain(CANARY)
    const image = job('true', { profile: { image: `${CANARY}-image:latest` } })
    expect((await run(runner, image, caller)).error?.code).toBe('INVALID_JOB')
    const path = `/v1/exec/${CANARY}-exec?${CANARY}-query`
    await send(runner, 'GET', path, `${CANARY}-exec`, undefined, caller)
    await send(runner, 'GET', `/${CANARY}-route`, 'e', undefined, { token: `${CANARY}-token` })
    const address = {
      url: `http://${CANARY}.invalid/${CANARY}`,
      method: 'GET',
      headers: { [`x-${CANARY}`]: CANARY },
      maxBytes: 1,
      timeoutMs: 2_000,
      maxRedirects: 0,
    }
    await send(runner, 'POST', '/v1/fetch', 'f', JSON.stringify(address), caller)

    const logs = runner.logs()
    expect(logs.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['exec_started', 'exec_ended', 'unauthenticated']),
    )
    const ended = logs.filter(({ execId }) => execId === request.execId).at(-1)
    expect(ended).toMatchObject({ event: 'exec_ended', reason: 'exited' })
    expect(JSON.stringify(logs)).not.toContain(CANARY)
    expect(await scrape()).not.toContain(CANARY)
    // Lines of JSON with fields that are listed here: a new one is looked at before it is logged.
    const fields = new Set(logs.flatMap((line) => Object.keys(line)))
    const known = ['time', 'event', 'execId', 'reason', 'ms', 'error', 'method', 'count', 'running']
    expect([...fields].filter((field) => !known.includes(field))).toEqual([])
  })
})
