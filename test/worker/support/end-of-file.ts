/**
 * At the end of every file. An object that hears of a closed socket, or whose timer is due, only while the
 * runner takes the file's modules away fails the whole run, whatever the tests said.
 */
import { reset } from 'cloudflare:test'
import { afterAll } from 'vitest'
import { closeAllSockets } from './socket.ts'

afterAll(async () => {
  await closeAllSockets()
  await reset()
}, 60_000)
