/** Hands something over as a file: it is saved, and never opened here. */
import { signedLink } from '../client/http.ts'

function save(name: string, address: string): void {
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.rel = 'noopener noreferrer'
  link.click()
}

export function downloadText(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }))
  save(name, address)
  URL.revokeObjectURL(address)
}

/** @param user whose workspace it is in, where that is another's */
export async function downloadFile(path: string, agent: string, user?: string): Promise<void> {
  save(path.split('/').at(-1) ?? 'file', await signedLink(path, agent, user))
}
