import { describe, expect, it } from 'vitest'
import { exampleOf } from '../../../../src/dashboard/pages/custom-tools/example.ts'
import {
  blankTool,
  createParams,
  fieldsOf,
  nameOf,
  type Tool,
  updateParams,
  variablesIn,
} from '../../../../src/dashboard/pages/custom-tools/tool.ts'

const TOOL: Tool = {
  id: 'ctl_1',
  name: 'custom_ticket',
  kind: 'http',
  group: 'web',
  description: 'One ticket',
  agents: ['default'],
  enabled: true,
  parameters: { type: 'object', properties: { id: { type: 'string' } } },
  origin: 'https://tickets.example',
  method: 'GET',
  path: '/v1/{id}',
  query: {},
  body: null,
  command: '',
  timeout_seconds: 30,
  allow_private_network: false,
  headers: '***',
  env: '',
}
const before = fieldsOf(TOOL)
const changed = (said: Partial<typeof before>) => updateParams(TOOL, { ...before, ...said })

describe('what is sent of a tool’s form', () => {
  it('is nothing when nothing was changed, whatever the JSON looks like', () => {
    expect(changed({})).toBeNull()
    expect(changed({ parameters: JSON.stringify(TOOL.parameters) })).toBeNull()
  })

  it('is what was changed', () => {
    expect(changed({ method: 'POST', body: '{"id": "{id}"}', headers: 'X-Key: v' })).toEqual({
      id: 'ctl_1',
      method: 'POST',
      body: { id: '{id}' },
      headers: { 'X-Key': 'v' },
    })
    expect(changed({ forgetsSecrets: true })).toEqual({ id: 'ctl_1', headers: null })
  })

  it('leaves agents alone that stand in another order: one of them may be gone', () => {
    const tool = { ...TOOL, agents: ['gone', 'default'] }
    const sent = (agents: readonly string[]) =>
      updateParams(tool, { ...fieldsOf(tool), path: '/v2', agents })
    expect(sent(['default', 'gone'])).toEqual({ id: 'ctl_1', path: '/v2' })
    expect(sent(['default'])).toMatchObject({ agents: ['default'] })
  })

  it('has a body of any JSON, as the gateway takes it', () => {
    const tool: Tool = { ...TOOL, method: 'POST', body: ['{id}'] }
    const sent = (said: object) => updateParams(tool, { ...fieldsOf(tool), ...said })
    expect(sent({ path: '/v2' })).toEqual({ id: 'ctl_1', path: '/v2' })
    expect(sent({ body: '[1, "{id}"]' })).toEqual({ id: 'ctl_1', body: [1, '{id}'] })
    expect(() => sent({ body: '[1' })).toThrow('Body, line 1')
  })

  it('holds of a command nothing that a request has', () => {
    const made = createParams('tidy', 'script', { ...blankTool, command: 'ls', env: 'A=b=c' })
    expect(made).toMatchObject({ name: 'custom_tidy', command: 'ls', env: { A: 'b=c' } })
    for (const member of ['origin', 'method', 'path', 'body', 'group', 'headers'])
      expect(made).not.toHaveProperty(member)
  })

  it('keeps a command, and its variables, whose lines end in another way', () => {
    const tool: Tool = { ...TOOL, kind: 'script', command: 'cd a\r\nls', env: '***' }
    const sent = (command: string) => updateParams(tool, { ...fieldsOf(tool), command })
    expect(sent('cd a\nls')).toBeNull()
    expect(sent('cd a\nls -l')).toEqual({ id: 'ctl_1', command: 'cd a\nls -l' })
  })

  it.each([
    [{ parameters: '{"type": }' }, 'Arguments, line 1'],
    [{ query: '{"a": 1}' }, 'every value is a text'],
    [{ headers: 'only-a-key' }, 'Headers: Line 1'],
  ])('says what is wrong in %j', (said, what) => {
    expect(() => changed(said)).toThrow(what)
  })

  it('begins with the prefix once', () => {
    expect(nameOf('ticket')).toBe('custom_ticket')
    expect(nameOf('custom_ticket')).toBe('custom_ticket')
  })

  it('does not repeat a variable that it cannot read', () => {
    expect(() => variablesIn('A=1\nsecret-by-itself')).toThrow('line 2')
    expect(() => variablesIn('secret-by-itself')).not.toThrow('secret-by-itself')
  })
})

describe('arguments to try a tool with', () => {
  it('are those that it asks for, of their types', () => {
    const schema = {
      properties: {
        id: { type: 'string' },
        size: { type: 'integer', default: 5 },
        kind: { enum: ['a', 'b'] },
        more: { type: 'boolean' },
      },
      required: ['id', 'size', 'kind'],
    }
    expect(exampleOf(schema)).toEqual({ id: '', size: 5, kind: 'a' })
    expect(exampleOf({ type: 'object' })).toEqual({})
  })
})
