/** Colours of code, for the languages that agents write most. Loaded when the first code is shown. */
import bash from 'highlight.js/lib/languages/bash'
import cpp from 'highlight.js/lib/languages/cpp'
import css from 'highlight.js/lib/languages/css'
import diff from 'highlight.js/lib/languages/diff'
import go from 'highlight.js/lib/languages/go'
import ini from 'highlight.js/lib/languages/ini'
import java from 'highlight.js/lib/languages/java'
import javascript from 'highlight.js/lib/languages/javascript'
import json from 'highlight.js/lib/languages/json'
import python from 'highlight.js/lib/languages/python'
import rust from 'highlight.js/lib/languages/rust'
import sql from 'highlight.js/lib/languages/sql'
import typescript from 'highlight.js/lib/languages/typescript'
import xml from 'highlight.js/lib/languages/xml'
import yaml from 'highlight.js/lib/languages/yaml'
import { createLowlight } from 'lowlight'

const lowlight = createLowlight({
  bash,
  cpp,
  css,
  diff,
  go,
  ini,
  java,
  javascript,
  json,
  python,
  rust,
  sql,
  typescript,
  xml,
  yaml,
})

export interface Coloured {
  readonly text: string
  /** Empty: the colour of all text. */
  readonly className: string
}

type Tree = ReturnType<typeof lowlight.highlight>
type Node = Tree['children'][number]

function flatten(nodes: readonly Node[], className: string): readonly Coloured[] {
  return nodes.flatMap((node): readonly Coloured[] => {
    if (node.type === 'text') return [{ text: node.value, className }]
    if (node.type !== 'element') return []
    const named = node.properties['className']
    return flatten(node.children, Array.isArray(named) ? named.join(' ') : className)
  })
}

/** Null for a language that is not known here. */
export function colour(code: string, language: string): readonly Coloured[] | null {
  if (!lowlight.registered(language)) return null
  return flatten(lowlight.highlight(language, code).children, '')
}
