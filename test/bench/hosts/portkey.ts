/**
 * Portkey's gateway as its package starts it, on a port of this machine. With the web server that it
 * asks for, its streamed answers fail on current Node: it appends to the headers of what `fetch`
 * answered, which are immutable. They are handed to it writable, which costs it one copy.
 */
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { settingsOf } from './settings.ts'

const { port } = settingsOf<{ port: number }>()
const platformFetch = globalThis.fetch
globalThis.fetch = async (input, init) => {
  const response = await platformFetch(input, init)
  Object.defineProperty(response, 'headers', { value: new Headers(response.headers) })
  return response
}
const manifest = createRequire(import.meta.url).resolve('@portkey-ai/gateway/package.json')
process.argv.push(`--port=${port}`, '--headless')
await import(new URL('build/start-server.js', pathToFileURL(manifest)).href)
