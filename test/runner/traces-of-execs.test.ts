/** From the socket's frame to the process in the sandbox: one trace, also where the runner names its own span. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { traceExec } from '../../src/gateway/traced-exec.ts'
import { CEILINGS } from '../../src/isolation/limits.ts'
import { createRunnerSandbox } from '../../src/isolation/runner-client.ts'
import { encodeTraces } from '../../src/telemetry/otlp.ts'
import { Trace } from '../../src/telemetry/trace.ts'
import { createMemoryWorkspace } from '../support/memory-workspace.ts'
import { orphansOf, receiveSpans } from '../support/otlp-receiver.ts'
import { ensureImage, missingEngine, type RunnerProcess, startRunner } from './runner-process.ts'

const missing = await missingEngine()
const CANARY = 'kanari'

describe.skipIf(missing !== null)('the trace of a command', () => {
  let runner: RunnerProcess
  beforeAll(async () => {
    ensureImage()
    runner = await startRunner()
  })
  afterAll(() => runner?.stop())

  it('goes on in the runner, whose log names the same span', async () => {
    const trace = new Trace({ runId: 'run_1', parent: null, now: Date.now })
    const entry = trace.root({ name: 'chat.send', kind: 'server' })
    const run = entry.start({ name: 'invoke_agent main' })
    const call = run.start({ name: 'execute_tool exec' })
    const traced = traceExec(call, Date.now)
    const sandbox = createRunnerSandbox({
      runners: [runner.endpoint],
      signKey: runner.signKey,
      fetch: (input, init) => fetch(input, init),
      workspace: createMemoryWorkspace(),
      tenant: 'ten_a',
      session: 'agent:main:ws:direct:traced',
      workspaceId: 'ten_a/agt_1/user',
      access: 'rw',
      scope: 'session',
      limits: CEILINGS,
      now: Date.now,
      ...traced.options,
    })
    const request = {
      execId: 'exec-traced',
      command: `echo ${CANARY}; exit 3`,
      cwd: '',
      isResumed: false,
      hasSeenUntrusted: false,
    }
    const options = { signal: new AbortController().signal, onSlow: () => {} }
    const result = await traced.result(sandbox.exec(request, options))
    expect(result).toMatchObject({ ok: true, value: { exitCode: 3 } })
    for (const span of [call, run, entry]) span.end()

    const { spans = [] } = trace.collect() ?? {}
    const body = encodeTraces([{ traceId: trace.traceId, spans }], { tenant: 't', version: '1' })
    const received = receiveSpans(body)
    expect(orphansOf(received)).toEqual([])
    expect(new Set(received.map(({ traceId }) => traceId))).toEqual(new Set([trace.traceId]))
    const exec = received.find(({ name }) => name === 'sandbox_exec')
    const process = received.find(({ name }) => name === 'process')
    expect(process).toMatchObject({
      parentSpanId: exec?.spanId,
      service: 'edgeclaw-sandbox-runner',
      attributes: { 'process.exit.code': 3 },
    })
    expect(JSON.stringify(received)).not.toContain(CANARY)
    // The last line is written when the container is put away.
    const logged = await vi.waitFor(() => {
      const lines = runner.logs().filter(({ traceId }) => traceId === trace.traceId)
      expect(lines.map(({ event }) => event)).toEqual(['exec_started', 'exec_ended'])
      return lines
    })
    for (const line of logged) {
      expect(line).toMatchObject({ spanId: process?.spanId, parentSpanId: exec?.spanId })
    }
  })
})
