/**
 * At the end of every file. An object that hears of a closed socket only while the runner takes the
 * file's modules away fails the whole run, whatever the tests said.
 */
import { afterAll } from 'vitest'
import { closeAllSockets } from './socket.ts'

afterAll(closeAllSockets)
