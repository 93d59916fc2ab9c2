/** Where this checkout lies: every other path of the command line starts here. */

import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = resolve(fileURLToPath(new URL('../..', import.meta.url)))
export const DIST = resolve(ROOT, 'dist')
export const VERSION_FILE = resolve(ROOT, 'package.json')
