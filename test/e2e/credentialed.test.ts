/**
 * A registered binary from its registration to the model's answer, through the product as it runs:
 * the credential does its work and is to be found nowhere, neither said nor stored nor logged.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../src/cli/client.ts'
import { missingDocker } from '../support/docker.ts'
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.ts'

const TOKEN = 'deploy/token+of~this-test 0123456789'
const FORMS = [
  TOKEN,
  JSON.stringify(TOKEN),
  encodeURIComponent(TOKEN),
  btoa(TOKEN).replace(/=+$/, ''),
  btoa(`user:${TOKEN}`).slice(8, -4),
]
const SESSION = 'agent:default:ws:direct:credentialed'

const withoutDocker = await missingDocker('registered binaries')

describe.skipIf(withoutDocker !== null)('a registered binary', () => {
  let gateway: GatewayProcess
  let client: GatewayClient
  const heard: string[] = []

  beforeAll(async () => {
    gateway = await startGatewayProcess()
    client = await gateway.connect()
    const unlimited = { gateway: { rate_limit_rpm: 0, rate_limit_session_rpm: 0 } }
    await client.request('config.patch', { raw: unlimited })
    client.onEvent((event) => heard.push(JSON.stringify(event)))
  })
  afterAll(async () => {
    client?.close()
    await gateway?.stop()
  })

  async function say(message: string): Promise<string> {
    const answer = (await client.request('chat.send', { sessionKey: SESSION, message })) as {
      readonly content: string
    }
    heard.push(answer.content)
    return answer.content
  }
  const ask = async (
    method: string,
    params: Readonly<Record<string, unknown>>,
  ): Promise<Record<string, unknown>> => {
    const answer = (await client.request(method, params)) as Record<string, unknown>
    heard.push(JSON.stringify(answer))
    return answer
  }

  it('is any program until it is registered', async () => {
    expect(await say(`run: jq -n '"free"'`)).toContain('"free"')
  })

  it('shows the names of its variables, and never a value', async () => {
    const env = { DEPLOY_TOKEN: TOKEN, DEPLOY_STAGE: 'production' }
    const created = await ask('secure_cli.create', {
      name: 'jq',
      absolute_path: '/usr/bin/jq',
      env,
    })
    expect(created).toMatchObject({ name: 'jq', has_credential: true, enabled: true })
    expect(await ask('secure_cli.get', { id: 'jq' })).toMatchObject({
      env_names: ['DEPLOY_STAGE', 'DEPLOY_TOKEN'],
    })
    await ask('secure_cli.list', {})
  })

  it('is refused to an agent without a grant, at once and however it is called', async () => {
    for (const command of ['jq -n 1', 'jq -n 1 | cat', 'bash -c "jq -n 1"', 'env jq -n 1']) {
      expect(await say(`run: ${command}`), command).toContain('this agent may not use it')
    }
  })

  it('works with its credential once granted, and prints it in no form', async () => {
    await ask('secure_cli.grants.grant', { id: 'jq', agent_id: 'default', deny_args: ['--debug*'] })
    expect(await say(`run: jq -n 'env.DEPLOY_TOKEN | length'`)).toContain(String(TOKEN.length))
    for (const filter of [
      '.',
      '@json',
      '@uri',
      '@base64',
      '"user:" + . | @base64',
      '"x" + . | @base64',
    ]) {
      const content = await say(`run: jq -nr 'env.DEPLOY_TOKEN | ${filter}'`)
      expect(content, filter).toContain('[REDACTED]')
      expect(content, filter).toContain('[exit code 0]')
    }
    expect(await say('run: jq -n --debug-dump-disasm 1')).toContain('arguments are not allowed')
  })

  it('is called plainly or not at all', async () => {
    expect(await say('run: jq -n env.DEPLOY_TOKEN > stolen')).toContain('call it plainly')
    expect(await say('run: timeout 5 jq -n env.DEPLOY_TOKEN')).toContain('behind another program')
    expect(await say('run: nice nohup env timeout 5 jq -n 1')).toContain('too many other programs')
    expect(await say('run: test -n "$DEPLOY_TOKEN" || echo none; ls')).toMatch(/none\n(?!.*stolen)/)
  })

  it('tells the admin of every refusal', async () => {
    const binaryEvents = async () => {
      const { events } = (await ask('security.events.list', { limit: 100 })) as unknown as {
        readonly events: readonly Readonly<Record<string, unknown>>[]
      }
      return events.filter(({ name }) => String(name).includes('credentialed_binary'))
    }
    await expect.poll(binaryEvents).toContainEqual(
      expect.objectContaining({
        name: 'security.credentialed_binary_wrapper_too_deep',
        binary: 'jq',
        wrapper: 'nice nohup env timeout',
        command: 'nice nohup env timeout 5 jq -n 1',
        agent_id: expect.stringMatching(/^agt_/),
        tenant_id: expect.stringMatching(/^ten_/),
      }),
    )
    expect((await binaryEvents()).map(({ reason }) => reason)).toEqual(
      expect.arrayContaining(['no_grant', 'arguments', 'not_plain', 'wrapped']),
    )
  })

  it('has no credential once it is another program, or reaches other hosts', async () => {
    expect(
      await ask('secure_cli.update', { id: 'jq', hosts: ['b.example', 'a.example'] }),
    ).toMatchObject({
      has_credential: false,
      hosts: ['a.example', 'b.example'],
    })
    expect(await say('run: jq -n 1')).toContain('its credential is not set')
    await ask('secure_cli.update', { id: 'jq', env: { DEPLOY_TOKEN: TOKEN } })
    // It runs again; what a program with a way out says is text from outside.
    expect(await say('run: jq -n 1')).toMatch(/EXTERNAL_UNTRUSTED.*\[exit code 0\]/s)
    const refused = ask('secure_cli.update', { id: 'jq', absolute_path: '/workspace/jq' })
    await expect(refused).rejects.toThrow(/absolute_path/)
  })

  it('is any program again when it is gone', async () => {
    await ask('secure_cli.delete', { id: 'jq' })
    expect(await say('run: jq -n env.DEPLOY_TOKEN')).toContain('null')
  })

  it('left its credential nowhere', async () => {
    heard.push(JSON.stringify(await client.request('chat.history', { sessionKey: SESSION })))
    heard.push(gateway.output())
    const stored = readdirSync(gateway.state, { recursive: true, encoding: 'utf8' })
      .map((name) => join(gateway.state, name))
      .filter((path) => statSync(path).isFile())
      .map((path) => readFileSync(path, 'latin1'))
    expect(stored.some((text) => text.includes('secure_cli_binaries'))).toBe(true)
    for (const text of [...heard, ...stored]) {
      for (const form of FORMS) expect(text.includes(form), form).toBe(false)
    }
  })
})
