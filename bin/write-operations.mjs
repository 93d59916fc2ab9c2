// Writes what the command line and the dashboard know of the operations: run it when the registry has changed.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { operationShapes } from '../src/api/operation-shapes.ts'
import { OPERATIONS } from '../src/api/registry.ts'
import { clientTypes } from './client-types.ts'

const file = new URL('../src/cli/operations.json', import.meta.url)
writeFileSync(file, `${JSON.stringify(operationShapes(OPERATIONS), null, 1)}\n`)

const folder = new URL('../src/dashboard/client/operations/', import.meta.url)
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
for (const [name, text] of clientTypes(OPERATIONS))
  writeFileSync(new URL(`${name}.ts`, folder), text)
