/** What is known of the operations without asking a gateway: the file that the registry was written to. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { OperationShape, OperationShapes } from '../api/operation-shapes.ts'
import { ROOT } from './root.ts'

export type { OperationShape, OperationShapes, ParamShape } from '../api/operation-shapes.ts'

let shapes: OperationShapes | null = null

export function operationShapes(): OperationShapes {
  const path = resolve(ROOT, 'src/cli/operations.json')
  shapes ??= JSON.parse(readFileSync(path, 'utf8')) as OperationShapes
  return shapes
}

export const shapeOf = (name: string, known = operationShapes()): OperationShape | undefined =>
  Object.hasOwn(known, name) ? known[name] : undefined
