import { describe, expect, it } from 'vitest'
import type { CustomRequest } from '../../../../src/domain/custom-tool.ts'
import { checkRequest, fillRequest } from '../../../../src/tools/custom/request.ts'

const ORIGIN = 'https://api.example'
const template: CustomRequest = {
  method: 'POST',
  path: '/v1/items/{id}/notes',
  query: { q: '{query}', fixed: 'a b', both: '{id}-{query}' },
  body: { title: 'note: {text}', count: '{count}', list: ['{text}', 1, null] },
}
const fill = (args: Readonly<Record<string, unknown>>, request = template) =>
  fillRequest(ORIGIN, request, args)

describe('the request of a custom tool', () => {
  it('has its arguments encoded for where they stand', () => {
    const filled = fill({ id: 'a/b?c#d', query: 'x&y=z', text: '"}, "admin": true', count: 3 })
    if (!filled.ok) throw new Error(filled.error)
    const url = new URL(filled.value.url)
    expect(url.pathname).toBe('/v1/items/a%2Fb%3Fc%23d/notes')
    expect([...url.searchParams]).toEqual([
      ['q', 'x&y=z'],
      ['fixed', 'a b'],
      ['both', 'a/b?c#d-x&y=z'],
    ])
    expect(JSON.parse(filled.value.body ?? '')).toEqual({
      title: 'note: "}, "admin": true',
      count: 3,
      list: ['"}, "admin": true', 1, null],
    })
  })

  it('leaves out what is not given', () => {
    const filled = fill({ id: 1 })
    if (!filled.ok) throw new Error(filled.error)
    expect(new URL(filled.value.url).searchParams.has('q')).toBe(false)
    expect(JSON.parse(filled.value.body ?? '')).toEqual({ title: 'note: ', list: [1, null] })
  })

  it.each([
    '.',
    '..',
    '%2e%2e',
    '../../admin',
    '//evil.example',
    '@evil.example',
    'https://evil.example/',
    'a\r\nHost: evil.example',
    '\\..\\..',
    '%00',
    '\u202e',
    '{query}',
  ])('goes to the same host and the same depth whatever the argument: %j', (id) => {
    const filled = fill({ id, query: 'q' })
    if (!filled.ok) {
      expect(filled.error).toContain('cannot stand in the path')
      return
    }
    const url = new URL(filled.value.url)
    expect(url.origin).toBe(ORIGIN)
    expect(url.pathname.split('/')).toHaveLength(5)
    expect(url.pathname).toMatch(/^\/v1\/items\/[^/]+\/notes$/)
    expect(filled.value.url).not.toMatch(/[\r\n]/)
  })

  it.each([
    ['nothing', {}],
    ['an empty text', { id: '' }],
    ['a list', { id: ['x'] }],
    ['half a character', { id: '\ud800' }],
    ['one dot', { id: '.' }],
    ['two dots', { id: '..' }],
    ['a member of every object', { id: undefined }],
  ])('is not made with %s in its path', (_, args) => {
    expect(fill(args).ok).toBe(false)
  })

  it('is made of own members of the arguments alone', () => {
    const request = { ...template, path: '/x/{constructor}', query: {}, body: null }
    expect(fill({}, request).ok).toBe(false)
  })

  it('is not longer than an address may be', () => {
    expect(fill({ id: 'x', query: 'y'.repeat(9_000) }).ok).toBe(false)
  })
})

describe('a template', () => {
  const names = new Set(['id', 'query', 'text', 'count'])
  const check = (fields: Partial<CustomRequest>) => checkRequest({ ...template, ...fields }, names)

  it('is taken when it names arguments that there are', () => {
    expect(checkRequest(template, names)).toEqual({ ok: true, value: null })
    expect(checkRequest(template, new Set(['id'])).ok).toBe(false)
  })

  it.each([
    ['another host', { path: '//evil.example/' }],
    ['no slash', { path: 'v1' }],
    ['a user of another host', { path: '@evil.example/' }],
    ['a query in the path', { path: '/a?b={id}' }],
    ['a fragment', { path: '/a#b' }],
    ['a backslash', { path: '/a\\b' }],
    ['a line end', { path: '/a\r\nb' }],
    ['parts that lead up', { path: '/a/../b' }],
    ['the same, encoded', { path: '/a/%2e%2E/b' }],
    ['an odd escape', { path: '/a/%zz' }],
    ['a body that a GET has not', { method: 'GET' as const }],
    ['an argument that there is not, in the body', { body: { a: [{ b: '{nobody}' }] } }],
  ])('is refused with %s', (_, fields) => {
    expect(check(fields).ok).toBe(false)
  })
})
