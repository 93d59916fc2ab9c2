// Writes what the command line knows of the operations: run it when the registry has changed.
import { writeFileSync } from 'node:fs'
import { operationShapes } from '../src/api/operation-shapes.ts'
import { OPERATIONS } from '../src/api/registry.ts'

const file = new URL('../src/cli/operations.json', import.meta.url)
writeFileSync(file, `${JSON.stringify(operationShapes(OPERATIONS), null, 1)}\n`)
