/** Kinds of security events as people read them. */
const NAMES: Readonly<Record<string, string>> = {
  ssrf: 'SSRF',
  cors: 'CORS',
  mcp: 'MCP',
}

/** `security.tool_denied` → `Tool denied`. */
export function kindWords(name: string): string {
  const words = name
    .replace(/^security\./, '')
    .split('_')
    .map((word) => NAMES[word] ?? word)
    .join(' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
