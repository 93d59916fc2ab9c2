/**
 * Sets of texts with a credential in them, as they are kept: one JSON object a line, written backwards, so
 * that no scanner takes a made-up token for a leak. They are read where they are, and never copied.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

export interface SecretRow {
  readonly id: string
  readonly input: string
  readonly secret?: string
  readonly reversed?: boolean
}

const turned = (text: string): string => [...text].reverse().join('')

export const readSecrets = (folder: string, set: string): readonly SecretRow[] =>
  readFileSync(resolve(folder, `${set}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as SecretRow)
    .map((row) =>
      row.reversed === true
        ? { ...row, input: turned(row.input), secret: turned(row.secret ?? '') }
        : row,
    )
