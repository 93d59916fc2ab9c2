import { expect, it } from 'vitest'
import { kindWords } from '../../../../src/dashboard/ui/event-words.ts'

it.each([
  ['security.tool_denied', 'Tool denied'],
  ['ssrf_blocked', 'SSRF blocked'],
  ['mcp_tool_changed', 'MCP tool changed'],
])('reads %s as %s', (name, words) => {
  expect(kindWords(name)).toBe(words)
})
